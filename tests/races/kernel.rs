//! A kernel, its buffers, and what they are for.

use super::compile::compile;
use super::machine::run;
use crate::kernels::parsed;

/// What a run has its kernels do.
pub trait Case {
    fn name(&self) -> &str;

    /// The kernels of a dispatch, in their order.
    fn sources(&self) -> Vec<String>;

    /// What is wrong with these kernels, whose invocations take turns in an order of `seed`. Where nothing is, they compute what the CPU
    /// does.
    fn run(&self, sources: &[String], seed: u64) -> Vec<String>;
}

pub struct Kernel<'a> {
    pub source: &'a str,
    pub entry: &'a str,
    pub grid: [u32; 2],
}

impl Kernel<'_> {
    /// One dispatch; what is wrong with it.
    pub fn run(&self, buffers: &mut [Vec<u32>], seed: u64) -> Vec<String> {
        let (module, info) = parsed(self.source).unwrap_or_else(|e| panic!("{e}"));
        let lengths: Vec<u32> = buffers.iter().map(|buffer| buffer.len() as u32).collect();
        run(&compile(self.source, module, &info, self.entry, &lengths), buffers, self.grid, seed)
    }
}

/// A struct or an array as words.
pub fn words<T: bytemuck::NoUninit>(values: &[T]) -> Vec<u32> {
    bytemuck::cast_slice(values).to_vec()
}
