//! Texts that nobody thought of: a config after slips of the keyboard.

use super::BASE;
use proptest::prelude::*;
use snn_ensemble::config::load;

/// One edit of a text: what a slip of the keyboard or a bad merge does.
#[derive(Clone, Debug)]
enum Edit {
    Delete { at: usize, count: usize },
    Insert { at: usize, text: String },
    Repeat { from: usize, count: usize, at: usize },
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = 0..BASE.len();
    let fragments =
        "[-0-9.eE:,{}\\[\\]<>&*!|%@#'\" \t\n?~aé]{1,6}|\\.inf|1e308|none|null|carry|time\\.dt|\n  - |[0-9]{1,3}";
    prop_oneof![
        (at.clone(), 1usize..20).prop_map(|(at, count)| Edit::Delete { at, count }),
        (at.clone(), fragments).prop_map(|(at, text)| Edit::Insert { at, text }),
        (at.clone(), 1usize..60, at).prop_map(|(from, count, at)| Edit::Repeat { from, count, at }),
    ]
}

fn apply(text: &str, edit: &Edit) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let range = |start: usize, count: usize, len: usize| start.min(len)..(start + count).min(len);
    let len = chars.len();
    match edit {
        Edit::Delete { at, count } => {
            chars.drain(range(*at, *count, len));
        }
        Edit::Insert { at, text } => {
            chars.splice(range(*at, 0, len), text.chars());
        }
        Edit::Repeat { from, count, at } => {
            let copy = chars[range(*from, *count, len)].to_vec();
            chars.splice(range(*at, 0, len), copy);
        }
    }
    chars.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// No text makes the reader panic; what it accepts, it writes such that it reads the same again.
    #[test]
    fn no_edit_of_a_config_makes_it_panic(edits in prop::collection::vec(edit(), 1..5)) {
        let text = edits.iter().fold(BASE.to_string(), |text, edit| apply(&text, edit));
        match load(&text, "edited.yaml", &[]) {
            Ok(experiment) => {
                let again = load(&experiment.to_yaml(), "again.yaml", &[]);
                prop_assert_eq!(again.as_ref(), Ok(&experiment), "{}", text);
                experiment.point(experiment.points() - 1);
            }
            Err(errors) => prop_assert!(!errors.0.is_empty() && !errors.to_string().is_empty()),
        }
    }
}
