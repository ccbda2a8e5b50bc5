// How the density of a bin goes along the flow of a nonlinear neuron in a step.

/// (point): Phi - V of every table, one after the other
@group(0) @binding(7) var<storage, read> flows: array<f32>;

/// Phi - V at `y` above the lower edge of a bin of width `h`, whose `intervals` begin at `first` in the table.
fn flow_increment(first: u32, intervals: f32, h: f32, y: f32) -> f32 {
    let x = clamp(y / h * intervals, 0.0, intervals);
    let below = min(floor(x), intervals - 1.0);
    // No number is no index either.
    let at = first + min(u32(below), u32(intervals) - 1u);
    return flows[at] + (x - below) * (flows[at + 1u] - flows[at]);
}

/// How far the mean of a density with `middle`, `half` width and `slope` moves, and its ends apart.
fn flow_density(first: u32, intervals: f32, h: f32, middle: f32, half: f32, slope: f32) -> vec2<f32> {
    let low = flow_increment(first, intervals, h, middle - half);
    let centre = flow_increment(first, intervals, h, middle);
    let high = flow_increment(first, intervals, h, middle + half);
    let sum = (1.0 - slope) * low + 4.0 * centre + (1.0 + slope) * high;
    return vec2<f32>(sum / 6.0, high - low);
}
