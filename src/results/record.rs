//! What is kept of a finished member, and its bytes: postcard's, with histograms packed and series deflated.

use crate::statistics::{Histogram, MemberStatistics};
use serde::{Deserialize, Serialize};

/// Identity of a member.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Key {
    /// Label of the model.
    pub model: String,
    /// [`super::SchemaPoint::key`].
    pub point: String,
    /// Counted from 0.
    pub realisation: u32,
}

/// A finished member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// Which member it is.
    pub key: Key,
    /// Scalars and histograms.
    pub statistics: MemberStatistics,
    /// `None` unless it was recorded.
    #[serde(with = "super::deflated")]
    pub trace: Option<Trace>,
    /// Ordered by time, population, neuron.
    #[serde(with = "super::deflated")]
    pub spikes: Option<Vec<Spike>>,
    /// Single neurons.
    #[serde(with = "super::deflated")]
    pub neurons: Option<NeuronTraces>,
}

/// Recorded time series.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// ms.
    pub times: Vec<f64>,
    /// One per name in [`super::ResultSchema::traces`], each as long as `times`.
    pub columns: Vec<Vec<f64>>,
}

/// A recorded spike.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spike {
    /// ms.
    pub t: f64,
    /// Index into [`super::ResultSchema::populations`].
    pub population: u32,
    /// Index within the population.
    pub neuron: u32,
}

/// Recorded neurons.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NeuronTraces {
    /// ms.
    pub times: Vec<f64>,
    /// Ordered by population as asked for, then by neuron.
    pub neurons: Vec<NeuronTrace>,
}

/// Series of one neuron, each as long as [`NeuronTraces::times`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NeuronTrace {
    /// Index into [`super::ResultSchema::populations`].
    pub population: u32,
    /// Index within the population.
    pub neuron: u32,
    /// In the config's unit.
    pub voltage: Vec<f64>,
    /// Since the row before.
    pub spikes: Vec<u32>,
    /// Pending kicks, one per name in [`super::ResultSchema::kicks`]; `None` of a projection onto other neurons.
    pub kicks: Vec<Option<Vec<f64>>>,
}

/// A record as the log has it; making it takes a moment, writing it none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncodedRecord {
    /// Which member it is of.
    pub key: Key,
    pub(super) bytes: Vec<u8>,
}

impl From<Record> for EncodedRecord {
    fn from(record: Record) -> EncodedRecord {
        let bytes = record.encode();
        EncodedRecord { key: record.key, bytes }
    }
}

impl Record {
    /// Equal records have equal bytes. The key comes first.
    pub fn encode(&self) -> Vec<u8> {
        // Plain data in memory always serialises.
        postcard::to_stdvec(self).expect("a record is plain data")
    }

    /// `None` for bytes that are no record.
    pub fn decode(bytes: &[u8]) -> Option<Record> {
        let (record, rest) = postcard::take_from_bytes::<Record>(bytes).ok()?;
        (rest.is_empty() && record.statistics.histograms.iter().all(Histogram::is_whole)).then_some(record)
    }

    /// The key of a record, without the rest of it.
    pub(super) fn decode_key(bytes: &[u8]) -> Option<Key> {
        postcard::take_from_bytes(bytes).ok().map(|(key, _)| key)
    }
}
