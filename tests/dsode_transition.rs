//! Do bins receive the right mass and first moment, against quadrature of the convolution?
//!
//! `data/transition.csv` holds, for U(centre - half, centre + half) + N(0, sigma^2) seen from the lower edge of bin `origin` of
//! 12 bins of width 4, what each bin (12: everything above) receives. It was made with mpmath at 30 digits: for every start s
//! the normal cdf's mass in the bin and the truncated normal's first moment, integrated over s (mpmath.quad, split 1, 3, 6 and
//! 10 sigma around the edges); widths 1e-4 to 11, sigma 0 and 1e-6 to 3, drifts of -13 to 21.

use snn_ensemble::reduced::Real;
use snn_ensemble::reduced::lanes::{LANES, piece};
use snn_ensemble::reduced::scheme::Uniform;
use snn_ensemble::reduced::shares::TransitionDiagonals;
use snn_ensemble::reduced::transition::{BinLaw, spread_over};

#[derive(serde::Deserialize)]
struct Row {
    origin: i32,
    centre: f64,
    half: f64,
    sigma: f64,
    bin: i32,
    mass: f64,
    moment: f64,
}

const BINS: i32 = 12;

fn rows() -> Vec<Row> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/transition.csv");
    csv::Reader::from_path(path).expect("data").deserialize().map(|row| row.expect("a row")).collect()
}

/// (mass, moment) of every destination, the fired ones last, in precision T.
fn shares<T: Real>(row: &Row) -> Vec<(f64, f64)> {
    shares_within::<T>(row, 0)
}

/// The same with a window that reaches `wider` bins further on both sides.
fn shares_within<T: Real>(row: &Row, wider: i32) -> Vec<(f64, f64)> {
    let h = T::of(4.0);
    let (number, lane) = (|x: i32| T::of(f64::from(x)), row.origin as usize);
    let (origin, bins) = (number(row.origin), number(BINS));
    let mut s = spread_over(origin, T::of(row.centre), T::of(row.half), T::of(row.sigma), h, bins);
    s.first = (s.first - number(wider)).max(T::zero() - origin);
    s.last += number(wider);
    // Its neighbours are as empty as lanes beyond the last bin.
    let mut laws = BinLaw::zero();
    (0..LANES).for_each(|lane| laws.set(lane, s));
    let mut filled = [false; LANES];
    filled[lane] = true;
    let mut found = TransitionDiagonals::default();
    found.share_out::<Uniform>(&laws, &filled, 0, piece::<T>(BINS as usize), h);
    let mut shares = vec![(0.0, 0.0); BINS as usize + 1];
    for (j, share) in (row.origin + found.first..).zip(found.rows()) {
        shares[j as usize] = (share.mass[lane].to_f64(), share.moment[lane].to_f64());
    }
    // What falls below the lowest bin counts as at its edge.
    shares[0].1 = shares[0].1.max(0.0);
    let above = found.leaving.lane(lane);
    shares[BINS as usize] = (above.mass.to_f64(), above.moment.to_f64());
    shares
}

/// Largest error of a mass, and of a moment relative to the bin width or the mean excess.
fn worst<T: Real>() -> (f64, f64) {
    let (mut mass, mut moment) = (0.0_f64, 0.0_f64);
    for row in rows() {
        let shares = shares::<T>(&row);
        let (m, q) = shares[row.bin as usize];
        let e = ((m - row.mass).abs(), (q - row.moment).abs() / row.moment.abs().max(1.0));
        mass = mass.max(e.0);
        moment = moment.max(e.1);
        let total: f64 = shares.iter().map(|s| s.0).sum();
        assert!(
            (total - 1.0).abs() < 1e-6 && shares.iter().all(|s| s.0 >= 0.0 && s.1 >= 0.0),
            "{total} {shares:?} {} {} {} {}",
            row.origin,
            row.centre,
            row.half,
            row.sigma
        );
    }
    (mass, moment)
}

#[test]
fn f64_to_1e_13() {
    let (mass, moment) = worst::<f64>();
    println!("{mass:e} {moment:e}");
    assert!(mass < 1e-13 && moment < 1e-13, "mass {mass:e}, moment {moment:e}");
}

#[test]
fn f32_to_1e_6() {
    let (mass, moment) = worst::<f32>();
    println!("{mass:e} {moment:e}");
    assert!(mass < 1e-6 && moment < 1e-6, "mass {mass:e}, moment {moment:e}");
}

/// Only bins that can be reached are evaluated. What a wider window would add to any destination is below 1e-11 of the source,
/// so a step changes by less than 1e-11 N: 8 standard deviations leave out 1.2e-15 of the mass, the rest is rounding.
#[test]
fn a_wider_window_changes_nothing() {
    let mut worst = 0.0_f64;
    for row in rows() {
        let (window, wider) = (shares::<f64>(&row), shares_within::<f64>(&row, 3));
        for (a, b) in window.iter().zip(&wider) {
            worst = worst.max((a.0 - b.0).abs()).max((a.1 - b.1).abs() / 4.0);
        }
    }
    println!("largest change: {worst:e}");
    assert!(worst < 1e-11, "{worst:e}");
}
