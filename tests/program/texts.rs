//! Texts that a config or an option may hold: refused in few words, or written so that every reader reads the same.

use super::Place;
use super::small::SCAN;
use std::fs;

#[test]
fn names_that_look_like_something_else_are_quoted() {
    let place = Place::new();
    let check = place.run("check c.yaml --set name=NO");
    check.has(0, &["name: 'NO'"]);
    place.shell("sed 's/E:/on:/; s/E</on</g; s/-E/-on/g' c.yaml | $P check -").has(0, &["  'on':"]);
    let others = "$P check c.yaml --set 'sources={off: {rate: 1}}' | sed 's/E:/y:/; s/E</y</g; s/-E/-y/g'";
    let chosen = "--set 'record.neurons={members: 1, populations: [y]}'";
    place.shell(&format!("{others} | $P check - {chosen}")).has(0, &["  'off':", "  - 'y'"]);
    // the program reads what it wrote
    place.shell("$P check c.yaml --set name=on >d.yaml && $P check d.yaml").has(0, &["name: 'on'"]);
}

#[test]
fn texts_that_say_nothing_are_refused() {
    let place = Place::new();
    for (arguments, words) in [
        ("check c.yaml --set name=\"\"", "name: found an empty text"),
        ("check c.yaml --set scan=[{path:~\"\",values:~[1]}]", "scan.0.path: found an empty text"),
        ("run c.yaml --device= --out out", "no GPU adapter matches"),
        ("check c.yaml --set projections.E<-E.current=1", "current: unknown key (allowed"),
        ("check /dev/zero", "at most 4194304 bytes"),
        ("check c.yaml --set realisations=100000000", "10000000"),
        ("check c.yaml --set realisations=4000000000", "10000000"),
    ] {
        place.run(arguments).has(2, &[words]);
    }
    assert!(!place.at("out").exists());
}

#[test]
fn a_text_without_end_is_not_echoed() {
    let place = Place::new();
    std::fs::write(place.at("long.yaml"), format!("name: {}\n", "a ".repeat(1_000_000))).unwrap();
    let check = place.run("check long.yaml");
    check.has(2, &["characters ..."]);
    assert!(check.error.len() < 20_000, "{} bytes", check.error.len());
    let part = place.run(&format!("run c.yaml --backend cpu --out out --shard {}", "9".repeat(90_000)));
    part.has(2, &["characters ..."]);
    assert!(part.error.len() < 20_000, "{} bytes", part.error.len());
}

/// A word of another meaning is no slip of the pen; of two that are as near both are told.
#[test]
fn only_what_is_alike_is_suggested() {
    let place = Place::new();
    for (set, told) in [
        ("populations.E.rate=7", None),
        ("record.tails=1", None),
        ("projections.E<-E.dekay=1", Some("did you mean decay or delay?")),
        ("projections.E<-E.tau_=1", Some("did you mean tau?")),
        ("scan=[{path:~E,~values:~[1,2]}]", None),
    ] {
        let check = place.run(&format!("check c.yaml --set {set}"));
        check.has(2, told.as_slice());
        assert!(told.is_some() || !check.error.contains("did you mean"), "{set}: {check:?}");
    }
}

#[test]
fn an_error_is_told_once_and_with_options_that_there_are() {
    let place = Place::new();
    let missing = place.run("check none.yaml");
    missing.has(2, &["none.yaml: No such file"]);
    assert_eq!(missing.error.matches("No such file").count(), 1, "{missing:?}");
    place.run("run c.yaml --backend cpu --quiet --out out").has(0, &[]);
    place.run("run c.yaml --backend cpu --out out --set seed=4").has(2, &["another experiment", "--out"]);
    place.run("run c.yaml --backend cpu --quiet --out other --set seed=4").has(0, &[]);
    // a second run that holds the directory; `report` and `merge` have no --out
    let merged = place.shell("exec 9>other/.lock; flock 9; $P merge m out other");
    merged.has(1, &["another process"]);
    assert!(!merged.error.contains("--out"), "{merged:?}");
}

/// As editors and shells of Windows write configs: with a mark before the first byte, which is no part of the comment that the report quotes,
/// or with two bytes a letter.
#[test]
fn configs_of_windows_are_read_or_refused_with_the_fix() {
    let place = Place::new();
    let text = format!("# Is it so?\n{}", SCAN.trim_start()).replace('\n', "\r\n");
    fs::write(place.at("marked.yaml"), format!("\u{feff}{text}")).unwrap();
    place.run("run marked.yaml --backend cpu --quiet --out marked").has(0, &[]);
    assert!(
        place.read("marked/config.yaml").starts_with("# Is it so?\n")
            && place.read("marked/report.html").contains("Is it so?")
    );
    let wide: Vec<u8> = "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(place.at("wide.yaml"), wide).unwrap();
    place
        .run("run wide.yaml")
        .has(2, &["wide.yaml: it is UTF-16, as Windows PowerShell writes with >; save it as UTF-8"]);
    fs::write(place.at("latin.yaml"), [text.as_bytes(), b"# gr\xfc\xdfe\r\n"].concat()).unwrap();
    let line = text.lines().count() + 1;
    place.run("check latin.yaml").has(2, &[&format!("latin.yaml: line {line} is not UTF-8; save it as UTF-8")]);
}
