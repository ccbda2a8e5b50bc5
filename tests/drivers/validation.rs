use super::{of_chromium, quickstart};
use std::fs;
use std::path::Path;

const LAYER: &str = "VK_LAYER_KHRONOS_validation";
/// naga gives arrays in private memory a stride, which no driver looks at; wgpu hides the message as well.
const STRIDE: &str = "VUID-StandaloneSpirv-None-10684";

/// Core, object lifetimes, threads and synchronisation, over a batch of networks and one of `dsode` trajectories.
#[test]
fn the_validation_layer_has_no_complaint() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path();
    let library = of_chromium("libVkLayer_khronos_validation.so");
    let manifest = format!(
        r#"{{"file_format_version": "1.2.0", "layer": {{"name": "{LAYER}", "type": "GLOBAL", "library_path": "{}",
             "api_version": "1.3.0", "implementation_version": "1", "description": "validation"}}}}"#,
        library.display()
    );
    fs::write(directory.join("layer.json"), manifest).unwrap();
    let log = directory.join("log.txt");
    let settings = format!(
        "khronos_validation.debug_action = VK_DBG_LAYER_ACTION_LOG_MSG
khronos_validation.log_filename = {}
khronos_validation.report_flags = error,warn,perf,info
khronos_validation.validate_sync = true
khronos_validation.enable_message_limit = false
",
        log.display()
    );
    fs::write(directory.join("vk_layer_settings.txt"), settings).unwrap();
    let environment = [
        ("VK_INSTANCE_LAYERS", Path::new(LAYER)),
        ("VK_LAYER_PATH", directory),
        ("VK_LAYER_SETTINGS_PATH", directory),
        ("XDG_CACHE_HOME", directory),
    ];
    let models = ["--backend", "gpu", "--set", "models=[snn, dsode]", "--set", "connectivity=quenched"];
    quickstart(directory, "out", &models, &environment);
    let log = fs::read_to_string(log).expect("the layer writes that it is there");
    assert!(log.contains("CURRENT-VALIDATION-ENABLED") && log.contains("Synchronization"), "{log}");
    let complaints: Vec<&str> = log
        .split("\nValidation ")
        .filter(|message| message.contains("MessageID") && !message.contains(STRIDE))
        .filter(|message| !message.trim_start_matches("Validation ").starts_with("Information"))
        .collect();
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}
