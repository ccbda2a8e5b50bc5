//! Members stepped by the library's own kernels and nothing else: no statistics, no log, no files.

use super::operations::Activity;
use crate::ensemble::gpu::{BatchError, Device, Leg};
use crate::ensemble::networks::{self, placed};
use crate::ensemble::trajectories::{self, trajectory};
use crate::ensemble::{Ensemble, Member, Setting, checkpoint::Start};
use crate::gpu::network::NetworkBatch;
use crate::gpu::pace::{Pace, Stepped};
use crate::gpu::{Gpu, GpuError};
use crate::model::{Precision, Variant};
use crate::network::member::Dispatch;
use crate::network::solo::{CpuCut, PIECE, Placed, Solo};
use crate::network::stepping;
use crate::reduced::gpu::DsodeBatch;
use crate::reduced::stepping::Run;
use crate::reduced::{Dsode, Real};
use rayon::prelude::*;
use std::sync::Arc;
use std::time::Instant;

/// What a stretch of all members took and did.
pub struct Stretch {
    pub seconds: f64,
    pub activity: Activity,
}

/// Members of a batch whose spikes are looked at; all of them would be work that is not the kernel's.
const WATCHED: usize = 16;

/// Every member of an experiment of one model, with its setting.
fn legs<'a>(ensemble: &Ensemble, settings: &'a [Setting]) -> Vec<Leg<'a>> {
    let each = |(point, setting): (usize, &'a Setting)| {
        (0..ensemble.realisations(0)).map(move |realisation| Leg {
            member: Member { model: 0, point: point as u32, realisation },
            setting,
            start: Start::BEGIN,
        })
    };
    settings.iter().enumerate().flat_map(each).collect()
}

/// Members that one batch on `device` holds, at most.
pub fn most_members(device: &mut Device, setting: &Setting) -> Result<usize, BatchError> {
    device.prepare(setting)?;
    let of_networks = device.network_kernel(setting).map(|kernel| networks::batch_size(&device.gpu, kernel));
    let of_dsode = device.dsode_kernel(setting).map(|kernel| trajectories::batch_size(&device.gpu, kernel, setting));
    Ok(of_networks.or(of_dsode).expect("the kernel was prepared"))
}

/// All members of `ensemble`, which has one model, for their whole duration.
pub fn run(ensemble: &Ensemble, settings: &[Setting], device: Option<&mut Device>) -> Result<Stretch, BatchError> {
    let legs = legs(ensemble, settings);
    match (device, settings[0].variant) {
        (None, Variant::Dsode { precision: Precision::F32, .. }) => reduced::<f32>(ensemble, &legs),
        (None, Variant::Dsode { .. }) => reduced::<f64>(ensemble, &legs),
        (None, _) => networks(ensemble, settings, &legs),
        (Some(device), _) => {
            device.prepare(&settings[0])?;
            if let Variant::Dsode { .. } = settings[0].variant {
                reduced_on(device, ensemble, &legs)
            } else {
                networks_on(device, ensemble, &legs)
            }
        }
    }
}

fn networks(ensemble: &Ensemble, settings: &[Setting], legs: &[Leg]) -> Result<Stretch, BatchError> {
    let setting = &settings[0];
    let network = Arc::new(Placed::new(&setting.case(ensemble.bins), PIECE)?);
    let threads = legs.len() < rayon::current_num_threads();
    let start = |leg: &Leg| {
        let key = ensemble.random_key(setting, leg.member.realisation);
        let mut solo = Solo::of(network.clone(), key, CpuCut { threads, ..CpuCut::default() });
        solo.piece(0, |_, _, _| {});
        solo
    };
    let members: Vec<Solo> = legs.par_iter().map(start).collect();
    let begun = Instant::now();
    let activities = members.into_par_iter().with_max_len(1).map(|mut solo| {
        let mut activity = Activity::default();
        for output in solo.pieces(setting.steps, |_, _, _| {}) {
            activity.add(output.counts.into_iter().map(f64::from), network.shape.populations.len());
        }
        activity
    });
    let activity = activities.reduce(Activity::default, |a, b| a.merge(&b));
    Ok(Stretch { seconds: begun.elapsed().as_secs_f64(), activity })
}

