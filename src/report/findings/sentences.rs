//! The sentence of each kind of experiment, put together from texts and quotes.

use super::kind::{Kind, swept};
use super::{CHANGES, Finding, PEAKS, Part, Quote, Tables, convergence, extremes, hysteresis, regimes, transitions};
use crate::report::numbers::with_unit;
use crate::report::read::transitions::Crossing;
use crate::report::read::{Column, Results};
use crate::report::table::Verdict;
use crate::statistics::{Domain, Group};

/// Rates that a sentence lists; the table has all.
const POPULATIONS: usize = 8;
/// Statistics that a sentence on a scan tells.
const TOLD: usize = 2;
/// Times the largest error of the first population that another one's is told from.
const WORSE: f64 = 1.5;

/// Words and numbers in order.
#[derive(Default)]
struct Sentence(Vec<Part>);

impl Sentence {
    fn say(mut self, text: impl Into<String>) -> Sentence {
        self.0.push(Part::Text(text.into()));
        self
    }

    /// Goes on with a further part; the first one needs nothing before it.
    fn further(self, text: impl AsRef<str>) -> Sentence {
        let between = if self.0.is_empty() { "" } else { "; " };
        let text = format!("{between}{}", text.as_ref());
        self.say(text)
    }

    fn quote(mut self, quote: Quote) -> Sentence {
        self.0.push(Part::Quote(quote));
        self
    }

    /// The first of several.
    fn first(self, (quote, more): (Quote, usize)) -> Sentence {
        let sentence = self.quote(quote);
        if more > 0 { sentence.say(format!(" (and {more} more)")) } else { sentence }
    }

    /// Parts joined by `between`, the first after `before`.
    fn all(mut self, before: &str, between: &str, parts: Vec<Sentence>) -> Sentence {
        for (i, Sentence(part)) in parts.into_iter().enumerate() {
            self = self.say(if i == 0 { before } else { between });
            self.0.extend(part);
        }
        self
    }
}

pub fn of_model(results: &Results, model: usize, tables: &Tables) -> Option<Finding> {
    let label = &results.models[model].label;
    let sentence = match Kind::of(results) {
        Kind::Point => point(results, model, tables),
        Kind::Convergence => convergence(results, model, tables),
        Kind::Sweep => sweep(results, model, tables),
        Kind::Scan | Kind::Grid => scan(results, model, tables),
    };
    let sentence = sentence.filter(|Sentence(parts)| !parts.is_empty());
    let sentence =
        sentence.map(|sentence| if is_alone(results, model) { sentence.say("; one realisation") } else { sentence });
    finding(label, [branches(label, tables), sentence].into_iter().flatten().collect())
}

/// Whether chance has a say in a model, and nobody knows how much.
fn is_alone(results: &Results, model: usize) -> bool {
    let at_most_one = |&point: &u32| results.summary(model, point, 0).is_none_or(|summary| summary.n <= 1);
    !results.models[model].deterministic && results.scan.points.keys().all(at_most_one)
}

/// Whether no population of a model fires at any point.
fn is_silent(results: &Results, model: usize) -> bool {
    let is_zero = |(_, rate): (&str, Option<f64>)| rate == Some(0.0);
    let mut points = results.scan.points.keys();
    main(results).next().is_some() && points.all(|&point| rates_at(results, model, point).into_iter().all(is_zero))
}

/// Mean rates of a model at a point, by populations.
fn rates_at(results: &Results, model: usize, point: u32) -> Vec<(&str, Option<f64>)> {
    let first = main(results).next();
    let is_rate = |column: &Column| first.is_some_and(|first| std::ptr::eq(column.statistic, first.statistic));
    let rate = |(i, column): (usize, &Column)| {
        let mean = results.summary(model, point, i).and_then(|summary| summary.mean);
        is_rate(column).then(|| (results.populations[column.population].as_str(), mean))
    };
    results.statistics.iter().enumerate().filter_map(rate).collect()
}

/// Of a model of which there are branches and no ensemble.
pub fn of_branches(label: &str, tables: &Tables) -> Option<Finding> {
    finding(label, branches(label, tables).into_iter().collect())
}

