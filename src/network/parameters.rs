//! The numbers of a network as the kernels read them: F, A and C are the scales of voltage, current and conductance of
//! [`super::arithmetic`].

use super::fields::shared_struct;

shared_struct! {
    /// Numbers of one population. Those that every step of every neuron reads come first.
    PopulationParameters {
        threshold: u32, "2^-F", "A neuron fires above this voltage";
        reset: u32, "2^-F", "Voltage after a spike";
        leak: u32, "2^-C", "Leak dt/tau_m as a conductance";
        leak_current: i32, "2^-A", "Leak toward e_leak as a current";
        current_shift: u32, "bits", "A - F";
        release: u32, "2^-31", "Probability of leaving refractoriness in a step (exponential)";
        drive_shift: u32, "bits", "Right shift of a normal variate times the drive's deviation";
        drive: u32, "entries", "First entry of this population's drive";
        drive_stride: u32, "entries", "Entries of the drive per step; 0: constant";
        drive_kick: i32, "2^-A", "Current of one Poisson kick of the drive";
        refractory_steps: u32, "steps", "What a neuron misses after a spike (fixed)";
        adaptation_decay: u32, "2^-32", "dt/tau_a";
        adaptation_jump: u32, "2^-(A + adaptation_shift)", "b dt; `markov`: b dt/N";
        adaptation_jump_low: u32, "2^-(A + adaptation_shift + 12)", "`markov`: what `adaptation_jump` leaves";
        adaptation_shift: u32, "bits", "Extra bits of an adaptation";
        start: u32, "2^-F", "Lowest voltage at time 0";
        spread: u32, "2^-F", "Range of the uniform voltages at time 0; 0: all are the lowest";
        bin_unit: u32, "bits", "Right shift of a voltage before its bin is looked for";
        bin_origin: i32, "2^(bin_unit - F)", "Lower edge of the voltage bins, less what rounding may leave of it: the index is ((W >> unit) - origin) scale >> 32 >> shift";
        bin_scale: u32, "1", "Factor of a voltage bin's index";
        bin_shift: u32, "bits", "Right shift of a voltage bin's index";
        drift: u32, "words", "First point of the table of drifts";
        drift_shift: u32, "bits", "Distance of its points is 2^this units of the voltage";
    }
}

shared_struct! {
    /// Numbers of one projection. Those that every step of every neuron reads come first.
    ProjectionParameters {
        current_high: u32, "2^-A", "Current per kick, two's complement; of a fixed-point count (deterministic decay, `markov`): multiplier, its size";
        current_low: u32, "2^-(A + 12)", "Current per kick, what `current_high` leaves";
        deaths: u32, "words", "First row of the table of deaths";
        deaths_columns: u32, "log2", "Its columns";
        births: u32, "words", "First row of the table of births";
        births_columns: u32, "log2", "Its columns";
        kicks_max: u32, "2^-fraction kicks", "A kick count above this is an error of the member";
        fraction: u32, "bits", "Fractional bits of a kick count (deterministic decay, `markov`)";
        conductance_high: u32, "2^-C", "Conductance per kick, like `current_high`";
        conductance_low: u32, "2^-(C + 12)", "Conductance per kick, what `conductance_high` leaves";
        decay: u32, "2^-32", "dt/tau";
        connect: u32, "2^-31 or 1", "Connection probability; `snn` with a fixed in-degree: that; `markov`: births per spike, 2^-(31 + fraction - spikes_fraction)";
        deaths_large: u32, "words", "Headers of the table of large deaths";
        births_large: u32, "words", "Headers of the table of large births";
        delay: u32, "steps", "From the spikes of a step to the kicks that they bear";
        spikes_fraction: u32, "bits", "`markov`: fractional bits of a count of spikes";
        variance_decay: u32, "2^-32", "`markov`: what the variance loses in a step, 2 q - q^2";
        deaths_variance: u32, "2^-32", "`markov`: variance of the deaths per pending kick, q (1 - q)";
        births_variance: u32, "like `connect`", "`markov`: variance of the births per spike, p (1 - p)";
        births_taken: u32, "2^-32", "`markov`: share of that which each further spike takes away with a fixed in-degree, 1/(N_X - 1)";
        current_noise: u32, "2^-(A + exponent)", "`markov`: current of white noise per kick of standard deviation";
        current_noise_exponent: i32, "bits", "`markov`: its exponent";
        conductance_noise: u32, "2^-(C + exponent)", "`markov`: the same of conductance";
        conductance_noise_exponent: i32, "bits", "`markov`: its exponent";
        outside: u32, "entries", "First entry of a source's births: row and columns of a step's table; `markov`: births, as a kick count";
        outside_stride: u32, "entries", "Entries of a source's births per step; 0: constant";
        rise: u32, "2^-32", "Share of the rising kicks that begin to act in a step, r";
        rising: u32, "words", "First row of the table of risen kicks";
        rising_columns: u32, "log2", "Its columns";
        rising_large: u32, "words", "Headers of the table of large numbers of them";
        rise_square: u32, "2^-32", "`markov`: r^2";
        rise_variance: u32, "2^-32", "`markov`: what the variance of rising kicks loses in a step, 2 r - r^2";
        rise_scatter: u32, "2^-32", "`markov`: r (1 - r)";
        rise_kept: u32, "2^-32", "`markov`: r (1 - q)";
        covariance_decay: u32, "2^-32", "`markov`: what the covariance loses in a step, q + r - q r";
        sampled: u32, "bits", "Last bits of a kick count that a sampled sum leaves out";
        deviation_max: u32, "2^-fraction kicks", "`markov`: a deviation from the mean above this is an error of the member";
    }
}
