//! Chains that wait for a device.

use super::batch::BatchError;
use super::chain::ChainWork;
use super::gpu::Device;
use super::kernel::Compiled;
use super::model_at_point::ModelAtPoint;
use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard};

/// Chains of a kind that are not shared out among devices: fewer would keep any GPU busy for as long.
const TOGETHER: usize = 256;

/// What chains that step together on a device share: model, the kernel of each of their members, steps, and the step they begin at.
type Kind = (u32, Vec<Compiled>, u32, u32);

/// Chains of a kind, in the order of work.
struct Group {
    chains: VecDeque<ChainWork>,
    /// Most chains that a device takes at once.
    share: usize,
}

/// The chains of a wave that no device has taken yet, kind by kind.
pub struct Queue<'a> {
    pub at_points: &'a [ModelAtPoint],
    groups: Mutex<VecDeque<Group>>,
    devices: usize,
}

impl<'a> Queue<'a> {
    /// `work` for so many devices; `at_points` are what it refers to.
    pub fn new(work: Vec<ChainWork>, at_points: &'a [ModelAtPoint], devices: usize) -> Queue<'a> {
        let mut kinds: HashMap<Kind, usize> = HashMap::new();
        let mut groups: VecDeque<Group> = VecDeque::new();
        for work in work {
            let at_point = &at_points[work.at_points[0]];
            let compiled = work.at_points.iter().map(|&at| Compiled::of(&at_points[at])).collect();
            let kind = (work.chain.members[0].model, compiled, at_point.steps, work.start.step);
            let group = *kinds.entry(kind).or_insert_with(|| {
                groups.push_back(Group { chains: VecDeque::new(), share: 0 });
                groups.len() - 1
            });
            groups[group].chains.push_back(work);
        }
        for group in &mut groups {
            group.share = group.chains.len().div_ceil(devices.max(1)).max(TOGETHER);
        }
        Queue { at_points, groups: Mutex::new(groups), devices }
    }

    /// What a free device does next: chains of one kind, a batch of them. Where there is one device it is all of the kind, so that
    /// each batch is set up while the device computes the one before.
    pub fn take(&self, device: &mut Device) -> Result<Vec<ChainWork>, BatchError> {
        loop {
            let first = self.groups().front().map(|group| group.chains[0].at_points[0]);
            let Some(at_point) = first.map(|first| &self.at_points[first]) else { return Ok(vec![]) };
            if self.devices > 1 {
                // Compiles for seconds; others take chains meanwhile.
                device.prepare(at_point)?;
            }
            let mut groups = self.groups();
            let Some(group) = groups.front_mut() else { return Ok(vec![]) };
            let most = match self.devices {
                1 => group.chains.len(),
                _ => {
                    let at_point = &self.at_points[group.chains[0].at_points[0]];
                    device.batch_size(at_point, group.points()).min(group.share)
                }
            };
            let taken: Vec<ChainWork> = group.chains.drain(..most).collect();
            if group.chains.is_empty() {
                groups.pop_front();
            }
            // None where others have left a kind in front that the device is not prepared for.
            if !taken.is_empty() {
                return Ok(taken);
            }
        }
    }

    fn groups(&self) -> MutexGuard<'_, VecDeque<Group>> {
        self.groups.lock().unwrap_or_else(|e| e.into_inner())
    }
}

impl Group {
    /// Where the chains begin.
    fn points(&self) -> impl ExactSizeIterator<Item = u32> {
        self.chains.iter().map(|work| work.chain.members[0].point)
    }
}
