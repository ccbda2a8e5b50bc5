//! The largest config that is accepted: every bound that is ours rather than the model's.

/// Bytes of a config file.
pub const FILE_BYTES: usize = 4 << 20;
/// Errors that are listed.
pub const ERRORS: usize = 1000;
/// Nested maps and lists; the deepest key of a config is 7 down.
pub const DEPTH: usize = 16;
/// Populations of a network.
pub const POPULATIONS: usize = 64;
/// Projections onto one population.
pub const INCOMING: usize = 32;
/// Neurons of all populations together.
pub const NEURONS: u64 = 65_536;
/// Characters of a name; population names become parts of column names.
pub const NAME: usize = 64;
/// Parameters that a scan moves.
pub const SCANNED: usize = 64;
/// Values of all parameters that a scan moves.
pub const VALUES: usize = 1_000_000;
/// Points of a scan.
pub const POINTS: usize = 4_000_000;
/// Members of a run: points times realisations, summed over the models.
/// A run keeps half a kB of each in memory.
pub const MEMBERS: u64 = 10_000_000;
/// Steps of a member: a 32-bit step counter with room.
pub const STEPS: f64 = 1e9;
/// Steps of a projection's delay.
pub const DELAY: f64 = 16_383.0;
/// Voltage bins of `dsode`.
pub const BINS: f64 = crate::model::bins::MOST as f64;
/// Any time in ms.
pub const TIME: f64 = 1e9;
/// Any voltage, strength or weight.
pub const VOLTAGE: f64 = 1e6;
/// Drive rate in 1/ms.
pub const RATE: f64 = 1e4;
/// Frequency in Hz.
pub const FREQUENCY: f64 = 1e6;

/// Shortest transient in ms before the regime of a trajectory is looked at.
pub const LEAST_TRANSIENT: f64 = 5.0;