fn finding(label: &str, sentences: Vec<Sentence>) -> Option<Finding> {
    let Sentence(parts) = Sentence::default().all("", "; ", sentences).say(".");
    (parts.len() > 1).then(|| Finding { model: label.to_string(), parts })
}

/// "has a Hopf bifurcation of the fixed point at p = 0.486732, supercritical, a fold of the orbit at p = 0.784707 (and 2 more)".
fn branches(label: &str, tables: &Tables) -> Option<Sentence> {
    let change = |what: &String| {
        Some(Sentence::default().say(format!("{what} = ")).first(tables.counted(CHANGES, label, what)?))
    };
    let found: Vec<Sentence> = tables.view(CHANGES)?.header[1..].iter().filter_map(change).collect();
    (!found.is_empty()).then(|| Sentence::default().all("has a ", ", a ", found))
}

/// What a reader looks at first, of the first population.
fn main(results: &Results) -> impl Iterator<Item = &Column> {
    results.statistics.iter().filter(|column| column.statistic.group == Group::Overview && column.population == 0)
}

/// What a sentence on a scan tells: choices before all else, where there are any.
fn told(results: &Results) -> Vec<&Column> {
    let mut told: Vec<&Column> = main(results).collect();
    told.sort_by_key(|column| column.statistic.domain != Domain::Outcome);
    told.truncate(TOLD);
    told
}

/// "fires at E 47.08 ± 0.18 Hz, I 65.70 ± 0.18 Hz; no spike in M; ssi of E 0.266 ± 0.005; the spectrum of E peaks at 44.2 ± 0.3 Hz; error of the rate of E +0.5 %".
fn point(results: &Results, model: usize, tables: &Tables) -> Option<Sentence> {
    let label = &results.models[model].label;
    let first = main(results).next()?;
    let row = |column: &Column| with_unit(&column.statistic.title(), column.statistic.unit);
    let of = |population: &String| format!("{label}, {population}");
    let quote = |column: &Column, population: &String| tables.quote("values", &row(column), &of(population));
    let rate =
        |population: &String| Some(Sentence::default().say(format!("{population} ")).quote(quote(first, population)?));
    let mut rates: Vec<Sentence> = results.populations.iter().filter_map(rate).collect();
    let is_silent = |&(_, rate): &(&str, Option<f64>)| rate == Some(0.0);
    let silent = rates_at(results, model, *results.scan.points.keys().next()?).into_iter().filter(is_silent);
    let silent: Vec<&str> = silent.map(|(population, _)| population).collect();
    let (unit, more) = (first.statistic.unit, rates.len().saturating_sub(POPULATIONS));
    rates.truncate(POPULATIONS);
    let mut sentence = match rates.is_empty() {
        true => Sentence::default().say("fires no spike"),
        false => {
            let sentence = Sentence::default().all("fires at ", &format!(" {unit}, "), rates).say(format!(" {unit}"));
            let sentence = if more > 0 { sentence.say(format!(", and {more} more")) } else { sentence };
            match silent.is_empty() {
                true => sentence,
                false => sentence.say(format!("; no spike in {}", silent.join(", "))),
            }
        }
    };
    let population = &results.populations[0];
    for column in main(results).skip(1) {
        if let Some(quoted) = quote(column, population) {
            sentence = sentence.say(format!("; {} ", column.title(results))).quote(quoted);
        }
    }
    if let Some(peak) = tables.quote(PEAKS, label, population) {
        sentence = sentence.further(format!("the spectrum of {population} peaks at ")).quote(peak);
    }
    if let Some(error) = tables.quote("agreement", &extremes::row(first), label) {
        sentence = sentence.say(format!("; error of the {} ", first.title(results))).quote(error);
    }
    Some(sentence)
}

