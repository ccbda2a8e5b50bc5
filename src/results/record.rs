//! What is kept of a finished member, and its bytes.

use super::codec::{Decoder, Encoder};
use crate::statistics::{BinAxis, Histogram, HistogramKind, MemberStatistics};
use serde::{Deserialize, Serialize};

/// Identity of a member.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Label of the model.
    pub model: String,
    /// [`super::SchemaPoint::key`].
    pub point: String,
    pub realisation: u32,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub key: Key,
    pub statistics: MemberStatistics,
    pub trace: Option<Trace>,
    /// Ordered by time, population, neuron.
    pub spikes: Option<Vec<Spike>>,
}

/// Recorded time series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// ms.
    pub times: Vec<f64>,
    /// One per name in [`super::ResultSchema::traces`], each as long as `times`.
    pub columns: Vec<Vec<f64>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spike {
    /// ms.
    pub t: f64,
    pub population: u32,
    pub neuron: u32,
}

impl Key {
    fn encode(&self, to: &mut Encoder) {
        to.text(&self.model);
        to.text(&self.point);
        to.whole(u64::from(self.realisation));
    }

    pub(super) fn decode(from: &mut Decoder) -> Option<Key> {
        let (model, point) = (from.text()?.to_string(), from.text()?.to_string());
        Some(Key { model, point, realisation: from.whole()?.try_into().ok()? })
    }
}

impl Record {
    /// Equal records have equal bytes. The key comes first.
    pub fn encode(&self) -> Vec<u8> {
        let mut to = Encoder::default();
        self.key.encode(&mut to);
        let statistics = &self.statistics;
        to.whole(statistics.values.len() as u64);
        for &value in &statistics.values {
            to.option(value, Encoder::real);
        }
        to.reals(&statistics.spikes);
        to.option(statistics.spike_hash, Encoder::fixed);
        to.option(statistics.rate_hash, Encoder::fixed);
        to.whole(statistics.histograms.len() as u64);
        for histogram in &statistics.histograms {
            encode_histogram(&mut to, histogram);
        }
        to.option(self.trace.as_ref(), |to, trace| {
            to.reals(&trace.times);
            to.whole(trace.columns.len() as u64);
            trace.columns.iter().for_each(|column| to.reals(column));
        });
        to.option(self.spikes.as_ref(), |to, spikes| {
            to.whole(spikes.len() as u64);
            for spike in spikes {
                to.real(spike.t);
                to.whole(u64::from(spike.population));
                to.whole(u64::from(spike.neuron));
            }
        });
        to.bytes
    }

    /// `None` for bytes that are no record.
    pub fn decode(bytes: &[u8]) -> Option<Record> {
        let from = &mut Decoder { bytes };
        let key = Key::decode(from)?;
        let statistics = MemberStatistics {
            values: from.list(|from| from.option(Decoder::real))?,
            spikes: from.reals()?,
            spike_hash: from.option(Decoder::fixed)?,
            rate_hash: from.option(Decoder::fixed)?,
            histograms: from.list(decode_histogram)?,
        };
        let trace = from.option(|from| Some(Trace { times: from.reals()?, columns: from.list(Decoder::reals)? }))?;
        let spikes = from.option(|from| {
            from.list(|from| {
                let (t, population, neuron) = (from.real()?, from.whole()?, from.whole()?);
                Some(Spike { t, population: population.try_into().ok()?, neuron: neuron.try_into().ok()? })
            })
        })?;
        from.bytes.is_empty().then_some(Record { key, statistics, trace, spikes })
    }
}

/// How the values of a histogram are stored; the most compact exact form is chosen.
mod form {
    /// Bins that are not 0, as (gap, count): histograms of bursts and attractors are mostly empty.
    pub const SPARSE: u8 = 0;
    pub const F32: u8 = 1;
    pub const F64: u8 = 2;
}

fn encode_histogram(to: &mut Encoder, histogram: &Histogram) {
    to.bytes
        .push(HistogramKind::ALL.iter().position(|&kind| kind == histogram.kind).expect("ALL has every kind") as u8);
    to.whole(u64::from(histogram.population));
    encode_axis(to, &histogram.x);
    to.option(histogram.y.as_ref(), encode_axis);
    let values = &histogram.values;
    // above 2^53 a f64 is no exact count
    let whole = |x: &f64| x.to_bits() == ((*x as u64) as f64).to_bits() && *x < 9e15;
    if values.iter().all(whole) {
        to.bytes.push(form::SPARSE);
        let filled: Vec<usize> = (0..values.len()).filter(|&bin| values[bin] != 0.0).collect();
        to.whole(filled.len() as u64);
        let mut next = 0;
        for bin in filled {
            to.whole((bin - next) as u64);
            to.whole(values[bin] as u64);
            next = bin + 1;
        }
    } else if values.iter().all(|&x| f64::from(x as f32).to_bits() == x.to_bits()) {
        to.bytes.push(form::F32);
        values.iter().for_each(|&x| to.bytes.extend((x as f32).to_le_bytes()));
    } else {
        to.bytes.push(form::F64);
        values.iter().for_each(|&x| to.real(x));
    }
}

/// More bins than any histogram has: a damaged record reserves no memory.
const MOST_BINS: usize = 1 << 24;

fn decode_histogram(from: &mut Decoder) -> Option<Histogram> {
    let kind = *HistogramKind::ALL.get(usize::from(from.byte()?))?;
    let population = from.whole()?.try_into().ok()?;
    let x = decode_axis(from)?;
    let y = from.option(decode_axis)?;
    let bins = (x.bins as usize).checked_mul(y.map_or(1, |y| y.bins as usize)).filter(|&bins| bins <= MOST_BINS)?;
    let mut values = vec![0.0; bins];
    match from.byte()? {
        form::SPARSE => {
            let mut next = 0_usize;
            for _ in 0..from.whole()? {
                let bin = next.checked_add(from.whole()?.try_into().ok()?)?;
                *values.get_mut(bin)? = from.whole()? as f64;
                next = bin + 1;
            }
        }
        form::F32 => values.iter_mut().try_for_each(|x| from.single().map(|read| *x = f64::from(read)))?,
        form::F64 => values.iter_mut().try_for_each(|x| from.real().map(|read| *x = read))?,
        _ => return None,
    }
    Some(Histogram { kind, population, x, y, values })
}

fn encode_axis(to: &mut Encoder, axis: &BinAxis) {
    to.real(axis.low);
    to.real(axis.width);
    to.whole(u64::from(axis.bins));
    to.bytes.push(u8::from(axis.open_low) | u8::from(axis.open_high) << 1);
}

fn decode_axis(from: &mut Decoder) -> Option<BinAxis> {
    let (low, width, bins) = (from.real()?, from.real()?, from.whole()?.try_into().ok()?);
    let open = from.byte()?;
    Some(BinAxis { low, width, bins, open_low: open & 1 != 0, open_high: open & 2 != 0 })
}
