// What a workgroup holds of its trajectories: the equations' numbers, in buffers; the state, and what a step computes on its way,
// in workgroup memory. Sums over the bins of a population are made of STRANDS partial sums, each over every so many bins.

/// (trajectory, population)
@group(0) @binding(1) var<storage, read> populations: array<PopulationParameters>;
/// (trajectory, projection)
@group(0) @binding(2) var<storage, read> projections: array<ProjectionParameters>;
/// (trajectory)
@group(0) @binding(3) var<storage, read> keys: array<vec4<u32>>;

/// What is held of one trajectory.
struct Space {
    /// Its state up to the delay lines, which stay in the buffer.
    state: array<f32, HELD>,
    populations: array<PopulationParameters, POPULATIONS>,
    projections: array<ProjectionParameters, PROJECTIONS>,
    // Per population: mean and variance of what a step brings from outside, adaptation included.
    input_mean: array<f32, POPULATIONS>,
    input_variance: array<f32, POPULATIONS>,
    // Sums over sources for the next state, per bin, and per projection and bin.
    next_counts: array<f32, TOTAL_BINS>,
    next_moments: array<f32, TOTAL_BINS>,
    next_drifts: array<f32, DRIFT_MOMENTS>,
    next_products: array<f32, LOCAL_MOMENTS>,
    next_squares: array<f32, LOCAL_MOMENTS>,
    // What returns to v_reset, per population, and its drift moments and squares, and those of what fired, per projection.
    released: array<f32, POPULATIONS>,
    released_drift: array<f32, FLUCTUATIONS>,
    fired_drift: array<f32, FLUCTUATIONS>,
    released_square: array<f32, LOCAL_PROJECTIONS>,
    fired_square: array<f32, LOCAL_PROJECTIONS>,
    /// Per projection: variance of the kick count that acts as noise; of rising kicks their covariance with those that act.
    residual: array<f32, FLUCTUATIONS>,
    // Per bin: mean voltage, mean of where its neurons land, how many fired, first destination from the source on and number of them
    // as the lower and upper half of a word.
    voltage: array<f32, AVERAGES>,
    bin_centre: array<f32, AVERAGES>,
    leaving: array<f32, TOTAL_BINS>,
    window: array<u32, TOTAL_BINS>,
    // Per projection and bin: mean fluctuation, slope and then regression, drift moment of those that fired.
    fluctuation: array<f32, DRIFT_MOMENTS>,
    beta: array<f32, DRIFT_MOMENTS>,
    drift_left: array<f32, DRIFT_MOMENTS>,
    // The same where bins keep second moments: variance that is left, squares of those that fired.
    rho: array<f32, LOCAL_MOMENTS>,
    square_left: array<f32, LOCAL_MOMENTS>,
    // Per population and strand: neurons and fullest bin; per projection and strand: variance between bins.
    tallies: array<f32, TALLIES>,
    fullest_bins: array<u32, TALLIES>,
    between: array<f32, BETWEEN>,
    // (slot, source bin): what a source sends to the destination that lies `slot` above the first of this pass.
    shares: array<Share, CONTRIBUTIONS>,
    /// The squared distances from their means, where bins keep second moments.
    scatters: array<f32, SCATTERS>,
    // Per population, farthest that a source reaches: bins below it, and bins from it on upwards.
    reach_down: array<atomic<u32>, POPULATIONS>,
    reach_up: array<atomic<u32>, POPULATIONS>,
    unsound: atomic<u32>,
}

var<workgroup> spaces: array<Space, TOGETHER>;
/// Widest window of the step in bins, of all of them.
var<workgroup> widest: atomic<u32>;
/// The one that an invocation is at work on.
var<private> mine: u32;
