//! What a step is compiled for: the density of voltages in a bin, and whether bins keep second moments of their own.

/// One of the kinds of steps.
pub trait Scheme: 'static {
    /// The density is linear in the voltage; otherwise uniform on an interval.
    const LINEAR: bool;
    /// Bins keep second moments of the fluctuations of kick counts.
    const LOCAL: bool;
}

/// Uniform density, either closure.
#[derive(Clone, Copy, Debug)]
pub struct Uniform;

/// Linear density, white closure.
#[derive(Clone, Copy, Debug)]
pub struct Linear;

/// Linear density, coloured closure.
#[derive(Clone, Copy, Debug)]
pub struct LocalLinear;

impl Scheme for Uniform {
    const LINEAR: bool = false;
    const LOCAL: bool = false;
}

impl Scheme for Linear {
    const LINEAR: bool = true;
    const LOCAL: bool = false;
}

impl Scheme for LocalLinear {
    const LINEAR: bool = true;
    const LOCAL: bool = true;
}
