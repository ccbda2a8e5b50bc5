// Where the neurons of a bin with a linear density land: c + d u + N(0, sigma^2), u in [-1, 1] with density (1 + S u)/2.

const FARTHEST: f32 = 1e4;
const NOBODY: f32 = 1e-30;

/// (d, S) of the density in a bin of width `h` whose mean lies `mean` above its lower edge.
fn linear_density(mean: f32, h: f32) -> vec2<f32> {
    let upper = mean + mean > h;
    let c = select(mean, h - mean, upper);
    let whole = 3.0 * c >= h;
    let half = select(1.5 * c, 0.5 * h, whole);
    let slope = select(-1.0, 3.0 * ((c + c) / h - 1.0), whole);
    return vec2<f32>(half, select(slope, -slope, upper));
}

/// Variance of such a density.
fn density_variance(half: f32, slope: f32) -> f32 {
    return half * half * (1.0 / 3.0 - slope * slope * (1.0 / 9.0));
}

/// How far the mean of a density lies above its middle.
fn lean(half: f32, slope: f32) -> f32 {
    return slope * half * (1.0 / 3.0);
}

/// The slope as seen from an edge `y` above the mean.
fn facing_slope(s: BinLaw, y: f32) -> f32 {
    return select(s.slope, -s.slope, y > 0.0);
}

/// |z_a| and |z_b| of an edge `y` above the mean.
fn sloped_ends(s: BinLaw, y: f32) -> vec2<f32> {
    let out = abs(y) - lean(s.half, facing_slope(s, y));
    let za = abs(s.half - out) * s.inverse_sigma;
    let zb = (s.half + out) * s.inverse_sigma;
    return vec2<f32>(min(za, FARTHEST), min(zb, FARTHEST));
}

/// One of F, G, K, given the integrals at both ends that it differs by.
fn sloped_level(s: BinLaw, slope: f32, a: vec2<f32>, b: vec2<f32>) -> f32 {
    let across = (a.y - b.y) - s.half * (a.x + b.x);
    return s.inverse_width * ((a.x - b.x) + (slope + slope) * s.inverse_width * across);
}

/// F, G and K beyond an edge `y` from the mean, given I_1 to I_4 of both ends; without second moments K is 0.
fn sloped_wide(s: BinLaw, y: f32, a: vec4<f32>, b: vec4<f32>) -> vec3<f32> {
    let slope = facing_slope(s, y);
    let inside = s.half + lean(s.half, slope) - abs(y);
    let reaches = inside > 0.0;
    let depth = max(inside, 0.0);
    let inside2 = inside * inside;
    let sigma2 = s.sigma * s.sigma;
    let sigma3 = sigma2 * s.sigma;
    let a1 = depth + s.sigma * a.x;
    let a2 = select(sigma2 * a.y, 0.5 * (inside2 + sigma2) - sigma2 * a.y, reaches);
    let a3 = depth * (inside2 + 3.0 * sigma2) * (1.0 / 6.0) + sigma3 * a.z;
    let b1 = s.sigma * b.x;
    let b2 = sigma2 * b.y;
    let b3 = sigma3 * b.z;
    let tail = clamp(sloped_level(s, slope, vec2<f32>(a1, a2), vec2<f32>(b1, b2)), 0.0, 1.0);
    let excess = max(sloped_level(s, slope, vec2<f32>(a2, a3), vec2<f32>(b2, b3)), 0.0);
    if !LOCAL {
        return vec3<f32>(tail, excess, 0.0);
    }
    let sigma4 = sigma2 * sigma2;
    let fourth = inside2 * (inside2 + 6.0 * sigma2) + 3.0 * sigma4;
    let a4 = select(sigma4 * a.w, fourth * (1.0 / 24.0) - sigma4 * a.w, reaches);
    let third = sloped_level(s, slope, vec2<f32>(a3, a4), vec2<f32>(b3, sigma4 * b.w));
    return vec3<f32>(tail, excess, max(third, 0.0));
}

