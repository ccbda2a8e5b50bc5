//! The tables of a result directory while they are written.

use super::atomic::remove;
use super::densities::{DensitiesWriter, PointDensities, SomeDensities};
use super::dictionary;
use super::error::ResultError;
use super::file;
use super::log::Place;
use super::long_points::LongPointsWriter;
use super::members::MemberRows;
use super::points::{PointReduction, PointsWriter};
use super::record::{NeuronTraces, Record, Spike, Trace};
use super::rows::Rows;
use super::schema::ResultSchema;
use super::series::SeriesWriter;
use super::table::TableWriter;
use super::transitions::{Sought, Transitions};
use std::path::Path;

/// How members become [`Part`]s, by any thread.
pub struct Maker<'a> {
    rows: MemberRows<'a>,
    pub sought: Option<Sought>,
}

/// What goes into the tables of some realisations of one model at one point, which follow each other.
pub struct Part {
    model: u32,
    point: u32,
    members: usize,
    rows: Rows,
    /// Statistics, member after member.
    statistics: Vec<Option<f64>>,
    /// What transitions are found from, member after member.
    transitions: Vec<Option<f64>>,
    densities: SomeDensities,
    recorded: Vec<(Place, Recorded)>,
}

struct Recorded {
    trace: Option<Trace>,
    spikes: Option<Vec<Spike>>,
    neurons: Option<NeuronTraces>,
}

impl<'a> Maker<'a> {
    pub fn new(schema: &'a ResultSchema) -> Maker<'a> {
        Maker { rows: MemberRows::new(schema), sought: Sought::new(schema) }
    }

    /// Of at least one realisation.
    pub fn part(&self, places: &[Place], records: Vec<Record>) -> Part {
        let Place { model, point, .. } = places[0];
        let (members, rows) = (records.len(), self.rows.of(places, &records));
        let (mut statistics, mut transitions) = (Vec::new(), Vec::new());
        let (mut densities, mut recorded) = (SomeDensities::default(), Vec::new());
        for (place, record) in places.iter().zip(records) {
            statistics.extend_from_slice(&record.statistics.values);
            self.sought.iter().for_each(|sought| transitions.extend(sought.of(&record.statistics)));
            densities.push(record.statistics);
            let Record { trace, spikes, neurons, .. } = record;
            if trace.is_some() || spikes.is_some() || neurons.is_some() {
                recorded.push((*place, Recorded { trace, spikes, neurons }));
            }
        }
        Part { model, point, members, rows, statistics, transitions, densities, recorded }
    }
}

/// Writers of all tables, which take members in the order of the results.
pub struct Tables<'a> {
    schema: &'a ResultSchema,
    members: TableWriter,
    points: PointsWriter,
    windows: Option<PointsWriter>,
    long_points: LongPointsWriter,
    densities: DensitiesWriter,
    traces: SeriesWriter,
    spikes: SeriesWriter,
    neurons: SeriesWriter,
    transitions: Option<Transitions<'a>>,
    /// The point whose members come.
    under_way: Option<UnderWay>,
    /// Points that are done.
    rows: usize,
}

struct UnderWay {
    model: u32,
    point: u32,
    /// Of the whole window, then of the others.
    reductions: Vec<PointReduction>,
    densities: PointDensities,
}

impl<'a> Tables<'a> {
    pub fn create(directory: &Path, schema: &'a ResultSchema, sought: Option<&'a Sought>) -> Result<Self, ResultError> {
        let at = |name| directory.join(name);
        let windows = (!schema.windows().is_empty())
            .then(|| PointsWriter::create(&at(file::WINDOWS), dictionary::windows(schema)))
            .transpose()?;
        Ok(Tables {
            schema,
            members: TableWriter::create(&at(file::MEMBERS), dictionary::members(schema))?,
            points: PointsWriter::create(&at(file::POINTS), dictionary::wide_points(schema))?,
            windows,
            long_points: LongPointsWriter::create(&at(file::LONG_POINTS), schema)?,
            densities: DensitiesWriter::create(&at(file::DENSITIES))?,
            traces: SeriesWriter::traces(&at(file::TRACES), schema),
            spikes: SeriesWriter::spikes(&at(file::SPIKES)),
            neurons: SeriesWriter::neurons(&at(file::NEURONS), schema),
            transitions: sought.map(|sought| Transitions::new(schema, sought)),
            under_way: None,
            rows: 0,
        })
    }

    pub fn take(&mut self, part: Part) -> Result<(), ResultError> {
        let Part { model, point, members, rows, statistics, transitions, densities, recorded } = part;
        if self.under_way.as_ref().is_some_and(|at| (at.model, at.point) != (model, point)) {
            self.finish_point()?;
        }
        let schema = self.schema;
        let at = self.under_way.get_or_insert_with(|| UnderWay::new(schema, model, point));
        let mut values = statistics.into_iter();
        let mut sought = transitions.into_iter();
        for _ in 0..members {
            for reduction in &mut at.reductions {
                reduction.push(values.by_ref().take(schema.statistics.len()));
            }
            self.transitions.iter_mut().for_each(|transitions| transitions.push(model, point, &mut sought));
        }
        at.densities.push(densities);
        for (place, Recorded { trace, spikes, neurons }) in &recorded {
            trace.iter().try_for_each(|trace| self.traces.push_trace(schema, place, trace))?;
            spikes.iter().try_for_each(|spikes| self.spikes.push_spikes(schema, place, spikes))?;
            neurons.iter().try_for_each(|neurons| self.neurons.push_neurons(schema, place, neurons))?;
        }
        self.members.append(rows)
    }

    fn finish_point(&mut self) -> Result<(), ResultError> {
        let Some(UnderWay { model, point, reductions, densities }) = self.under_way.take() else { return Ok(()) };
        let schema = self.schema;
        let model = &schema.models[model as usize].label;
        let mut rows = reductions.into_iter().map(|reduction| reduction.row(model, point));
        let row = rows.next().expect("the whole window");
        self.points.push(schema, None, &row)?;
        if let Some(windows) = &mut self.windows {
            for (row, window) in rows.zip(schema.windows()) {
                windows.push(schema, Some(*window), &row)?;
            }
        }
        self.long_points.push(schema, &row)?;
        self.rows += 1;
        self.densities.push(schema, model, point, &densities.finish())
    }

    /// Gives all files their names. Returns how many rows `points.csv` has.
    pub fn finish(mut self, directory: &Path) -> Result<usize, ResultError> {
        self.finish_point()?;
        self.members.finish()?;
        self.points.finish()?;
        self.windows.map_or(Ok(()), PointsWriter::finish)?;
        self.long_points.finish()?;
        self.densities.finish()?;
        let transitions = directory.join(file::TRANSITIONS);
        match self.transitions {
            Some(found) => found.write(&transitions)?,
            // of an earlier config
            None => remove(&transitions)?,
        }
        self.traces.finish()?;
        self.spikes.finish()?;
        self.neurons.finish()?;
        Ok(self.rows)
    }
}

impl UnderWay {
    fn new(schema: &ResultSchema, model: u32, point: u32) -> UnderWay {
        let reductions = vec![PointReduction::new(&schema.statistics); 1 + schema.windows().len()];
        UnderWay { model, point, reductions, densities: PointDensities::default() }
    }
}
