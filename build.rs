//! Puts the commit of the source, where there is one, into the program.

use std::process::Command;

/// What git says in a line, in a checkout or a work tree of one.
fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_string())
}

fn main() {
    let commit = git(&["rev-parse", "--short=12", "HEAD"]);
    println!("cargo:rustc-env=SNN_ENSEMBLE_COMMIT={}", commit.as_deref().unwrap_or("unknown"));
    // a file that is missing would have the program compiled anew each time
    println!("cargo:rerun-if-changed=build.rs");
    for name in ["HEAD", "refs/heads"] {
        if let Some(path) = git(&["rev-parse", "--git-path", name]) {
            println!("cargo:rerun-if-changed={path}");
        }
    }
}