/// The expansion of a level around the middle of the density, given its derivatives of even and of odd orders.
fn expanded(s: BinLaw, slope: f32, even: vec4<f32>, odd: vec3<f32>) -> f32 {
    let w = (s.half + s.half) * s.inverse_sigma;
    let w2 = w * w;
    let sixth = (1.0 / 1920.0) * even.z + w2 * (1.0 / 322560.0) * even.w;
    let level = even.x + w2 * ((1.0 / 24.0) * even.y + w2 * sixth);
    let fifth = (1.0 / 240.0) * odd.y + w2 * (1.0 / 26880.0) * odd.z;
    return level - slope * w * ((1.0 / 6.0) * odd.x + w2 * fifth);
}

/// F, G and K beyond an edge `y` from the mean, of a narrow density.
fn sloped_narrow(s: BinLaw, y: f32) -> vec3<f32> {
    let slope = facing_slope(s, y);
    let z = max((lean(s.half, slope) - abs(y)) * s.inverse_sigma, -FARTHEST);
    let t = abs(z);
    let above = z > 0.0;
    let z2 = z * z;
    let n = normal(t);
    let d1 = n.x;
    let psi = psi_tail(t, d1, n.y) + max(z, 0.0);
    let below = xi_tail(t, d1, n.y);
    let xi = select(below, 0.5 * (z2 + 1.0) - below, above);
    let cdf = select(n.y, 1.0 - n.y, above);
    let d2 = -z * d1;
    let d3 = (z2 - 1.0) * d1;
    let d4 = -z * (z2 - 3.0) * d1;
    let d5 = (z2 * (z2 - 6.0) + 3.0) * d1;
    let d6 = -z * (z2 * (z2 - 10.0) + 15.0) * d1;
    let mass = clamp(expanded(s, slope, vec4<f32>(cdf, d2, d4, d6), vec3<f32>(d1, d3, d5)), 0.0, 1.0);
    let excess = s.sigma * max(expanded(s, slope, vec4<f32>(psi, d1, d3, d5), vec3<f32>(cdf, d2, d4)), 0.0);
    if !LOCAL {
        return vec3<f32>(mass, excess, 0.0);
    }
    let third = expanded(s, slope, vec4<f32>(xi, cdf, d2, d4), vec3<f32>(psi, d1, d3));
    return vec3<f32>(mass, excess, s.sigma * s.sigma * max(third, 0.0));
}

/// Second moment between two adjacent edges about the lower one; `spread` is the variance of where neurons land.
fn second_between(lower: Edge, upper: Edge, h: f32, spread: f32) -> f32 {
    let pushed = h * (h * upper.tail);
    let pulled = (h + h) * upper.excess;
    let gained = 2.0 * (upper.third - lower.third);
    if upper.y > 0.0 {
        if lower.y > 0.0 {
            return -(pushed + pulled + gained);
        }
        let rest = h - upper.y;
        return rest * rest + spread - pushed - pulled - 2.0 * (upper.third + lower.third);
    }
    return pushed - pulled + gained;
}

/// Second moment of what lies above an edge, about it.
fn second_above(edge: Edge, spread: f32) -> f32 {
    let third = 2.0 * edge.third;
    return select(edge.y * edge.y + spread - third, third, edge.y > 0.0);
}

/// Squared distances from the mean of a share whose second moment is `second`; nothing lies farther than `h` from the origin, but
/// below the lowest bin.
fn scatter(share: Share, second: f32, h: f32) -> f32 {
    let square = share.moment / max(share.mass, NOBODY) * share.moment;
    let farthest = select(h, -DEEPEST, share.moment < 0.0);
    return max(min(second, farthest * share.moment) - square, 0.0);
}

/// The scatter of `count` neurons, as many times the variance of `share`.
fn scatter_of(share: Share, squared: f32, count: f32) -> f32 {
    return squared / max(share.mass, NOBODY) * count;
}
