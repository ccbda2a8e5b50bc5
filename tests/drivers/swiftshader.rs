use super::{of_chromium, program, quickstart};
use snn_ensemble::results::file;

#[test]
fn the_quickstart_has_the_spikes_of_the_cpu() {
    let folder = tempfile::tempdir().unwrap();
    let driver = of_chromium("vk_swiftshader_icd.json");
    // The loader takes this driver and no other.
    let environment = [("VK_DRIVER_FILES", driver.as_path()), ("VK_ICD_FILENAMES", driver.as_path())];
    let listed = program(folder.path(), &["devices"], &environment);
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert!(listed.contains("0: SwiftShader") && !listed.contains("1: "), "{listed}");
    quickstart(folder.path(), "gpu", &["--device", "swiftshader"], &environment);
    quickstart(folder.path(), "cpu", &["--backend", "cpu"], &[]);
    let members = |out: &str| std::fs::read(folder.path().join(out).join(file::MEMBERS)).unwrap();
    assert!(members("gpu") == members("cpu"), "members differ");
}
