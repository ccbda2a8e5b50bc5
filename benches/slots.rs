//! How many destinations per voltage bin should a pass of the `dsode` kernel keep, and how many trajectories should a workgroup step, on
//! the first device of this machine? Fewer destinations leave room for more workgroups, and take a second pass where windows are wide.
//!
//!     cargo bench --bench slots -- [TEXT...]
//!
//! Trajectory-steps per second of the example network's `dsode` models; TEXT: only those with one of these in their name.

use snn_ensemble::bench::kernel::Trajectories;
use snn_ensemble::bench::suite::suite;
use snn_ensemble::ensemble::Ensemble;
use snn_ensemble::gpu::Gpu;
use snn_ensemble::gpu::adapter::Choice;
use snn_ensemble::gpu::pace::Pace;
use snn_ensemble::model::Variant;
use snn_ensemble::reduced::Dsode;
use snn_ensemble::reduced::gpu::DsodeKernel;
use snn_ensemble::reduced::layout::TrajectoryLayout;
use std::time::{Duration, Instant};

type Failure = Box<dyn std::error::Error>;

const SLOTS: [usize; 4] = [10, 6, 5, 4];
const TOGETHER: [usize; 4] = [1, 2, 3, 4];
/// Trajectories, and time for each number.
const MEMBERS: usize = 4096;
const SOFTWARE_MEMBERS: usize = 4;
const SECONDS: f64 = 0.4;

/// Trajectory-steps per second.
fn rate(gpu: &Gpu, start: &[Dsode<f32>], layout: TrajectoryLayout) -> Result<f64, Failure> {
    let kernel = DsodeKernel::with_layout(gpu, start[0].shape(), layout)?;
    let most = Pace::most(kernel.steps_max(gpu));
    let mut batch = Trajectories::new(gpu, &kernel, start, most)?;
    let mut pace = Pace::new(most);
    // The first steps find the length of a dispatch.
    let mut step = pace.step(&mut batch, 0, most, || true, |_| ())?;
    let (first, begun) = (step, Instant::now());
    while begun.elapsed() < Duration::from_secs_f64(SECONDS) {
        step = pace.step(&mut batch, step, step + most, || true, |_| ())?;
    }
    Ok(start.len() as f64 * f64::from(step - first) / begun.elapsed().as_secs_f64())
}

fn main() -> Result<(), Failure> {
    let asked: Vec<String> = std::env::args().skip(1).filter(|text| !text.starts_with("--")).collect();
    let wanted = |name: &str| asked.is_empty() || asked.iter().any(|text| name.contains(text.as_str()));
    let gpu = Gpu::open(&Choice::Any)?;
    println!("{}", gpu.name());
    for case in suite().iter().filter(|case| case.name.starts_with("dsode") && wanted(&case.name)) {
        let ensemble = Ensemble::new(case.experiment(1, 1)?, false)?;
        let at_point = ensemble.at_point(0, 0)?;
        let Variant::Dsode { .. } = at_point.variant else { continue };
        let members = if gpu.is_software() { SOFTWARE_MEMBERS } else { MEMBERS };
        let start = (0..members as u32).map(|i| at_point.dsode::<f32>([i, 1, 2, 3])).collect::<Result<Vec<_>, _>>()?;
        let (memory, shape) = (gpu.limits.max_compute_workgroup_storage_size as usize, start[0].shape());
        for slots in SLOTS {
            for together in TOGETHER {
                let invocations = gpu.limits.max_compute_invocations_per_workgroup as usize;
                let layout = TrajectoryLayout::with_most(shape, memory, invocations, slots, together)?;
                let TrajectoryLayout { memory: bytes, passes, workgroup, together, .. } = layout;
                let rate = rate(&gpu, &start, layout)? / 1e6;
                println!(
                    "{:34} slots {slots:2}  passes {passes:2}  together {together}  invocations {workgroup:3}  {bytes:5} B  {rate:8.2} M/s",
                    case.name
                );
            }
        }
    }
    Ok(())
}
