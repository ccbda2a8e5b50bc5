//! How far a run is: members, with rate and time left.

use super::shown::Shown;
use indicatif::ProgressStyle;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// Work done, in neuron-steps (trajectory-steps times bins count as such for `dsode`), biological time and members.
pub struct Progress {
    shown: Shown,
    begun: Instant,
    members: AtomicU64,
    all_members: AtomicU64,
    /// Neuron-steps done.
    work: AtomicU64,
    /// Biological time in microseconds.
    time: AtomicU64,
}

impl Progress {
    /// `total` members, of which `done` were there already.
    pub fn new(quiet: bool, done: u64, total: u64) -> Progress {
        let shown = Shown::new(quiet, Some(total));
        if let Some(bar) = shown.bar() {
            let columns = console::Term::stderr().size().1;
            let style = ProgressStyle::with_template(template(columns));
            bar.set_style(style.expect("the template is well formed"));
            bar.set_position(done);
            bar.reset_eta();
        }
        Progress {
            shown,
            begun: Instant::now(),
            members: AtomicU64::new(done),
            all_members: AtomicU64::new(total),
            work: AtomicU64::new(0),
            time: AtomicU64::new(0),
        }
    }

    /// More members turned out to be wanted.
    pub fn extend(&self, members: u64) {
        let all = self.all_members.fetch_add(members, Ordering::Relaxed) + members;
        if let Some(bar) = self.shown.bar() {
            bar.set_length(all);
        }
    }

    /// `steps` steps, `dt` ms each, of members that have `neurons` neurons together.
    pub fn steps(&self, steps: u64, members: usize, neurons: u64, dt: f64) {
        self.work.fetch_add(steps * neurons, Ordering::Relaxed);
        self.time.fetch_add((members as f64 * steps as f64 * dt * 1000.0).round() as u64, Ordering::Relaxed);
        self.show();
    }

    pub fn member(&self) {
        self.members.fetch_add(1, Ordering::Relaxed);
        if let Some(bar) = self.shown.bar() {
            bar.inc(1);
        }
    }

    /// Neuron-steps so far.
    pub fn work(&self) -> u64 {
        self.work.load(Ordering::Relaxed)
    }

    /// Neuron-steps per second and biological seconds per second so far.
    pub fn rates(&self) -> (f64, f64) {
        let seconds = self.begun.elapsed().as_secs_f64().max(1e-9);
        (self.work() as f64 / seconds, self.time.load(Ordering::Relaxed) as f64 / 1e6 / seconds)
    }

    pub fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    pub fn finish(&self) {
        self.shown.finish();
    }

    fn show(&self) {
        let (rate, biological) = self.rates();
        let message = format!("{} neuron-steps/s  {biological:.1} bio-s/s", engineering(rate));
        self.shown.say(message, |message| {
            let (done, all) = (self.members.load(Ordering::Relaxed), self.all_members.load(Ordering::Relaxed));
            format!("{done}/{all} members  {message}  {:.0} s", self.seconds())
        });
    }
}

/// What a bar says on a terminal of so many columns: what would not fit in one line is cut, or left out.
fn template(columns: u16) -> &'static str {
    match columns {
        ..50 => "{pos}/{len} {eta} {wide_bar}",
        50..100 => "{bar:12} {pos}/{len} members  {eta} left  {wide_msg}",
        _ => "{bar:32} {pos}/{len} members  {msg}  {eta} left",
    }
}

/// Three significant digits and a power of a thousand: 3.14e7 as `31.4 M`.
pub fn engineering(x: f64) -> String {
    // as it is shown: 999 950 is 1.00 M
    let rounded: f64 = format!("{x:.2e}").parse().unwrap_or(x);
    let (scaled, unit) = match rounded {
        x if x >= 1e12 => (x / 1e12, "T"),
        x if x >= 1e9 => (x / 1e9, "G"),
        x if x >= 1e6 => (x / 1e6, "M"),
        x if x >= 1e3 => (x / 1e3, "k"),
        x => (x, ""),
    };
    let digits = if scaled >= 100.0 {
        0
    } else if scaled >= 10.0 {
        1
    } else {
        2
    };
    format!("{scaled:.digits$} {unit}")
}
