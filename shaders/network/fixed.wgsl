// Arithmetic of fixed-point numbers: products of signed numbers and of counts, rounded to nearest.

/// multiply_high of a signed a below 2^31 in size: odd in a.
fn multiply_high_signed(a: i32, b: u32) -> i32 {
    let size = bitcast<i32>(multiply_high(bitcast<u32>(abs(a)), b));
    return select(size, -size, a < 0);
}

/// Pending kicks times a constant of 12 low bits: h high + h low / 2^12, rounded; h at most 2^20 - 1.
fn count_times(h: u32, high: u32, low: u32) -> u32 {
    return h * high + ((h * low + 0x800u) >> 12u);
}

/// Fixed-point kicks (below 2^31) times a constant of 31 fractional bits.
fn fixed_times(h: u32, high: u32) -> u32 {
    return multiply_high(h << 1u, high);
}

/// fixed_times of a signed h below 2^31 in size: odd in h.
fn fixed_times_signed(h: i32, high: u32) -> i32 {
    let size = bitcast<i32>(fixed_times(bitcast<u32>(abs(h)), high));
    return select(size, -size, h < 0);
}

/// Square root of n >= 2^30 to the nearest integer, at most 65535. WGSL's sqrt is good to a few parts in 2^22, so that
/// the guess is the integer part or next to it, and the integers decide.
fn square_root(n: u32) -> u32 {
    var root = min(u32(sqrt(f32(n))), 65535u);
    root -= u32(root * root > n);
    root += u32(n - root * root > 2u * root);
    return min(root + u32(n - root * root > root), 65535u);
}

/// a / 2^shift, rounded to nearest.
fn shift_rounded(a: i32, shift: u32) -> i32 {
    return (a + ((1i << shift) >> 1u)) >> shift;
}