/// Of the reference, and of what has none: between which values it moves; of a reduced model: how closely it follows.
fn scan(results: &Results, model: usize, tables: &Tables) -> Option<Sentence> {
    if is_silent(results, model) {
        return Some(Sentence::default().say("fires no spike"));
    }
    let label = &results.models[model].label;
    let follows = errors(results, label, tables, "agreement", "within");
    let mut sentence = match results.reference().filter(|_| !follows.is_empty()) {
        Some(reference) => Sentence::default().all(
            &format!("follows {} in the ", results.models[reference].label),
            ", in the ",
            follows,
        ),
        None => moves(results, label, tables),
    };
    let first = results.populations.first()?;
    let along = results.scan.dimensions.first().map_or(String::new(), |of| with_unit(&of.label, &of.unit));
    if let Some(quote) = tables.quote(extremes::ALTERNATION, label, first) {
        sentence = sentence.further(format!("its bursts alternate at {along} = ")).quote(quote);
    }
    let of_class = |class: &&str| {
        Some(Sentence::default().say(format!("{class} at ")).first(tables.counted(regimes::TABLE, label, class)?))
    };
    let classes: Vec<Sentence> = regimes::CLASSES.iter().filter_map(of_class).collect();
    if !classes.is_empty() {
        let (places, between) = match results.scan.dimensions.len() {
            1 => (format!("along {along} "), "; "),
            _ => (format!("of {} points ", results.scan.points.len()), ", "),
        };
        sentence = sentence.further(places).all("", between, classes);
    }
    for name in transitions::names(results) {
        let own =
            |crossing: &&Crossing| crossing.model == *label && crossing.population == *first && crossing.name() == name;
        let Some(crossing) = results.transitions.iter().find(own) else { continue };
        let Some(places) = tables.counted(transitions::TABLE, label, &name) else { continue };
        sentence = sentence.further(format!("{} at {along} = ", crossing.told())).first(places);
    }
    Some(sentence)
}

/// "rate of E within 3.1 % (median; 2/51 points within the uncertainty; largest −14.0 % at p = 0.98)", and the same of the other statistics
/// that a reader looks at first; of a single point "rate of E by +0.3 % ± 0.2 %". Last what another population does worse.
fn errors(results: &Results, label: &str, tables: &Tables, stem: &str, word: &str) -> Vec<Sentence> {
    let median_table = format!("{stem}-median");
    let error = |column: &Column| {
        let (row, begin) =
            (extremes::row(column), Sentence::default().say(format!("{} {word} ", column.title(results))));
        if let Some(only) = tables.quote(stem, &row, label) {
            return Some(begin.quote(only));
        }
        let mut sentence = begin.quote(tables.quote(&median_table, &row, label)?);
        let largest = tables.quote(&format!("{stem}-largest"), &row, label);
        let several = largest.is_some();
        if several {
            sentence = sentence.say(" (median");
        }
        if let Some(inside) = tables.aside(&median_table, &row, label).filter(|_| several) {
            sentence = sentence.say("; ").quote(inside).say(" points within the uncertainty");
        }
        if let Some(largest) = largest {
            sentence = sentence.say("; largest ").quote(largest).say(")");
        }
        Some(sentence)
    };
    let told = told(results);
    // of those that are outside of their uncertainty
    let size = |column: &Column| {
        let row = extremes::row(column);
        let cell = tables.cell(stem, &row, label).or(tables.cell(&median_table, &row, label))?;
        cell.size.filter(|_| cell.verdict == Verdict::Outside)
    };
    let most = told.iter().filter_map(|column| size(column)).fold(0.0, f64::max);
    let others = results.statistics.iter().filter(|column| column.statistic.group == Group::Overview);
    let others = others.filter(|column| column.population != 0).filter_map(|column| Some((size(column)?, column)));
    let worst = others.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(size, _)| *size > WORSE * most);
    told.into_iter().chain(worst.map(|(_, column)| column)).filter_map(error).collect()
}

/// How far the same model of the second directory is from that of the first.
pub fn difference(results: &Results, label: &str, tables: &Tables, [first, second]: [&str; 2]) -> Option<Finding> {
    let by = errors(results, label, tables, "differences", "by");
    let before = format!("of {second} differs from that of {first} in the ");
    let Sentence(parts) = Sentence::default().all(&before, ", in the ", by).say(".");
    (parts.len() > 1).then(|| Finding { model: label.to_string(), parts })
}

/// "ranges in the rate of E (Hz) from 11.02 ± 0.21 at p = 1 to 107.3 ± 0.6 at p = 0.5".
fn moves(results: &Results, label: &str, tables: &Tables) -> Sentence {
    let range = |column: &Column| {
        let row = extremes::row(column);
        let least = tables.quote(extremes::LEAST, &row, label)?;
        let most = tables.quote(extremes::MOST, &row, label).filter(|most| most.text != least.text)?;
        let name = with_unit(&column.title(results), column.statistic.unit);
        Some(Sentence::default().say(format!("{name} from ")).quote(least).say(" to ").quote(most))
    };
    Sentence::default().all("ranges in the ", ", in the ", told(results).into_iter().filter_map(range).collect())
}

