//! How fast this device computes when nothing holds it up: the ceiling that kernels are held against.
//!
//! Integers: an addition, a rotation and an exclusive or in equal parts, as in the random generator, which is half of a
//! neuron's work. A rotation counts as one operation, also where a processor needs three instructions for it. Floats: a
//! multiplication and an addition in turn, each rounded. All of it in registers, in enough independent chains to hide latency.

use crate::gpu::bindings::WRITE;
use crate::gpu::{Gpu, GpuError, compute};
use multiversion::multiversion;
use rayon::prelude::*;
use std::hint::black_box;
use std::time::Instant;
use wgpu::BufferUsages;

/// Operations per second.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Peak {
    /// Of 32-bit integers.
    pub integers: f64,
    /// Of f64 on a CPU, f32 on a GPU.
    pub floats: f64,
}

/// Chains of a CPU thread: eight vectors of eight integers, twelve of four floats.
const INTEGER_CHAINS: usize = 64;
const FLOAT_CHAINS: usize = 48;
/// Chains of an invocation.
const SHADER_CHAINS: f64 = 16.0;
const INTEGER_OPERATIONS: f64 = 3.0;
const FLOAT_OPERATIONS: f64 = 2.0;
const ROUNDS: u32 = 200_000;
/// Below the 65 535 loop iterations after which llvmpipe ends a shader.
const SHADER_ROUNDS: u32 = 8192;
/// The module, which stands by itself.
pub const SHADER: &str = include_str!("../../shaders/bench/peak.wgsl");
/// The best of so many tries counts: whatever else a machine does makes them slower only.
const TRIES: usize = 5;

/// [`INTEGER_CHAINS`] chains, each round of an addition, a rotation and an exclusive or.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
fn integers(seed: u32, rounds: u32) -> u32 {
    let mut chains: [u32; INTEGER_CHAINS] = std::array::from_fn(|i| seed.wrapping_add(i as u32));
    for _ in 0..rounds {
        for x in &mut chains {
            *x = x.wrapping_add(seed).rotate_left(13) ^ rounds;
        }
    }
    chains.iter().fold(0, |a, b| a ^ b)
}

/// [`FLOAT_CHAINS`] chains, each round of a multiplication and an addition.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl", "x86_64+avx2+bmi2", "aarch64+neon"))]
fn floats(seed: u32, rounds: u32) -> u32 {
    // Above zero, or chains would sink among subnormal numbers, which some processors take a hundred times as long for.
    let start = 1.0 + f64::from(seed & 0xff);
    let mut chains: [f64; FLOAT_CHAINS] = std::array::from_fn(|i| start + i as f64);
    for _ in 0..rounds {
        for x in &mut chains {
            *x = *x * 0.75 + start;
        }
    }
    chains.iter().sum::<f64>() as u32
}

/// Of so many threads of this machine.
pub fn peak(threads: usize) -> Peak {
    let best = |operations: f64, f: fn(u32, u32) -> u32| {
        let rates = (0..TRIES).map(|_| {
            let begun = Instant::now();
            (0..threads as u32).into_par_iter().with_max_len(1).for_each(|t| {
                black_box(f(black_box(t), black_box(ROUNDS)));
            });
            threads as f64 * f64::from(ROUNDS) * operations / begun.elapsed().as_secs_f64()
        });
        rates.fold(0.0, f64::max)
    };
    Peak {
        integers: best(INTEGER_CHAINS as f64 * INTEGER_OPERATIONS, integers),
        floats: best(FLOAT_CHAINS as f64 * FLOAT_OPERATIONS, floats),
    }
}

/// Of a GPU, with enough threads to fill the largest; few enough for a small one to finish before a watchdog wakes.
pub fn peak_of(gpu: &Gpu) -> Result<Peak, GpuError> {
    let groups: u32 = if gpu.is_software() { 8 } else { 2048 };
    let threads = groups * 256;
    let layout = gpu.layout("peak", &[gpu.uniform_binding(), WRITE]);
    let pipeline = gpu.pipelines(SHADER, &layout, &["peak"])?.remove(0);
    let work = gpu.uniform::<[u32; 4]>("work")?;
    let output = gpu.buffer("output", threads.into(), BufferUsages::STORAGE)?;
    let group = gpu.bind("peak", &layout, &[&work, &output]);
    let best = |kind: u32, operations: f64| -> Result<f64, GpuError> {
        let mut best = 0.0_f64;
        for _ in 0..TRIES {
            gpu.queue.write_buffer(&work, 0, bytemuck::cast_slice(&[SHADER_ROUNDS, kind, 0, 0]));
            gpu.wait(gpu.queue.submit([]))?;
            let begun = Instant::now();
            let mut encoder = gpu.device.create_command_encoder(&Default::default());
            compute(&mut encoder, &pipeline, &group, [groups, 1]);
            gpu.wait(gpu.queue.submit([encoder.finish()]))?;
            let rounds = f64::from(threads) * f64::from(SHADER_ROUNDS);
            best = best.max(rounds * SHADER_CHAINS * operations / begun.elapsed().as_secs_f64());
        }
        Ok(best)
    };
    Ok(Peak { integers: best(0, INTEGER_OPERATIONS)?, floats: best(1, FLOAT_OPERATIONS)? })
}
