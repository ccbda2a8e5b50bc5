//! Quantiles of Student's t distribution for 95 % intervals, the same bits on every platform.

use libm::{atan, sqrt};

/// Tail beyond the interval on one side.
const TAIL: f64 = 0.025;
/// The standard normal 97.5 % quantile.
pub const NORMAL: f64 = 1.959_963_984_540_054;
/// From here on the asymptotic series is accurate to rounding.
const MANY: u64 = 200;

/// The 97.5 % quantile with `dof` degrees of freedom, at least 1.
pub fn quantile_975(dof: u64) -> f64 {
    if dof >= MANY {
        return asymptotic(dof as f64);
    }
    quantile(dof, TAIL)
}

/// What is exceeded with a probability `tail`, above 0 and at most 1/2, with `dof` degrees of freedom, at least 1; those of more than
/// ten thousand are all alike.
pub fn quantile(dof: u64, tail: f64) -> f64 {
    let dof = dof.min(ALIKE);
    // bisection to neighbouring numbers: 1/tail > t(1)
    let (mut low, mut high) = (0.0, 1.0 / tail);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if upper_tail(middle, dof) > tail { low = middle } else { high = middle }
    }
}

const ALIKE: u64 = 10_000;

/// P(T > t) from the finite series (Abramowitz and Stegun 26.7.3 and 26.7.4), theta = atan(t/sqrt(dof)).
fn upper_tail(t: f64, dof: u64) -> f64 {
    let n = dof as f64;
    let cos2 = n / (n + t * t);
    let sin = t / sqrt(n + t * t);
    let odd = dof % 2 == 1;
    // odd:  2/pi (theta + sin (cos + 2/3 cos^3 + ...)),  even:  sin (1 + 1/2 cos^2 + 1 3/(2 4) cos^4 + ...)
    let mut term = if odd { sqrt(cos2) } else { 1.0 };
    let mut sum = 0.0;
    let mut k = if odd { 3 } else { 2 };
    while k <= dof {
        sum += term;
        term *= cos2 * (k - 1) as f64 / k as f64;
        k += 2;
    }
    let inside = if odd { core::f64::consts::FRAC_2_PI * (atan(t / sqrt(n)) + sin * sum) } else { sin * sum };
    0.5 * (1.0 - inside)
}

/// Cornish-Fisher expansion (Abramowitz and Stegun 26.7.5).
fn asymptotic(n: f64) -> f64 {
    let x = NORMAL;
    let x2 = x * x;
    let g1 = x * (x2 + 1.0) / 4.0;
    let g2 = x * ((5.0 * x2 + 16.0) * x2 + 3.0) / 96.0;
    let g3 = x * (((3.0 * x2 + 19.0) * x2 + 17.0) * x2 - 15.0) / 384.0;
    let g4 = x * ((((79.0 * x2 + 776.0) * x2 + 1482.0) * x2 - 1920.0) * x2 - 945.0) / 92160.0;
    x + (g1 + (g2 + (g3 + g4 / n) / n) / n) / n
}
