// Where the neurons of one source bin land: U(a, b) + N(mu, sigma^2), cut at the edges of the bins.

const SIGMA_MIN: f32 = 1e-20;
const FAR: f32 = 1e4;
const REACH: f32 = 6.0;
const NARROW: f32 = 1.0;

struct BinLaw {
    /// Source bin, whose lower edge is the origin of voltages.
    origin: i32,
    /// Mean of where neurons land.
    centre: f32,
    /// Half the uniform interval's width.
    half: f32,
    sigma: f32,
    /// 1/sigma, and 1/(2 half).
    inverse_sigma: f32,
    inverse_width: f32,
    /// First destination; equal to the number of bins where everyone fires.
    first: i32,
    /// One past the last destination.
    end: i32,
    /// The law reaches beyond the edge `end`, which is then the threshold.
    open: bool,
}

struct Edge {
    /// Distance above the mean.
    y: f32,
    tail: f32,
    excess: f32,
    above: bool,
}

struct Share {
    mass: f32,
    /// First moment relative to the destination's lower edge.
    moment: f32,
}

/// Cuts the law of U(centre - half, centre + half) + N(0, sigma^2) to those of `bins` bins of width `h` that it reaches.
fn spread_over(origin: i32, centre: f32, half: f32, sigma: f32, h: f32, bins: i32) -> BinLaw {
    let reach = half + REACH * sigma;
    let origin_bins = f32(origin);
    let top = f32(bins);
    let first = floor(clamp((centre - reach) / h + origin_bins, 0.0, top));
    let end = floor(clamp((centre + reach) / h + origin_bins, 0.0, top + 1.0)) + 1.0;
    let open = end > top;
    let inverse_sigma = 1.0 / max(sigma, SIGMA_MIN);
    let inverse_width = 1.0 / (half + half);
    // What is not a number has no bin: integers are bounded once more.
    let begin = clamp(i32(first), 0, bins);
    let beyond = clamp(i32(min(end, top)), begin, bins);
    return BinLaw(origin, centre, half, sigma, inverse_sigma, inverse_width, begin, beyond, open);
}

/// Whether the uniform interval is narrow beside the Gaussian.
fn is_narrow(s: BinLaw) -> bool {
    return (s.half + s.half) * s.inverse_sigma < NARROW;
}

/// (tail, excess) at distance t >= 0 of a narrow interval: expanded around its midpoint.
fn narrow_tail(s: BinLaw, t: f32) -> vec2<f32> {
    let z = min(t * s.inverse_sigma, FAR);
    let n = normal(z);
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

/// (tail, excess) at distance t >= 0 of any other.
fn wide_tail(s: BinLaw, t: f32) -> vec2<f32> {
    let inside = s.half - t;
    let za = min(abs(inside) * s.inverse_sigma, FAR);
    let a = integrals(za);
    let zb = min((s.half + t) * s.inverse_sigma, FAR);
    let b = integrals(zb);
    let sigma2 = s.sigma * s.sigma;
    let mass = max(inside, 0.0) + s.sigma * (a.x - b.x);
    let beyond = sigma2 * (a.y - b.y);
    let within = 0.5 * (inside * inside + sigma2) - sigma2 * (a.y + b.y);
    let excess = select(beyond, within, inside > 0.0);
    return vec2<f32>(clamp(mass * s.inverse_width, 0.0, 0.5), max(excess * s.inverse_width, 0.0));
}

/// (tail, excess) at distance t >= 0 above the mean.
fn upper_tail(s: BinLaw, t: f32) -> vec2<f32> {
    if is_narrow(s) {
        return narrow_tail(s, t);
    }
    return wide_tail(s, t);
}

/// Distance of edge number `index` from the mean.
fn edge_distance(s: BinLaw, index: i32, h: f32) -> f32 {
    return f32(index - s.origin) * h - s.centre;
}

/// The lower edge of the first destination: nothing lies below it.
fn first_edge(s: BinLaw, h: f32) -> Edge {
    return Edge(edge_distance(s, s.first, h), 0.0, 0.0, false);
}

/// Edge number `index`: nothing lies above the last one, unless it is the threshold.
fn edge_at(s: BinLaw, index: i32, h: f32) -> Edge {
    let y = edge_distance(s, index, h);
    if index == s.end && !s.open {
        return Edge(y, 0.0, 0.0, true);
    }
    let upper = upper_tail(s, abs(y));
    return Edge(y, upper.x, upper.y, y > 0.0);
}

/// Mass and first moment between two adjacent edges; no rounding makes them negative.
fn share_between(lower: Edge, upper: Edge, h: f32) -> Share {
    var mass = upper.tail - lower.tail;
    var moment = h * upper.tail - (upper.excess - lower.excess);
    if upper.above {
        if lower.above {
            mass = -mass;
            moment = (lower.excess - upper.excess) - h * upper.tail;
        } else {
            mass = 1.0 - lower.tail - upper.tail;
            moment = (h - upper.y) - h * upper.tail - (upper.excess - lower.excess);
        }
    }
    mass = max(mass, 0.0);
    return Share(mass, clamp(moment, 0.0, h * mass));
}

/// Mass above an edge, and its first moment about the edge.
fn share_above(edge: Edge) -> Share {
    if edge.above {
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
