//! Network members on the CPU: each runs to its end on one thread, or shares a large network's steps out.

use super::checkpoint::{MemberState, Start};
use super::observer::{MemberError, Observer};
use super::recorder::Recorder;
use super::setting::Setting;
use super::sink::Watcher;
use crate::network::arithmetic::{Bins, RangeError};
use crate::network::member::{Context, Dispatch, Output};
use crate::network::shape::Shape;
use crate::network::stepping::Member;
use crate::network::tables::{PointParameters, Tables};
use crate::network::wiring::wiring_stored;

/// Steps between looks at the clock and the stop flag.
pub const STRETCH: u32 = 500;

/// A member that ran to its end: what was seen, and the state it ended in.
pub type Ended = (Observer, MemberState);

/// A network's integer parameters for members on the CPU.
pub struct NetworkSetting {
    pub shape: Shape,
    tables: Tables,
    /// The tables as the CPU reads them, without rows of a drive.
    words: Vec<u32>,
    pub point: PointParameters,
}

impl NetworkSetting {
    pub fn new(setting: &Setting, bins: Bins) -> Result<NetworkSetting, RangeError> {
        let mut tables = Tables::new(STRETCH);
        let point = tables.place(&setting.network, setting.model(), bins)?;
        let words = tables.with_rows(&[]);
        Ok(NetworkSetting { shape: setting.shape(), tables, words, point })
    }

    /// A member from `start` to its end; `None` if `watcher` stopped it.
    pub fn run(
        &self,
        setting: &Setting,
        key: [u32; 4],
        start: Start,
        recorder: &Recorder,
        threads: bool,
        watcher: &mut Watcher,
    ) -> Result<Option<Ended>, MemberError> {
        let mut observer = start.observer.unwrap_or_else(|| Observer::new(&setting.plan, recorder));
        let mut scratch = setting.plan.scratch();
        let state = start.state;
        let mut member: Option<Member> = None;
        let mut first = start.step;
        while first < setting.steps {
            let steps = STRETCH.min(setting.steps - first);
            let output =
                self.stretch(setting, key, (first, steps), threads, &state, &mut member, |context, step, member| {
                    if !recorder.is_idle() {
                        recorder.network_step(&mut observer, setting, context, step, member);
                    }
                });
            observer.network(&setting.plan, &mut scratch, &self.shape, &output)?;
            first += steps;
            watcher.count(steps);
            let snapshot = || Start {
                step: first,
                state: member.as_ref().map(|m| words(m, &self.shape)),
                observer: Some(observer.clone()),
            };
            if first < setting.steps && !watcher.after(snapshot) {
                return Ok(None);
            }
        }
        Ok(member.map(|member| {
            let state = words(&member, &self.shape);
            (observer, state)
        }))
    }

    /// `steps` (first and number, at most [`STRETCH`]) of a member, which begins from `state` where there is none yet; `each`
    /// sees it after every step.
    #[allow(clippy::too_many_arguments, reason = "what a stretch is made of")]
    pub fn stretch(
        &self,
        setting: &Setting,
        key: [u32; 4],
        (first, steps): (u32, u32),
        threads: bool,
        state: &Option<MemberState>,
        member: &mut Option<Member>,
        mut each: impl FnMut(&Context, u32, &Member),
    ) -> Output {
        let (drive, rows) = self.tables.drive(first, steps);
        let with_rows;
        let tables = if rows.is_empty() {
            &self.words
        } else {
            with_rows = self.tables.with_rows(&rows);
            &with_rows
        };
        let context = Context {
            shape: &self.shape,
            populations: &self.point.populations,
            projections: &self.point.projections,
            tables,
            normal: self.tables.normal,
            drive: &drive,
            key,
            dispatch: Dispatch::new(first, steps, setting.window, setting.sample_every),
            bins: &setting.bins,
        };
        let member = member.get_or_insert_with(|| {
            let mut member = Member::new(&context, wiring_stored(&self.shape));
            if let Some(MemberState::Network(words)) = state {
                member.restore(&self.shape, words);
            }
            member
        });
        member.stepping(&context, threads, |step, member| each(&context, step, member))
    }
}

fn words(member: &Member, shape: &Shape) -> MemberState {
    MemberState::Network(member.words(shape))
}
