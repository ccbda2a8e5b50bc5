// Binomial variates, each a pure function of (member, step, population, bin, purpose, draw).

const SPREAD: u32 = 64u;
const RELEASE: u32 = 65u;
const REJECTION: u32 = 16u;
const LARGE_MEAN: f32 = 10.0;
const INVERSION_MAX: f32 = 60.0;
const TRIES: u32 = 64u;

struct Stream {
    key: vec4<u32>,
    step: u32,
    population: u32,
    bin: u32,
    purpose: u32,
}

/// 128 bits of a stream for draw number `draw` and attempt `attempt`.
fn words(s: Stream, purpose: u32, draw: u32, attempt: u32) -> vec4<u32> {
    return threefry(s.key, vec4<u32>(s.bin | (draw << 16u), s.step, purpose | (attempt << 16u), s.population));
}

/// A number in (0, 1), uniform on a grid of 2^-23: a half more has to fit 24 bits.
fn unit(word: u32) -> f32 {
    return (f32(word >> 9u) + 0.5) / 8388608.0;
}

/// ln(1 - p) for p <= 1/2, as -2 artanh(p/(2 - p)).
fn ln_complement(p: f32) -> f32 {
    let s = p / (2.0 - p);
    let s2 = s * s;
    var sum = 1.0 / 17.0;
    sum = sum * s2 + 1.0 / 15.0;
    sum = sum * s2 + 1.0 / 13.0;
    sum = sum * s2 + 1.0 / 11.0;
    sum = sum * s2 + 1.0 / 9.0;
    sum = sum * s2 + 1.0 / 7.0;
    sum = sum * s2 + 1.0 / 5.0;
    sum = sum * s2 + 1.0 / 3.0;
    sum = sum * s2 + 1.0;
    return -(s + s) * sum;
}

/// Error of Stirling's formula for k >= 1.
fn stirling_error(k: f32) -> f32 {
    let k2 = 1.0 / (k * k);
    return (1.0 / 12.0 - k2 * (1.0 / 360.0 - k2 * (1.0 / 1260.0 - k2 * (1.0 / 1680.0)))) / k;
}

/// x ln(x/m) + m - x.
fn deviance(x: f32, m: f32) -> f32 {
    let d = x - m;
    if abs(d) < 0.1 * (x + m) {
        let v = d / (x + m);
        let v2 = v * v;
        var sum = 1.0 / 11.0;
        sum = sum * v2 + 1.0 / 9.0;
        sum = sum * v2 + 1.0 / 7.0;
        sum = sum * v2 + 1.0 / 5.0;
        sum = sum * v2 + 1.0 / 3.0;
        return d * v + (x + x) * v * v2 * sum;
    }
    return x * log(x / m) - d;
}

/// ln P(k) of Binomial(n, p) with q = 1 - p, 0 <= k <= n.
fn ln_binomial(n: f32, p: f32, q: f32, k: f32) -> f32 {
    if k < 1.0 {
        return -deviance(n, n * q) - n * p;
    }
    if n - k < 1.0 {
        return -deviance(n, n * p) - n * q;
    }
    let stirling = stirling_error(n) - stirling_error(k) - stirling_error(n - k);
    let deviances = deviance(k, n * p) + deviance(n - k, n * q);
    let tau = 6.2831855;
    return stirling - deviances - 0.5 * log(tau * k * ((n - k) / n));
}

/// Binomial(n, p) by inversion of a uniform number, for n p < 10 and p <= 1/2.
fn binomial_inversion(n: f32, p: f32, q: f32, uniform_number: f32) -> f32 {
    // P(0) = (1 - p)^n >= 1 - n p.
    if uniform_number <= 1.0 - n * p {
        return 0.0;
    }
    var k = 0.0;
    var u = uniform_number;
    var probability = exp(n * ln_complement(p));
    let odds = p / q;
    let last = min(n, INVERSION_MAX);
    while u > probability && k < last {
        u -= probability;
        k += 1.0;
        probability = probability * odds * ((n - k + 1.0) / k);
    }
    return k;
}

/// Binomial(n, p) by transformed rejection, for n p >= 10 and p <= 1/2.
fn binomial_rejection(s: Stream, draw: u32, n: f32, p: f32, q: f32) -> f32 {
    let sd = sqrt(n * p * q);
    let b = 1.15 + 2.53 * sd;
    let a = -0.0873 + 0.0248 * b + 0.01 * p;
    let centre = n * p + 0.5;
    let quick = 0.92 - 4.2 / b;
    let alpha = (2.83 + 5.1 / b) * sd;
    let mode = floor((n + 1.0) * p);
    let ln_mode = ln_binomial(n, p, q, mode);
    for (var attempt = 0u; attempt < TRIES; attempt++) {
        let bits = words(s, s.purpose + REJECTION, draw, attempt);
        let u = unit(bits.x) - 0.5;
        let v = unit(bits.y);
        let us = 0.5 - abs(u);
        let k = floor(((a + a) / us + b) * u + centre);
        if us >= 0.07 && v <= quick {
            return k;
        }
        if k >= 0.0 && k <= n {
            let height = log(v * alpha / (a / (us * us) + b));
            if height <= ln_binomial(n, p, q, k) - ln_mode {
                return k;
            }
        }
    }
    return mode;
}

/// Binomial(n, yes/(yes + no)), draw number `draw` of a stream, four draws to a block, of which `word` is its own.
fn binomial(s: Stream, draw: u32, word: u32, n: f32, yes: f32, no: f32) -> f32 {
    if no <= 0.0 {
        return n;
    }
    if yes <= 0.0 || n <= 0.0 {
        return 0.0;
    }
    let p = min(yes, no) / (yes + no);
    let q = max(yes, no) / (yes + no);
    var k = 0.0;
    if n * p < LARGE_MEAN {
        k = binomial_inversion(n, p, q, unit(word));
    } else {
        k = binomial_rejection(s, draw, n, p, q);
    }
    return select(k, n - k, yes > no);
}
