//! Angles in rad: differences go the shorter way round, and a mean is the direction of the mean vector.

use core::f64::consts::TAU;

/// The same angle from -pi to pi.
pub fn wrapped(angle: f64) -> f64 {
    angle - TAU * libm::rint(angle / TAU)
}

/// Direction of the mean vector of some angles, from -pi to pi; of vectors that cancel, any.
pub fn mean_direction(angles: &[f64]) -> f64 {
    let (mut x, mut y) = (0.0, 0.0);
    for &angle in angles {
        let (sin, cos) = libm::sincos(angle);
        (x, y) = (x + cos, y + sin);
    }
    libm::atan2(y, x)
}
