//! `branches CONFIG`: follow fixed points and orbits of `dsode` along a parameter.

use super::output::{note, say};
use super::{ConfigArguments, Outcome, Usage};
use anyhow::{Context, Result};
use clap::Args;
use snn_ensemble::bifurcation::curves::CurvePoint;
use snn_ensemble::bifurcation::run::{BranchesError, Finished, run};
use snn_ensemble::bifurcation::{Code, Point, Watch};
use snn_ensemble::ensemble::shown::Shown;
use snn_ensemble::report::decimals;
use snn_ensemble::results::{DirectoryLock, FilesLock};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

#[derive(Args)]
pub struct BranchesArguments {
    #[command(flatten)]
    config: ConfigArguments,
    /// Result directory; default out/NAME, where the network's ensemble is
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Go on with what the directory holds, begin where it holds nothing: what `branches` does anyway, said in a script
    #[arg(long)]
    resume: bool,
    /// No progress, no summary
    #[arg(long)]
    quiet: bool,
}

impl BranchesArguments {
    pub fn execute(&self) -> Result<Outcome> {
        let experiment = self.config.load(&[])?;
        super::warnings::print_of_branches(&experiment);
        let directory = self.out.clone().unwrap_or_else(|| Path::new("out").join(&experiment.name));
        let (stop, idle) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(true)));
        super::signals::listen(&stop, &idle);
        let _lock = experiment.continuation.is_some().then(|| DirectoryLock::acquire(&directory)).transpose()?;
        let paths = experiment
            .continuation
            .as_ref()
            .map_or(["", ""], |c| [&c.parameter.path, c.second.as_ref().map_or("", |second| &second.parameter.path)]);
        let points = Points::new(self.quiet, paths);
        idle.store(false, Ordering::Relaxed);
        let finished = run(&experiment, &directory, &stop, &points);
        idle.store(true, Ordering::Relaxed);
        points.shown.finish();
        let finished = finished.map_err(|error| match error {
            BranchesError::Result(error) => anyhow::Error::from(error),
            error => Usage(error.to_string()).into(),
        })?;
        let report = (!finished.interrupted).then(|| {
            let _files = FilesLock::acquire(&directory)?;
            snn_ensemble::report::write(&directory).context("all branches are saved, but the report is not written")
        });
        self.conclude(&finished, &directory, report.transpose()?.map(|written| written.path))
    }

    fn conclude(&self, finished: &Finished, directory: &Path, report: Option<PathBuf>) -> Result<Outcome> {
        if !self.quiet {
            for (label, point) in &finished.special {
                say!("{label}: {}", sentence(point));
            }
            let [on_curves, curves] = finished.curves;
            let curves = if curves > 0 { format!(", {on_curves} on {curves} curves") } else { String::new() };
            say!("{} points on {} branches{curves}", finished.points, finished.branches);
            say!("results: {}", directory.display());
            report.iter().for_each(|path| say!("report: {}", path.display()));
        }
        if finished.interrupted {
            note!("interrupted; what was finished is in {}, --resume goes on", directory.display());
            return Ok(Outcome::Interrupted);
        }
        for lost in &finished.lost {
            note!("error: {lost}");
        }
        Ok(if finished.lost.is_empty() { Outcome::Done } else { Outcome::Failed })
    }
}

/// What changes where, with digits that are true.
fn sentence(point: &Point) -> String {
    let error = point.error.unwrap_or(0.0).max(1e-9);
    let digits = decimals(error, 0);
    let what = point.code.map_or("", Code::text);
    let object = if point.period().is_some() { "orbit" } else { "fixed point" };
    let rates = || point.rates.iter().map(|rate| format!("{rate:.4}")).collect::<Vec<_>>().join(", ");
    let of = match point.period() {
        Some(period) => format!("period {period:.4} ms"),
        None if point.frequency() > 0.0 => format!("mode of {:.4} Hz", point.frequency()),
        None => format!("rates {} Hz", rates()),
    };
    format!("{what} of the {object} at {:.digits$} ± {error:.0e} ({of})", point.value)
}

/// Points as they come.
struct Points {
    shown: Shown,
    parameters: [String; 2],
    points: AtomicUsize,
}

impl Watch for Points {
    fn point(&self, label: &str, branch: usize, point: &Point) {
        let stability = if point.is_stable() { "stable" } else { "unstable" };
        self.told(format!("{label}, branch {branch}: {} = {:.5}, {stability}", self.parameters[0], point.value));
    }

    fn curve_point(&self, label: &str, curve: usize, at: &CurvePoint) {
        let [(first, x), (second, y)] = [(&self.parameters[0], at.point.value), (&self.parameters[1], at.second)];
        self.told(format!("{label}, curve {curve}: {first} = {x:.5}, {second} = {y:.5}"));
    }
}

impl Points {
    fn new(quiet: bool, parameters: [&str; 2]) -> Points {
        Points { shown: Shown::new(quiet, None), parameters: parameters.map(String::from), points: AtomicUsize::new(0) }
    }

    /// One point more.
    fn told(&self, what: String) {
        let points = self.points.fetch_add(1, Ordering::Relaxed) + 1;
        self.shown.say(format!("{points} points; {what}"), str::to_string);
    }
}