fn reduced<T: Real>(ensemble: &Ensemble, legs: &[Leg]) -> Result<Stretch, BatchError> {
    let start = |leg: &Leg| {
        let key = ensemble.random_key(leg.setting, leg.member.realisation);
        Dsode::<T>::new(&leg.setting.network, &leg.setting.variant, key)
    };
    let trajectories: Vec<Dsode<T>> = legs.iter().map(start).collect::<Result<_, _>>()?;
    let steps = legs[0].setting.steps;
    let begun = Instant::now();
    trajectories.into_par_iter().with_max_len(1).for_each(|mut trajectory| {
        for _ in 0..steps {
            std::hint::black_box(trajectory.step());
        }
    });
    Ok(Stretch { seconds: begun.elapsed().as_secs_f64(), activity: Activity::default() })
}

/// Networks on a device, with the spikes of some of them.
struct Networks<'a> {
    batch: NetworkBatch<'a>,
    setting: &'a Setting,
    populations: usize,
    activity: Activity,
}

impl Stepped for Networks<'_> {
    fn start(&mut self, first: u32, steps: u32) -> Result<(), GpuError> {
        self.batch.start(Dispatch::new(first, steps, self.setting.window, self.setting.sample_every))
    }

    fn under_way(&self) -> usize {
        self.batch.under_way()
    }

    fn finish(&mut self) -> Result<u32, GpuError> {
        let Networks { batch, populations, activity, .. } = self;
        let mut steps = 0;
        batch.finish(|dispatch, words| {
            for words in words.chunks(dispatch.output_stride as usize).take(WATCHED) {
                let counts = &words[stepping::HEADER as usize..][..dispatch.steps as usize * *populations];
                activity.add(counts.iter().map(|&count| f64::from(count)), *populations);
            }
            steps = dispatch.steps;
        })?;
        Ok(steps)
    }
}

/// Trajectories on a device, with nothing read of them.
struct Trajectories<'a>(DsodeBatch<'a>);

impl Trajectories<'_> {
    fn run(first: u32, steps: u32) -> Run {
        Run::new(first, steps, u32::MAX, u32::MAX)
    }
}

impl Stepped for Trajectories<'_> {
    fn start(&mut self, first: u32, steps: u32) -> Result<(), GpuError> {
        self.0.start(Self::run(first, steps))
    }

    fn under_way(&self) -> usize {
        self.0.under_way()
    }

    fn finish(&mut self) -> Result<u32, GpuError> {
        let mut steps = 0;
        self.0.finish(|run, _| steps = run.steps)?;
        Ok(steps)
    }
}

fn networks_on(device: &Device, ensemble: &Ensemble, legs: &[Leg]) -> Result<Stretch, BatchError> {
    let (gpu, setting) = (&device.gpu, legs[0].setting);
    let kernel = device.network_kernel(setting).expect("the kernel was prepared");
    let most = Pace::most(kernel.steps_max(gpu));
    let (tables, points, parameters) = placed(ensemble, legs, most)?;
    let batch = NetworkBatch::new(gpu, kernel, &tables, &points, &parameters, most, most)?;
    let populations = kernel.shape.populations.len();
    let mut networks = Networks { batch, setting, populations, activity: Activity::default() };
    let seconds = timed(gpu, &mut networks, most, setting.steps)?;
    Ok(Stretch { seconds, activity: networks.activity })
}

fn reduced_on(device: &Device, ensemble: &Ensemble, legs: &[Leg]) -> Result<Stretch, BatchError> {
    let (gpu, setting) = (&device.gpu, legs[0].setting);
    let kernel = device.dsode_kernel(setting).expect("the kernel was prepared");
    let starting: Vec<Dsode<f32>> = legs.iter().map(|leg| trajectory(ensemble, leg)).collect::<Result<_, _>>()?;
    let most = Pace::most(kernel.steps_max(gpu));
    let batch = DsodeBatch::new(gpu, kernel, &starting, &Trajectories::run(0, most))?;
    let seconds = timed(gpu, &mut Trajectories(batch), most, setting.steps)?;
    Ok(Stretch { seconds, activity: Activity::default() })
}

/// Seconds of `steps` steps of a batch.
fn timed(gpu: &Gpu, batch: &mut impl Stepped, most: u32, steps: u32) -> Result<f64, GpuError> {
    gpu.wait(gpu.queue.submit([]))?;
    let begun = Instant::now();
    Pace::new(most).step(batch, 0, steps, || true)?;
    Ok(begun.elapsed().as_secs_f64())
}
