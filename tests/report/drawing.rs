//! Do drawings show what they are of: the network with names that are told apart, circles that are round, within the figure?

use super::support::{Case, write};
use super::{SCAN, page};
use snn_ensemble::report::figure::{Figure, Panel, Scale};
use snn_ensemble::report::mark::{Colour, Mark};
use snn_ensemble::report::svg;
use std::collections::HashSet;

/// The middle and half width of the ellipses of a network's drawing.
fn ellipses(page: &str) -> Vec<[f64; 3]> {
    let number =
        |of: &str, name: &str| of.split_once(&format!("{name}=\"")).unwrap().1.split('"').next().unwrap().parse();
    let all = page.split("<ellipse ").skip(1);
    all.map(|of| ["cx", "cy", "rx"].map(|name| number(of, name).unwrap())).collect()
}

#[test]
fn populations_of_any_number_and_name_are_told_apart() {
    for n in [3, 5, 8, 12] {
        let name = |i: usize| format!("a_long_population_name_{i}");
        let populations = (0..n).map(|i| format!("  {}: {{size: 50, tau_ref: 4, drive: {{rate: 7}}}}\n", name(i)));
        let projections = (0..n)
            .map(|i| format!("  {}<-{}: {{kind: excitatory, p: 0.5, s: 1, tau: 2}}\n", name(i), name((i + 2) % n)));
        let yaml = format!(
            "time: {{duration: 1000, discard: 200}}\npopulations:\n{}projections:\n{}models: [snn]\nrealisations: 2",
            populations.collect::<String>(),
            projections.collect::<String>()
        );
        let case = Case { name: "drawn", yaml: yaml.leak(), validated: false, ..SCAN };
        let (page, _) = page(&write(&case));
        let shown = page.split("<text class=\"name\"").skip(1);
        let shown: HashSet<&str> = shown.map(|of| of.split(['>', '<']).nth(1).unwrap()).collect();
        assert_eq!(shown.len(), n, "{shown:?}");
        let found = ellipses(&page);
        for (i, a) in found.iter().enumerate() {
            for b in &found[..i] {
                let (dx, dy) = ((a[0] - b[0]).abs(), (a[1] - b[1]).abs());
                // as high as 30 on either side
                assert!((dx / (a[2] + b[2])).hypot(dy / 60.0) > 1.0, "{a:?} and {b:?} of {n} overlap");
            }
        }
    }
}

/// A curve alone gives the extent of its panel, and one unit is as long along either axis.
#[test]
fn a_circle_is_round_and_within_its_figure() {
    let angles = (0..=60).map(|i| std::f64::consts::TAU * f64::from(i) / 60.0);
    let (x, y) = angles.map(|angle| (3.0 * angle.cos(), 3.0 * angle.sin())).unzip();
    let circle = Mark::Path { name: "circle".into(), colour: Colour::Ink, dash: 0, x, y };
    let panel = Panel { equal: true, ..Panel::new(Scale::new("x", ""), Scale::new("y", ""), vec![circle]) };
    let image = svg::draw(&Figure::new("c".into(), "c".into(), "c".into(), vec![panel]), None, &Default::default());
    let path =
        image.split("<path d=\"M").find(|path| path.matches('L').count() == 60).unwrap().split('"').next().unwrap();
    let points = path.split('L').map(|point| {
        let (x, y) = point.split_once(' ').unwrap();
        (x.parse::<f64>().unwrap(), y.parse::<f64>().unwrap())
    });
    let (x, y): (Vec<f64>, Vec<f64>) = points.unzip();
    let ends = |of: &[f64]| of.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), &v| (l.min(v), h.max(v)));
    let (x, y) = (ends(&x), ends(&y));
    assert!(((x.1 - x.0) - (y.1 - y.0)).abs() < 1.0, "{x:?}, {y:?}");
    assert!(x.0 > 64.0 && x.1 < 520.0 && y.0 > 30.0 && y.1 < 300.0 && x.1 - x.0 > 100.0, "{x:?}, {y:?}");
}
