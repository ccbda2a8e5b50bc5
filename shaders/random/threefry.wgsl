// One call gives 128 random bits, a pure function of key (the member) and counter (neuron, block, purpose, part).

const PARITY: u32 = 0x1BD11BDAu;

/// Threefry-4x32, 13 rounds.
fn threefry(key: vec4<u32>, counter: vec4<u32>) -> vec4<u32> {
    let k4 = PARITY ^ key.x ^ key.y ^ key.z ^ key.w;
    var x = counter + key;
    x = even_round(x, 10u, 26u);
    x = odd_round(x, 11u, 21u);
    x = even_round(x, 13u, 27u);
    x = odd_round(x, 23u, 5u);
    x += vec4<u32>(key.y, key.z, key.w, k4 + 1u);
    x = even_round(x, 6u, 20u);
    x = odd_round(x, 17u, 11u);
    x = even_round(x, 25u, 10u);
    x = odd_round(x, 18u, 20u);
    x += vec4<u32>(key.z, key.w, k4, key.x + 2u);
    x = even_round(x, 10u, 26u);
    x = odd_round(x, 11u, 21u);
    x = even_round(x, 13u, 27u);
    x = odd_round(x, 23u, 5u);
    x += vec4<u32>(key.w, k4, key.x, key.y + 3u);
    return even_round(x, 6u, 20u);
}

fn even_round(v: vec4<u32>, first: u32, second: u32) -> vec4<u32> {
    let x0 = v.x + v.y;
    let x1 = rotate_left(v.y, first) ^ x0;
    let x2 = v.z + v.w;
    let x3 = rotate_left(v.w, second) ^ x2;
    return vec4<u32>(x0, x1, x2, x3);
}

fn odd_round(v: vec4<u32>, first: u32, second: u32) -> vec4<u32> {
    let x0 = v.x + v.w;
    let x3 = rotate_left(v.w, first) ^ x0;
    let x2 = v.z + v.y;
    let x1 = rotate_left(v.y, second) ^ x2;
    return vec4<u32>(x0, x1, x2, x3);
}

fn rotate_left(x: u32, bits: u32) -> u32 {
    return (x << bits) | (x >> (32u - bits));
}
