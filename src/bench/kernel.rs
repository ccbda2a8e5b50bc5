//! Members stepped by the library's own kernels and nothing else: no statistics, no log, no files.

use super::operations::Activity;
use crate::ensemble::cpu::{NetworkSetting, STRETCH};
use crate::ensemble::gpu::{BatchError, Device, FEWEST_STEPS, Leg, STEPS, batch_size, placed, tuned};
use crate::ensemble::reduced::{TRAJECTORIES, steps_max};
use crate::ensemble::{Ensemble, Member, Setting, checkpoint::Start};
use crate::gpu::network::NetworkBatch;
use crate::model::{Precision, Variant};
use crate::network::member::Dispatch;
use crate::network::stepping;
use crate::reduced::gpu::DsodeBatch;
use crate::reduced::{Dsode, Real};
use rayon::prelude::*;
use std::time::{Duration, Instant};

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
    Ok(device.network_kernel(setting).map_or(TRAJECTORIES, |kernel| batch_size(&device.gpu, kernel)))
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
    let network = NetworkSetting::new(setting, ensemble.bins)?;
    let threads = legs.len() < rayon::current_num_threads();
    let start = |leg: &Leg| {
        let key = ensemble.random_key(setting, leg.member.realisation);
        let mut member = None;
        network.stretch(setting, key, (0, 0), threads, &None, &mut member, |_, _, _| {});
        (key, member)
    };
    let members: Vec<([u32; 4], Option<stepping::Member>)> = legs.par_iter().map(start).collect();
    let begun = Instant::now();
    let activities = members.into_par_iter().with_max_len(1).map(|(key, mut member)| {
        let mut activity = Activity::default();
        for first in (0..setting.steps).step_by(STRETCH as usize) {
            let steps = STRETCH.min(setting.steps - first);
            let output = network.stretch(setting, key, (first, steps), threads, &None, &mut member, |_, _, _| {});
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

fn networks_on(device: &Device, ensemble: &Ensemble, legs: &[Leg]) -> Result<Stretch, BatchError> {
    let (gpu, setting) = (&device.gpu, legs[0].setting);
    let kernel = device.network_kernel(setting).expect("the kernel was prepared");
    let populations = kernel.shape.populations.len();
    let most = STEPS.min(kernel.steps_max(gpu));
    let (tables, points, parameters) = placed(ensemble, legs, most)?;
    let mut batch = NetworkBatch::new(gpu, kernel, &tables, &points, &parameters, most, most)?;
    let mut activity = Activity::default();
    let (mut first, mut stretch) = (0, FEWEST_STEPS.min(most));
    gpu.wait(gpu.queue.submit([]))?;
    let begun = Instant::now();
    let mut clock = begun;
    while first < setting.steps || batch.under_way() > 0 {
        if first < setting.steps {
            let steps = stretch.min(setting.steps - first);
            batch.start(Dispatch::new(first, steps, setting.window, setting.sample_every))?;
            first += steps;
        }
        if batch.under_way() == 2 || first == setting.steps {
            batch.finish(|dispatch, words| {
                stretch = tuned(dispatch.steps, clock.elapsed().max(Duration::from_micros(100)))
                    .clamp(FEWEST_STEPS.min(most), most);
                clock = Instant::now();
                for words in words.chunks(dispatch.output_stride as usize).take(WATCHED) {
                    let counts = &words[stepping::HEADER as usize..][..dispatch.steps as usize * populations];
                    activity.add(counts.iter().map(|&count| f64::from(count)), populations);
                }
            })?;
        }
    }
    Ok(Stretch { seconds: begun.elapsed().as_secs_f64(), activity })
}

fn reduced_on(device: &Device, ensemble: &Ensemble, legs: &[Leg]) -> Result<Stretch, BatchError> {
    let gpu = &device.gpu;
    let kernel = device.dsode_kernel(legs[0].setting).expect("the kernel was prepared");
    let start = |leg: &Leg| {
        let key = ensemble.random_key(leg.setting, leg.member.realisation);
        Dsode::<f32>::new(&leg.setting.network, &leg.setting.variant, key)
    };
    let trajectories: Vec<Dsode<f32>> = legs.iter().map(start).collect::<Result<_, _>>()?;
    let mut batch = DsodeBatch::upload(&gpu.device, &gpu.queue, kernel, trajectories)?;
    let (steps, most) = (legs[0].setting.steps, steps_max(gpu, kernel));
    gpu.wait(gpu.queue.submit([]))?;
    let begun = Instant::now();
    for first in (0..steps).step_by(most as usize) {
        batch.dispatch(most.min(steps - first))?;
    }
    Ok(Stretch { seconds: begun.elapsed().as_secs_f64(), activity: Activity::default() })
}
