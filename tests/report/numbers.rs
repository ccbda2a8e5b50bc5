//! Are the numbers drawn, and the errors below them, those of the tables?

use super::support::{Case, write};
use super::{FULL, SCAN, figures, page, points};
use snn_ensemble::report::mark::{Colour, MODEL_COLOURS};
use snn_ensemble::report::style;

const RHYTHM: Case = Case {
    name: "rhythm",
    yaml: "
time: {duration: 1000, discard: 200}
populations:
  E: {size: 30, tau_ref: 4, drive: {rate: {mean: 7, amplitude: 0.1, frequency: 20}}}
models: [snn, markov]
realisations: 16",
    validated: false,
    ..SCAN
};

/// A page looks colours up by the names that its data have.
#[test]
fn the_palette_has_the_colour_of_every_model() {
    let palette = style::palette();
    for i in 0..3 * MODEL_COLOURS {
        for colour in [Colour::Model(i), Colour::Population(i)] {
            let name = serde_json::to_value(colour).expect("a text");
            let (light, dark) = style::pair(colour);
            let of = &palette[name.as_str().expect("a text")];
            assert_eq!((&of[0], &of[1]), (&light.into(), &dark.into()), "{colour:?}");
        }
    }
}

#[test]
fn the_numbers_drawn_are_those_of_the_table() {
    let (_, data) = page(&FULL);
    let table = points(&FULL);
    let mut compared = 0;
    for statistic in ["rate_E", "ssi_I", "burst_lag1_E", "dwell_above_mean_I"] {
        let id = format!("{}-p-of-e-i", statistic.to_lowercase().replace('_', "-"));
        let lines = figures(&data)[&id]["panels"][0]["marks"].as_array().unwrap();
        assert_eq!(lines.len(), 3, "{id}");
        for line in lines {
            let model = line["name"].as_str().unwrap();
            for (point, x) in line["x"].as_array().unwrap().iter().enumerate() {
                let row = &table[&(model.to_string(), point.to_string())];
                let cell = |name: &str| row[name].parse::<f64>().ok();
                assert_eq!(x.as_f64(), cell("projections.E<-I.p"));
                let drawn = [("y", "mean"), ("low", "ci95_low"), ("high", "ci95_high"), ("n", "n")];
                for (drawn, column) in drawn {
                    assert_eq!(
                        line[drawn][point].as_f64(),
                        cell(&format!("{statistic}_{column}")),
                        "{id} {model} {drawn}"
                    );
                    compared += 1;
                }
            }
        }
    }
    assert_eq!(compared, 4 * 3 * 51 * 4);
}

#[test]
fn the_errors_below_are_those_of_the_means_above() {
    let (_, data) = page(&FULL);
    let panels = &figures(&data)["rate-e-p-of-e-i"]["panels"];
    let of = |panel: usize, name: &str| {
        let marks = panels[panel]["marks"].as_array().unwrap();
        marks.iter().find(|mark| mark["name"] == name).unwrap_or_else(|| panic!("no {name}"))["y"].clone()
    };
    let (network, reduced, errors) = (of(0, "snn"), of(0, "dsode"), of(1, "dsode"));
    for point in 0..51 {
        let [network, reduced, error] = [&network, &reduced, &errors].map(|y| y[point].as_f64().unwrap());
        assert_eq!(error, (reduced - network) / network);
    }
    // the network has no error against itself
    assert!(panels[1]["marks"].as_array().unwrap().iter().all(|mark| mark["name"] != "snn"));
}

/// 0 is no less of a direction than any other, so a share of it says nothing.
#[test]
fn phases_have_differences_and_vector_strengths_errors() {
    let (page, _) = page(&write(&RHYTHM));
    let row = |name: &str| {
        let (_, rest) =
            page.split_once(&format!("<th scope=\"row\">{name}</th>")).unwrap_or_else(|| panic!("no {name}"));
        rest.split("</tr>").next().unwrap().to_string()
    };
    let (phase, strength) = (row("phase_E (rad)"), row("vector_strength_E"));
    assert!(phase.contains(" rad") && !phase.contains('%'), "{phase}");
    assert!(strength.contains('%'), "{strength}");
}
