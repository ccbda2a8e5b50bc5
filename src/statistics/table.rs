//! Every scalar statistic, and the columns of an experiment, which are named STATISTIC_POPULATION (`rate_E`).
//!
//! Each file of accumulators has the entries that are read from them, so that a statistic is added in one place; what it is read
//! from tells whether an experiment records it. The files of results, the terminal, the report and `docs/statistics.md` take names,
//! units and definitions from here.

use super::attractor::MeanKicks;
use super::choice::Chosen;
use super::layout::{Layout, LayoutError};
use super::population::Counted;
use super::regime::Regime;
use super::rhythm::MeanVector;
use super::sampled::Occupation;
use super::states::Visited;
use super::statistic::{Domain, Statistic};
use super::{attractor, choice, population, regime, rhythm, sampled, states};
use std::collections::HashSet;

/// A statistic of a population: a column of `members.parquet`.
#[derive(Clone, Debug)]
pub struct Column {
    /// Statistic and population: `rate_E`.
    pub name: String,
    /// Unit and definition.
    pub statistic: &'static Statistic,
    /// Index into [`Layout::populations`]; the first one's of what the network has as a whole.
    pub population: usize,
    source: Source,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// Spike counts and interspike intervals: always there.
    Counts(fn(&Counted) -> Option<f64>),
    /// Two states, if they are told apart.
    States(fn(&Visited) -> Option<f64>),
    /// Sampled voltages.
    Voltage(fn(&Occupation) -> Option<f64>),
    /// Sampled neurons of the lowest bin, where currents pull the voltage down.
    Bottom(fn(f64) -> Option<f64>),
    /// Sampled kick counts, which the attractor is made of.
    Kicks(fn(&MeanKicks) -> Option<f64>),
    /// Who fired most.
    Choice(fn(&Chosen) -> Option<f64>),
    /// Spikes on the circle of a sinusoidal rate.
    Rhythm(fn(&MeanVector) -> Option<f64>),
    /// The trajectory as a whole.
    Regime(fn(&Regime) -> Option<f64>),
}

/// One population of a member that has ended; what was not recorded is absent.
pub(super) struct Ended<'a> {
    pub counts: Counted<'a>,
    pub states: Option<Visited<'a>>,
    pub occupation: Option<Occupation>,
    pub bottom: Option<f64>,
    pub kicks: Option<MeanKicks>,
    pub choice: Option<Chosen>,
    pub rhythm: Option<MeanVector>,
    pub regime: Option<Regime>,
}

/// In the order of the columns.
fn entries() -> impl Iterator<Item = (&'static Statistic, Source)> {
    let counts = population::STATISTICS.iter().map(|entry| (&entry.statistic, Source::Counts(entry.value)));
    let states = states::STATISTICS.iter().map(|entry| (&entry.statistic, Source::States(entry.value)));
    let voltage = sampled::STATISTICS.iter().map(|entry| (&entry.statistic, Source::Voltage(entry.value)));
    let kicks = attractor::STATISTICS.iter().map(|entry| (&entry.statistic, Source::Kicks(entry.value)));
    let bottom = sampled::BOTTOM.iter().map(|entry| (&entry.statistic, Source::Bottom(entry.value)));
    let choice = choice::STATISTICS.iter().map(|entry| (&entry.statistic, Source::Choice(entry.value)));
    let rhythm = rhythm::STATISTICS.iter().map(|entry| (&entry.statistic, Source::Rhythm(entry.value)));
    let regime = regime::STATISTICS.iter().map(|entry| (&entry.statistic, Source::Regime(entry.value)));
    counts.chain(states).chain(voltage).chain(bottom).chain(kicks).chain(choice).chain(rhythm).chain(regime)
}

/// All statistics.
pub fn table() -> impl Iterator<Item = &'static Statistic> {
    entries().map(|(statistic, _)| statistic)
}

/// What a column, named after its statistic and a population, holds.
pub fn domain_of(column: &str) -> Domain {
    let is_its = |s: &&Statistic| column.strip_prefix(s.name).is_some_and(|rest| rest.starts_with('_'));
    table().filter(|s| s.domain != Domain::Real).find(is_its).map_or(Domain::Real, |s| s.domain)
}

/// Those that are read from the spike counts of a window, so that each of [`super::Analysis::windows`] has them too.
pub fn of_windows() -> impl Iterator<Item = &'static Statistic> {
    entries()
        .filter(|(_, source)| matches!(source, Source::Counts(_) | Source::States(_)))
        .map(|(statistic, _)| statistic)
}

/// Those that every experiment has, whatever it records.
pub fn always_recorded() -> impl Iterator<Item = &'static Statistic> {
    entries().filter(|(_, source)| matches!(source, Source::Counts(_))).map(|(statistic, _)| statistic)
}

impl Source {
    fn is_recorded(self, layout: &Layout, population: usize) -> bool {
        match self {
            Source::Counts(_) => true,
            Source::States(_) => layout.analysis.states.is_some(),
            Source::Voltage(_) => layout.populations.iter().any(|p| p.voltage.is_some()),
            Source::Bottom(_) => layout.populations.iter().any(|p| p.bottomless),
            Source::Kicks(_) => layout.joint,
            Source::Choice(_) => layout.analysis.choice.as_ref().is_some_and(|c| c.populations.contains(&population)),
            Source::Rhythm(_) => layout.populations[population].rhythm.is_some(),
            Source::Regime(_) => layout.analysis.lyapunov && population == 0,
        }
    }
}

