// How fast a device computes: one invocation is one thread with 16 chains of operations that never wait for memory; it writes one
// word, so that nothing is left out. Invocations: as many as asked for.

/// Rounds, kind (0: integers, 1: floats), nothing, nothing.
@group(0) @binding(0) var<uniform> work: vec4<u32>;
@group(0) @binding(1) var<storage, read_write> output: array<u32>;

/// 16 chains, each round of an addition, a rotation and an exclusive or.
fn integers(seed: u32, rounds: u32) -> u32 {
    let left = vec4<u32>(13u);
    let right = vec4<u32>(19u);
    let more = vec4<u32>(seed);
    let mask = vec4<u32>(rounds);
    var a = vec4<u32>(seed, seed + 1u, seed + 2u, seed + 3u);
    var b = a + vec4<u32>(4u);
    var c = a + vec4<u32>(8u);
    var d = a + vec4<u32>(12u);
    for (var i = 0u; i < rounds; i++) {
        a += more;
        b += more;
        c += more;
        d += more;
        a = ((a << left) | (a >> right)) ^ mask;
        b = ((b << left) | (b >> right)) ^ mask;
        c = ((c << left) | (c >> right)) ^ mask;
        d = ((d << left) | (d >> right)) ^ mask;
    }
    let sum = a + b + c + d;
    return sum.x ^ sum.y ^ sum.z ^ sum.w;
}

/// 16 chains, each round of a multiplication and an addition.
fn floats(seed: u32, rounds: u32) -> u32 {
    let start = 1.0 + f32(seed & 0xffu);
    var a = vec4<f32>(start, start + 1.0, start + 2.0, start + 3.0);
    var b = a + vec4<f32>(4.0);
    var c = a + vec4<f32>(8.0);
    var d = a + vec4<f32>(12.0);
    for (var i = 0u; i < rounds; i++) {
        a = a * vec4<f32>(0.75) + vec4<f32>(start);
        b = b * vec4<f32>(0.75) + vec4<f32>(start);
        c = c * vec4<f32>(0.75) + vec4<f32>(start);
        d = d * vec4<f32>(0.75) + vec4<f32>(start);
    }
    let sum = a + b + c + d;
    return u32(sum.x + sum.y + sum.z + sum.w);
}

@compute @workgroup_size(256)
fn peak(@builtin(global_invocation_id) id: vec3<u32>) {
    let thread = id.x;
    if work.y == 0u {
        output[thread] = integers(thread, work.x);
    } else {
        output[thread] = floats(thread, work.x);
    }
}
