// The upper half of a product of 32-bit integers, of WGSL's own operations; a device with 64-bit integers has it in one.

/// (a b + 2^31) / 2^32.
fn multiply_high(a: u32, b: u32) -> u32 {
    let a_low = a & 0xffffu;
    let a_high = a >> 16u;
    let b_low = b & 0xffffu;
    let b_high = b >> 16u;
    let middle = a_high * b_low + ((a_low * b_low) >> 16u);
    let other = a_low * b_high + (middle & 0xffffu);
    return a_high * b_high + (middle >> 16u) + ((other + 0x8000u) >> 16u);
}