/// Both directions: the bistable range, or how far they are apart at most; of several lines, one of each value of further axes, the first
/// that is bistable.
fn sweep(results: &Results, model: usize, tables: &Tables) -> Option<Sentence> {
    let first = main(results).next()?;
    let dimension = &results.scan.dimensions[swept(results)];
    let model = hysteresis::row(results, model, first.population, &[]);
    let of_model = |row: &&str| row.strip_prefix(&model).is_some_and(|at| at.is_empty() || at.starts_with(", "));
    let rows = tables.view(hysteresis::TABLE)?.rows.iter().map(|row| row[0].text.as_str());
    let rows: Vec<&str> = rows.filter(of_model).collect();
    let is_bistable = |row: &&str| tables.quote(hysteresis::TABLE, row, hysteresis::LOWER).is_some();
    let bistable = rows.iter().filter(|row| is_bistable(row)).count();
    let row = *rows.iter().find(|row| is_bistable(row)).or(rows.first())?;
    let quote = |column: &str| tables.quote(hysteresis::TABLE, row, column);
    let at = row[model.len()..].trim_start_matches(", ");
    let (unit, name, lines) = (&dimension.unit, first.title(results), rows.len());
    let largest = quote(hysteresis::LARGEST)?;
    let sentence = Sentence::default();
    Some(match (quote(hysteresis::LOWER), quote(hysteresis::UPPER), quote(hysteresis::WIDTH)) {
        (Some(lower), Some(upper), Some(width)) => {
            let sentence = match lines {
                1 => sentence.say(format!("is bistable in the {name} between {} = ", dimension.label)),
                _ => sentence.say(format!(
                    "is bistable in the {name} on {bistable} of {lines} lines, at {at} between {} = ",
                    dimension.label
                )),
            };
            let sentence = sentence.quote(lower).say(" and ").quote(upper);
            let sentence = sentence.say(format!(" {unit}").trim_end().to_string() + ", a range of ").quote(width);
            sentence.say("; the directions differ by up to ").quote(largest)
        }
        _ if lines == 1 => sentence
            .say(format!("shows no bistable range in the {name}: the directions differ by at most "))
            .quote(largest),
        _ => sentence
            .say(format!("shows no bistable range in the {name} on any of {lines} lines: at {at} the directions differ by at most "))
            .quote(largest),
    })
}

/// Distance from the finest run at the time step of the config, and the order.
fn convergence(results: &Results, model: usize, tables: &Tables) -> Option<Sentence> {
    let first = main(results).next()?;
    let statistic = results.statistics.iter().position(|column| std::ptr::eq(column, first))?;
    let label = &results.models[model].label;
    let course = convergence::Course::of(results, model, statistic)?;
    let table = format!("{}-{}", convergence::TABLE, first.name);
    // the config's own step, or the one before the finest
    let own = course.steps.iter().position(|&step| step == results.experiment.network.dt);
    let step = course.steps[own.filter(|&i| i + 1 < course.steps.len()).unwrap_or(course.steps.len() - 2)];
    let error = tables.quote(&table, label, &convergence::header(step))?;
    let finest = convergence::name(results, convergence::finest(results, statistic, model));
    let mut sentence = Sentence::default().say(format!("at {} is ", convergence::header(step))).quote(error);
    sentence = sentence.say(format!(" from the finest run ({finest}) in the {}", first.title(results)));
    let exact = results.models[model].deterministic;
    if let Some(further) = course.further(step, convergence::best(results, statistic, model)?).filter(|_| exact) {
        let header = convergence::header(further);
        let of_shorter = tables.quote(&table, label, &header)?;
        sentence = sentence.say(format!(", at {header} it is ")).quote(of_shorter);
    }
    if let Some(order) = tables.quote(&table, label, convergence::ORDER) {
        sentence = sentence.say("; observed order ").quote(order);
    }
    Some(sentence)
}
