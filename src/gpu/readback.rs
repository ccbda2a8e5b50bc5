//! Outputs on their way from a device to the host: at most two dispatches, the oldest first, so that the device computes one
//! while the host reads the other.

use super::device::{Gpu, GpuError};
use std::collections::VecDeque;
use wgpu::{Buffer, CommandEncoder, MapMode, SubmissionIndex};

/// `D` says what a dispatch was.
pub struct Readback<'a, D> {
    gpu: &'a Gpu,
    free: Vec<Buffer>,
    pending: VecDeque<(D, SubmissionIndex, Buffer, u64)>,
}

impl<'a, D> Readback<'a, D> {
    /// For two outputs of at most `words` words.
    pub fn new(gpu: &'a Gpu, words: u64) -> Result<Readback<'a, D>, GpuError> {
        Readback::of(gpu, words, 2)
    }

    fn of(gpu: &'a Gpu, words: u64, buffers: usize) -> Result<Readback<'a, D>, GpuError> {
        let mut readback = Readback { gpu, free: vec![], pending: VecDeque::new() };
        for _ in 0..buffers {
            readback.free.push(gpu.readback(words)?);
        }
        Ok(readback)
    }

    /// Submits what `encoder` holds, and then brings back the first `words` words of `output`.
    ///
    /// # Panics
    /// If two outputs are on their way already.
    pub fn submit(
        &mut self,
        mut encoder: CommandEncoder,
        output: &Buffer,
        words: u64,
        dispatch: D,
    ) -> Result<(), GpuError> {
        let readback = self.free.pop().expect("at most two dispatches are under way");
        let bytes = 4 * words;
        encoder.copy_buffer_to_buffer(output, 0, &readback, 0, bytes);
        let submission = self.gpu.submit(encoder);
        readback.slice(..bytes).map_async(MapMode::Read, |_| {});
        self.pending.push_back((dispatch, submission, readback, bytes));
        self.gpu.check()
    }

    /// Outputs on their way; at most two.
    pub fn under_way(&self) -> usize {
        self.pending.len()
    }

    /// Waits for the oldest output, if there is one, and hands it over.
    pub fn finish(&mut self, all: impl FnOnce(&D, &[u32]) -> Result<(), GpuError>) -> Result<(), GpuError> {
        let Some((dispatch, submission, readback, bytes)) = self.pending.pop_front() else { return Ok(()) };
        self.gpu.wait(submission)?;
        let unmapped =
            |e: wgpu::MapRangeError| GpuError::Device { reason: format!("the readback was not mapped: {e}") };
        let view = readback.get_mapped_range(..bytes).map_err(unmapped)?;
        all(&dispatch, bytemuck::cast_slice(&view))?;
        drop(view);
        readback.unmap();
        self.free.push(readback);
        Ok(())
    }
}

impl<D> Drop for Readback<'_, D> {
    fn drop(&mut self) {
        self.gpu.keep_readbacks(&mut self.free);
    }
}

/// The first `words` words of a buffer, after all that was submitted.
pub fn read(gpu: &Gpu, buffer: &Buffer, words: u64) -> Result<Vec<u32>, GpuError> {
    let mut contents = Vec::new();
    let mut readback = Readback::of(gpu, words, 1)?;
    readback.submit(gpu.device.create_command_encoder(&Default::default()), buffer, words, ())?;
    readback.finish(|(), words| {
        contents = words.to_vec();
        Ok(())
    })?;
    Ok(contents)
}

/// Whether every member has done the steps of a dispatch; its output, `stride` words a member, begins with the steps done.
pub fn all_done(words: &[u32], stride: u32, first_step: u32, steps: u32) -> Result<(), GpuError> {
    let short = words.chunks_exact(stride as usize).map(|words| words[0]).enumerate().find(|&(_, done)| done != steps);
    match short {
        Some((member, done)) => Err(GpuError::Incomplete { member: member as u32, done, steps, first_step }),
        None => Ok(()),
    }
}
