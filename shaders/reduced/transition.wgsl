// Where the neurons of one source bin land: U(a, b) + N(mu, sigma^2), cut at the edges of the bins.

const SIGMA_MIN: f32 = 1e-20;
const WIDTH_MIN: f32 = 1e-4;
const LEAST_OF_BIN: f32 = 1e-6;
const MOST_OF_BIN: f32 = 1e-3;
const FAR: f32 = 1e4;
const DEEPEST: f32 = 1e15;
const SLOPED_NARROW: f32 = 0.7;
const REACH: f32 = 5.5;
const NARROW: f32 = 1.0;

/// Least width of an interval of voltages in a bin of width `h`.
fn least_width(h: f32) -> f32 {
    return min(max(WIDTH_MIN, LEAST_OF_BIN * h), MOST_OF_BIN * h);
}

/// The interval on which the voltages of a bin of width `h` are uniform, whose mean is `mean`, from the bin's lower edge on.
fn interval(mean: f32, h: f32) -> vec2<f32> {
    let width_min = least_width(h);
    let upper = mean + mean >= h;
    let a = select(0.0, min(mean + mean - h, h - width_min), upper);
    let b = select(max(mean + mean, width_min), h, upper);
    return vec2<f32>(a, b);
}

/// Where the leak takes voltage `v` in a step, both counted from `edge`.
fn leaked(v: f32, edge: f32, leak: f32, e_leak: f32) -> f32 {
    return v + leak * (e_leak - edge - v);
}

/// Cuts the law of U(centre - half, centre + half) + N(0, sigma^2) to those of `bins` bins of width `h` that it reaches.
fn spread_over(origin: f32, centre: f32, half: f32, sigma: f32, h: f32, bins: f32) -> BinLaw {
    let reach = half + REACH * sigma;
    // Bounded before the floor: a runaway drift stays a number of bins.
    let first = floor(clamp((centre - reach) / h + origin, 0.0, bins));
    let last = floor(clamp((centre + reach) / h + origin, 0.0, bins + 1.0)) + 1.0;
    let inverse_sigma = 1.0 / max(sigma, SIGMA_MIN);
    let inverse_width = 1.0 / (half + half);
    let bounds = vec3<f32>(first, last, bins) - origin;
    return BinLaw(centre, half, sigma, inverse_sigma, inverse_width, bounds.x, bounds.y, bounds.z, 0.0, 0.0);
}

/// Whether the interval is narrow beside the Gaussian.
fn is_narrow(s: BinLaw) -> bool {
    return (s.half + s.half) * s.inverse_sigma < select(NARROW, SLOPED_NARROW, LINEAR);
}

/// (tail, excess) of a narrow interval, whose midpoint lies z >= 0 standard deviations below the edge: expanded around it. `n`:
/// the normal distribution at z.
fn narrow_tail(s: BinLaw, z: f32, n: vec2<f32>) -> vec2<f32> {
    let w = (s.half + s.half) * s.inverse_sigma;
    let z2 = z * z;
    let w2 = w * w;
    let c2 = w2 * (1.0 / 24.0);
    let c4 = w2 * w2 * (1.0 / 1920.0);
    let c6 = w2 * w2 * w2 * (1.0 / 322560.0);
    let six = z2 * z2 - 10.0 * z2 + 15.0;
    let mass = n.y + n.x * z * (c2 + c4 * (z2 - 3.0) + c6 * six);
    let four = z2 * z2 - 6.0 * z2 + 3.0;
    let excess = psi_tail(z, n.x, n.y) + n.x * (c2 + c4 * (z2 - 1.0) + c6 * four);
    return vec2<f32>(clamp(mass, 0.0, 0.5), s.sigma * max(excess, 0.0));
}

/// |z_a| and |z_b| for t >= 0 of any other; of a narrow one twice its midpoint's.
fn wide_ends(s: BinLaw, t: f32, narrow: bool) -> vec2<f32> {
    let half = select(s.half, 0.0, narrow);
    let za = abs(half - t) * s.inverse_sigma;
    let zb = (half + t) * s.inverse_sigma;
    return vec2<f32>(min(za, FAR), min(zb, FAR));
}

/// (tail, excess) at distance t >= 0 of any other, given (Psi, Xi) of both ends.
fn wide_tail(s: BinLaw, t: f32, a: vec2<f32>, b: vec2<f32>) -> vec2<f32> {
    let inside = s.half - t;
    let sigma2 = s.sigma * s.sigma;
    let mass = max(inside, 0.0) + s.sigma * (a.x - b.x);
    let beyond = sigma2 * (a.y - b.y);
    let within = 0.5 * (inside * inside + sigma2) - sigma2 * (a.y + b.y);
    let excess = select(beyond, within, inside > 0.0);
    return vec2<f32>(clamp(mass * s.inverse_width, 0.0, 0.5), max(excess * s.inverse_width, 0.0));
}

/// Distance of edge number `index` from the mean, `centre`.
fn edge_distance(centre: f32, index: f32, h: f32) -> f32 {
    return index * h - centre;
}

/// Edge number `index`, `y` from the mean: nothing lies below the first edge, and nothing above the last.
fn closed(s: BinLaw, index: f32, y: f32, beyond: vec3<f32>) -> Edge {
    let above_first = index > s.first;
    let inside = above_first && index < s.last;
    // The lowest bin takes all that falls below it, even where its lower edge lies above the mean.
    let closing = select(vec3<f32>(), beyond, inside);
    return Edge(select(min(y, 0.0), y, above_first), closing.x, closing.y, closing.z);
}

/// Mass and first moment between two adjacent edges; no rounding makes them negative, but where the lowest bin takes what falls below
/// it, `least` is the least first moment. A tail below the mean counts negative, so that neighbours in a subgroup do the same wherever
/// their edges lie.
fn share_between(lower: Edge, upper: Edge, h: f32, least: f32) -> Share {
    let begin = select(-lower.tail, lower.tail, lower.y > 0.0);
    let to = select(-upper.tail, upper.tail, upper.y > 0.0);
    let between = (upper.y > 0.0) & (lower.y <= 0.0);
    let mass = max(begin - to + select(0.0, 1.0, between), 0.0);
    let moment = select(0.0, h - upper.y, between) - h * to - (upper.excess - lower.excess);
    return Share(mass, clamp(moment, least, h * mass));
}

/// Mass above an edge, and its first moment about the edge.
fn share_above(edge: Edge) -> Share {
    if edge.y > 0.0 {
        return Share(edge.tail, edge.excess);
    }
    return Share(1.0 - edge.tail, edge.excess - edge.y);
}

/// The share that `count` neurons take: their first moment is as many times the mean of `share`.
fn share_of(share: Share, count: f32) -> Share {
    var mean = 0.0;
    if share.mass > 0.0 {
        mean = share.moment / share.mass;
    }
    return Share(count, count * mean);
}

/// Drift moment of the neurons of a share whose origin is `y` above the mean of where they land.
fn share_drift(share: Share, c: f32, regression: f32, y: f32) -> f32 {
    return share.mass * c + regression * (share.moment + y * share.mass);
}