impl Column {
    /// The value of a member, given each of its populations.
    pub(super) fn value(&self, populations: &[Ended]) -> Option<f64> {
        let of = &populations[self.population];
        match self.source {
            Source::Counts(value) => value(&of.counts),
            Source::States(value) => value(of.states.as_ref()?),
            Source::Voltage(value) => value(of.occupation.as_ref()?),
            Source::Bottom(value) => value(of.bottom?),
            Source::Kicks(value) => value(of.kicks.as_ref()?),
            Source::Choice(value) => value(of.choice.as_ref()?),
            Source::Rhythm(value) => value(of.rhythm.as_ref()?),
            Source::Regime(value) => value(of.regime.as_ref()?),
        }
    }
}

/// The columns of an experiment, statistic by statistic.
///
/// Errors: two columns of the same name, those of windows included (populations `E` and `sd_E`: `rate_sd_E` is both).
pub fn columns(layout: &Layout) -> Result<Vec<Column>, LayoutError> {
    let names: Vec<&str> = layout.populations.iter().map(|population| population.name.as_str()).collect();
    if let Some((_, column)) = shared_column(&names, &layout.analysis.windows) {
        return Err(LayoutError::DuplicateColumn { column });
    }
    let mut columns = Vec::new();
    for (statistic, source) in entries() {
        let populations = layout.populations.iter().enumerate();
        for (population, p) in populations.filter(|&(population, _)| source.is_recorded(layout, population)) {
            columns.push(Column { name: statistic.column(&p.name), statistic, population, source });
        }
    }
    Ok(columns)
}

/// A column that two statistics of populations of these names would share, in one of the windows perhaps, and the population that
/// has it last.
pub fn shared_column<'a>(populations: &[&'a str], windows: &[[f64; 2]]) -> Option<(&'a str, String)> {
    let whole = populations.iter().flat_map(|name| {
        let own = table().filter(|statistic| !statistic.is_of_network());
        own.map(move |statistic| (*name, statistic.column(name)))
    });
    let windowed = windows.iter().flat_map(|&window| {
        let of = move |name: &&'a str| {
            let name = *name;
            of_windows().map(move |statistic| (name, of_window(&statistic.column(name), window)))
        };
        populations.iter().flat_map(of)
    });
    let mut names = HashSet::new();
    whole.chain(windowed).find(|(_, column)| !names.insert(column.clone()))
}

/// The column of the same statistic over another window, in ms.
pub fn of_window(column: &str, [from, to]: [f64; 2]) -> String {
    format!("{column}_{from}_{to}")
}

/// What holds for all of them.
const PREFACE: &str = "\
# Every statistic

Written by `snn-ensemble schema --statistics`. Columns are named STATISTIC_POPULATION, those of the network as a whole (the regime) STATISTIC, and hold one value per member. Counts are those of the steps in (discard, duration]; a \
spike in the step from t to t + dt has time t + dt. Standard deviations and variances are those with n - 1. Values are \
missing where a statistic is undefined: `cv_isi` of a silent population, a spectrum of less than a segment (the largest \
power of two of steps within 1 s), a stay that did not end. Spectra are Welch's, one-sided densities of the rate per neuron (their integral is its \
variance; N independent Poisson neurons have 2 rate/N), of segments that overlap by half, each with its mean taken away, in Hann \
windows. 95 % intervals of means are Student's, of `choice`, which is 0 or 1 in a \
member, Wilson's, of `phase` that of a direction (Fisher's, with Student's t), whose ends may lie beyond -pi and pi; there is none where all members \
are equal, which tell nothing of how much they vary.

Two states (`analysis.states`): the rate per neuron, smoothed by a centred moving average over the largest odd number of steps within \
`smooth`, is high from where it exceeds `high` until it falls to `low` or below. A run of either that is shorter than the whole steps in `minimum` belongs to \
the state around it. `fraction_above` leaves out what comes before the first run that is long enough, and a last one that is too \
short to tell.

Windows (`analysis.windows`): `windows.csv` has what is read from spike counts once more for each window (its columns are those of `points.csv`; `cv_isi`, what is sampled of neurons' state, `choice`, `vector_strength` and `phase` stay empty); \
`members.parquet` has it as STATISTIC_POPULATION_FROM_TO. A window may begin before the transient has ended.

An adaptive ensemble ends a point when each statistic that it asks for is as precise as wanted, or is undefined in every member, or \
has the same value in all of at least 3/rel_ci95 members (of n members that are all alike follows, at 95 %, that at most a \
share 3/n of the ensemble is otherwise); at the latest at its maximum. The column `precision` of `points.csv` says which.

";

/// Every statistic with unit and definition, as a page in Markdown.
pub fn reference() -> String {
    let rows = table().map(|s| format!("| `{}` | {} | {} |\n", s.name, s.unit, s.definition));
    format!("{PREFACE}| statistic | unit | definition |\n|---|---|---|\n{}", rows.collect::<String>())
}
