// What a workgroup holds of its trajectory: the equations' numbers, in buffers; the state, and what a step computes on its way,
// in workgroup memory. Sums over the bins of a population are made of STRANDS partial sums, each over every so many bins.

/// (trajectory, population)
@group(0) @binding(1) var<storage, read> populations: array<PopulationParameters>;
/// (trajectory, projection)
@group(0) @binding(2) var<storage, read> projections: array<ProjectionParameters>;
/// (trajectory)
@group(0) @binding(3) var<storage, read> keys: array<vec4<u32>>;

/// State of the trajectory up to its delay lines, which stay in the buffer.
var<workgroup> state: array<f32, HELD>;
// Sums over sources for the next state, per bin, and per projection and bin.
var<workgroup> next_counts: array<f32, TOTAL_BINS>;
var<workgroup> next_moments: array<f32, TOTAL_BINS>;
var<workgroup> next_drifts: array<f32, DRIFT_MOMENTS>;
var<workgroup> next_products: array<f32, LOCAL_MOMENTS>;
var<workgroup> next_squares: array<f32, LOCAL_MOMENTS>;
// What returns to v_reset, per population, and its drift moments and squares, and those of what fired, per projection.
var<workgroup> released: array<f32, POPULATIONS>;
var<workgroup> released_drift: array<f32, FLUCTUATIONS>;
var<workgroup> fired_drift: array<f32, FLUCTUATIONS>;
var<workgroup> released_square: array<f32, LOCAL_PROJECTIONS>;
var<workgroup> fired_square: array<f32, LOCAL_PROJECTIONS>;
/// Per projection: variance of the kick count that acts as noise; of rising kicks their covariance with those that act.
var<workgroup> residual: array<f32, FLUCTUATIONS>;
// Per bin: mean voltage, mean of where its neurons land, how many fired, first destination and the end of them from the source on
// as the lower and upper half of a word.
var<workgroup> voltage: array<f32, AVERAGES>;
var<workgroup> bin_centre: array<f32, AVERAGES>;
var<workgroup> leaving: array<f32, TOTAL_BINS>;
var<workgroup> window: array<u32, TOTAL_BINS>;
// Per projection and bin: mean fluctuation, slope and then regression, drift moment of those that fired.
var<workgroup> fluctuation: array<f32, DRIFT_MOMENTS>;
var<workgroup> beta: array<f32, DRIFT_MOMENTS>;
var<workgroup> drift_left: array<f32, DRIFT_MOMENTS>;
// The same where bins keep second moments: variance that is left, squares of those that fired.
var<workgroup> rho: array<f32, LOCAL_MOMENTS>;
var<workgroup> square_left: array<f32, LOCAL_MOMENTS>;
// Per population and strand: neurons and fullest bin; per projection and strand: variance between bins.
var<workgroup> tallies: array<f32, TALLIES>;
var<workgroup> fullest_bins: array<u32, TALLIES>;
var<workgroup> between: array<f32, BETWEEN>;
// (slot, source bin): what a source sends to the destination that lies `slot` above the first of this pass.
var<workgroup> shares: array<Share, CONTRIBUTIONS>;
/// The squared distances from their means, where bins keep second moments.
var<workgroup> scatters: array<f32, SCATTERS>;
// Per population, farthest that a source reaches: bins below it, and bins from it on upwards.
var<workgroup> reach_down: array<atomic<u32>, POPULATIONS>;
var<workgroup> reach_up: array<atomic<u32>, POPULATIONS>;
/// Widest window of the step in bins.
var<workgroup> widest: atomic<u32>;
var<workgroup> unsound: atomic<u32>;
