//! Is the whole spectrum in the file?

use crate::plain::Plain;
use crate::support::{Random, layout, run};
use snn_ensemble::config::load;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::results::{Key, MemberLog, Record, ResultSchema, Table, assemble, file};
use snn_ensemble::statistics::{MemberStatistics, TwoStates};
use std::f64::consts::TAU;

/// (lower edge, upper edge, density) of every bin in the file of densities, where it is not 0.
fn stored(members: Vec<MemberStatistics>) -> Vec<[f64; 3]> {
    let directory = tempfile::tempdir().unwrap();
    let config = "name: a\ntime: {duration: 1}\npopulations: {E: {size: 1, tau_ref: 0}}\nmodels: [snn]";
    let ensemble = Ensemble::new(load(config, "a.yaml", &[]).unwrap(), false).unwrap();
    let schema = ResultSchema { statistics: vec![], ..ensemble.schema };
    let point = schema.points[0].key.clone();
    let mut log = MemberLog::open(directory.path(), &schema).unwrap();
    for (realisation, statistics) in (0..).zip(members) {
        let key = Key { model: "snn".into(), point: point.clone(), realisation };
        let statistics = MemberStatistics { values: vec![], ..statistics };
        log.append([Record { key, statistics, trace: None, spikes: None, neurons: None }]).unwrap();
    }
    assemble(directory.path(), &mut log, |_| true).unwrap();
    let table = Table::read(&directory.path().join(file::DENSITIES)).unwrap();
    let [low, high, value] = ["x_low", "x_high", "value"].map(|name| table.real(name).unwrap());
    let kind = table.text("kind").unwrap();
    let spectrum = (0..table.rows).filter(|&row| kind[row].as_deref() == Some("psd"));
    spectrum.map(|row| [low[row], high[row], value[row]].map(Option::unwrap)).collect()
}

fn integral(bins: &[[f64; 3]]) -> f64 {
    bins.iter().map(|[low, high, value]| (high - low) * value).sum()
}

/// Sines of whole numbers of periods in a segment, one in the band and one far above it: the density integrates to the variance of
/// the rate, half the squared amplitude of each, here of (1 + 4)/(100 neurons 1e-4 s)^2.
#[test]
fn the_stored_density_integrates_to_the_variance() {
    let resolution = 10_000.0 / 8192.0;
    let sine = |k: f64, t: usize| (TAU * k * resolution * t as f64 * 1e-4).sin();
    let counts: Vec<f64> = (0..40_960).map(|t| 4.0 + sine(32.0, t) + 2.0 * sine(1000.0, t)).collect();
    let mut layout = layout(0.1, 4096.0, 0.0, 100);
    layout.whole_counts = false;
    let bins = stored(vec![run(layout, &counts).1]);
    let variance = 0.5 * (1.0 + 4.0) * 1e4;
    // counts are kept in f32, and so are densities
    assert!((integral(&bins) / variance - 1.0).abs() < 1e-6, "{} instead of {variance}", integral(&bins));
}

/// Random trains at several dt and bands: every bin is the mean of the plain densities within it, none is missing, and up to the
/// band's end they are single frequencies.
#[test]
fn bins_are_means_of_the_plain_spectrum() {
    for (dt, band) in [(0.1, (5.0, 200.0)), (0.1, (0.0, 5000.0)), (0.25, (1.0, 37.0)), (1.0, (5.0, 480.0))] {
        let mut random = Random(7);
        let counts: Vec<f64> = (0..20_000).map(|_| random.poisson(3.0)).collect();
        let mut layout = layout(dt, 20_000.0 * dt, 0.0, 60);
        layout.analysis.psd_band = band.into();
        let bins = stored(vec![run(layout, &counts).1]);
        let states = TwoStates::around(1.0);
        let plain = Plain { dt, size: 60.0, height: 10.0, distance: 9.0, band, states };
        let expected = plain.welch(&counts).unwrap();
        let resolution = expected[1].0;
        let mut seen = 0;
        for [low, high, value] in bins {
            let within: Vec<_> = expected.iter().filter(|(f, _)| (low..high).contains(f)).collect();
            let mean = within.iter().map(|(_, density)| density).sum::<f64>() / within.len() as f64;
            assert!((value / mean - 1.0).abs() < 1e-6, "dt {dt}, {low} to {high} Hz: {value} instead of {mean}");
            assert_eq!(within.len(), ((high - low) / resolution).round() as usize);
            assert!(within.len() == 1 || low > band.1, "dt {dt}: {low} to {high} Hz in the band");
            seen += within.len();
        }
        assert_eq!(seen, expected.len(), "dt {dt}");
    }
}
