//! Very large scans: are they computed in bounded pieces, without a page that nobody could open?
use assert_cmd::cargo::cargo_bin;
use std::process::Command;

#[test]
fn ten_thousand_points_give_tables_and_no_page() {
    let folder = tempfile::tempdir().unwrap();
    let scan = "scan=[{path: projections.E<-I.p, linspace: [0.5, 1.0, 10001]}]";
    let config = concat!(env!("CARGO_MANIFEST_DIR"), "/configs/quickstart.yaml");
    let output = Command::new(cargo_bin("snn-ensemble"))
        .args([
            "run",
            config,
            "--backend",
            "cpu",
            "--out",
            "out",
            "--set",
            scan,
            "--set",
            "models=[{dsode: {bin: 20}}]",
        ])
        .args(["--set", "time.duration=0.3", "--set", "time.discard=0"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.contains("points.csv"), "{printed}");
    let out = folder.path().join("out");
    assert!(!out.join("report.html").exists());
    let points = std::fs::read_to_string(out.join("points.csv")).unwrap();
    assert_eq!(points.lines().count(), 1 + 10_001);
}
