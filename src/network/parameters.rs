//! The numbers of a network as the kernels read them, in the units of [`super::arithmetic`].

use bytemuck::{Pod, Zeroable};

/// Numbers of one population, as the kernels read them.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct PopulationParameters {
    /// A neuron fires above this voltage.
    pub threshold: u32,
    pub reset: u32,
    /// threshold - reset, the range of uniform initial voltages; 0 where all start at reset.
    pub spread: u32,
    /// Leak dt/tau_m as a conductance.
    pub leak: u32,
    /// Leak toward e_leak as a current.
    pub leak_current: i32,
    /// A - F.
    pub current_shift: u32,
    /// Probability of leaving refractoriness in a step, in units of 2^-31 (exponential).
    pub release: u32,
    /// Steps that a neuron misses after a spike (fixed).
    pub refractory_steps: u32,
    /// dt/tau_a in units of 2^-32.
    pub adaptation_decay: u32,
    /// b dt in units of 2^-(A + adaptation_shift); `markov`: b dt/N, and 2^-12 units of it.
    pub adaptation_jump: u32,
    pub adaptation_jump_low: u32,
    pub adaptation_shift: u32,
    /// First entry of this population's drive, and entries per step (0: constant).
    pub drive: u32,
    pub drive_stride: u32,
    /// Right shift of a normal variate times the drive's deviation.
    pub drive_shift: u32,
    /// Current of one Poisson kick of the drive.
    pub drive_kick: i32,
    /// Voltage bins: index = ((W - origin) >> 14) * scale >> shift.
    pub bin_origin: i32,
    pub bin_scale: u32,
    pub bin_shift: u32,
}

/// Numbers of one projection, as the kernels read them.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Pod, Zeroable)]
pub struct ProjectionParameters {
    /// Kick counts above this are an error of the member.
    pub kicks_max: u32,
    /// Fractional bits of a kick count (deterministic decay; `markov`).
    pub fraction: u32,
    /// Current per kick: whole units of 2^-A, or the multiplier of a fixed-point count (deterministic decay).
    pub current_high: u32,
    /// Current per kick: units of 2^-(A + 12).
    pub current_low: u32,
    pub conductance_high: u32,
    pub conductance_low: u32,
    /// dt/tau in units of 2^-32.
    pub decay: u32,
    /// Connection probability in units of 2^-31.
    pub connect: u32,
    /// Binomial tables: first row, log2 of the columns, headers of the large rows.
    pub deaths: u32,
    pub deaths_columns: u32,
    pub deaths_large: u32,
    pub births: u32,
    pub births_columns: u32,
    pub births_large: u32,
    /// `markov`: what the variance loses in a step, 2 q - q^2, in units of 2^-32.
    pub variance_decay: u32,
    /// `markov`: variance of the deaths per pending kick, q (1 - q), in units of 2^-32.
    pub deaths_variance: u32,
    /// `markov`: variance of the births per spike, p (1 - p), in units of 2^-31.
    pub births_variance: u32,
    /// `markov`: current of white noise per kick of standard deviation, size 2^-exponent in units of 2^-A.
    pub current_noise: u32,
    pub current_noise_exponent: i32,
    /// `markov`: the same of conductance.
    pub conductance_noise: u32,
    pub conductance_noise_exponent: i32,
    /// `markov`: a neuron's deviation from the mean kick count above this is an error of the member.
    pub deviation_max: u32,
}
