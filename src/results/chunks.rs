//! Members of a log, some realisations of one point at a time: read by one thread, worked on by all, and taken in order.

use super::bodies::Bodies;
use super::error::ResultError;
use super::log::{MemberLog, Place};
use super::record::Record;
use rayon::prelude::*;
use std::ops::Range;
use std::sync::mpsc::sync_channel;
use std::thread::Builder;

/// Bytes that are read, and then worked on side by side.
const TOGETHER: usize = 1 << 20;
/// Realisations that one thread works on together, at most.
const CHUNK: usize = 64;

/// What was read of neighbouring places.
struct Block<'a> {
    places: &'a [Place],
    bytes: Vec<u8>,
    /// Where the body of each ends.
    ends: Vec<usize>,
}

impl MemberLog {
    /// Hands `take`, in order, what `make` makes of the members at `places`, which it gets a few realisations of one point at a time. While
    /// some are taken, those behind them are read, and worked on by all threads, which free what they have reserved: that is
    /// faster than to hand records to the thread that takes.
    ///
    /// How many realisations come together is not to change what is made of all.
    pub fn in_chunks<T: Send>(
        &self,
        places: &[Place],
        make: impl Fn(&[Place], Vec<Record>) -> T + Sync,
        mut take: impl FnMut(T) -> Result<(), ResultError>,
    ) -> Result<(), ResultError> {
        let take = |some: Result<Vec<T>, ResultError>| some?.into_iter().try_for_each(&mut take);
        // A pool of one may be this thread, which would wait for itself.
        if rayon::current_num_threads() < 2 {
            return self.made(places, &make).try_for_each(take);
        }
        std::thread::scope(|scope| {
            let (send, made) = sync_channel(1);
            let ahead = || {
                for some in self.made(places, &make) {
                    // Who took them has met an error.
                    if send.send(some).is_err() {
                        break;
                    }
                }
                drop(send);
            };
            match Builder::new().spawn_scoped(scope, ahead) {
                Ok(_) => made.into_iter().try_for_each(take),
                // One after the other where there is no thread.
                Err(_) => self.made(places, &make).try_for_each(take),
            }
        })
    }

    /// What is made of each chunk, some at a time.
    fn made<T: Send>(
        &self,
        places: &[Place],
        make: &(impl Fn(&[Place], Vec<Record>) -> T + Sync),
    ) -> impl Iterator<Item = Result<Vec<T>, ResultError>> {
        let (mut rest, mut bodies) = (places, self.bodies());
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let block = Block::read(&mut bodies, &mut rest);
            Some(block.and_then(|block| {
                let decoded = |chunk: Range<usize>| {
                    let records: Result<Vec<Record>, ResultError> =
                        chunk.clone().map(|i| block.record(i, self)).collect();
                    Ok(make(&block.places[chunk], records?))
                };
                block.chunks().into_par_iter().map(decoded).collect()
            }))
        })
    }
}

impl<'a> Block<'a> {
    fn read(bodies: &mut Bodies, rest: &mut &'a [Place]) -> Result<Block<'a>, ResultError> {
        let (mut bytes, mut ends) = (Vec::with_capacity(TOGETHER), Vec::new());
        while bytes.len() < TOGETHER
            && let Some(place) = rest.get(ends.len())
        {
            bodies.read(place.offset, &mut bytes)?;
            ends.push(bytes.len());
        }
        let (places, behind) = rest.split_at(ends.len());
        *rest = behind;
        Ok(Block { places, bytes, ends })
    }

    /// Small enough that no thread is without work.
    fn chunks(&self) -> Vec<Range<usize>> {
        let most = (self.places.len() / (4 * rayon::current_num_threads())).clamp(1, CHUNK);
        let mut begin = 0;
        let of_points = self.places.chunk_by(Place::same_point).flat_map(|point| point.chunks(most));
        of_points
            .map(|chunk| {
                begin += chunk.len();
                begin - chunk.len()..begin
            })
            .collect()
    }

    fn record(&self, i: usize, log: &MemberLog) -> Result<Record, ResultError> {
        let begin = if i > 0 { self.ends[i - 1] } else { 0 };
        // The kind comes first.
        Record::decode(&self.bytes[begin + 1..self.ends[i]]).ok_or_else(|| log.corrupted(self.places[i].offset))
    }
}
