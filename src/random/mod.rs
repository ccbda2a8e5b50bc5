//! Counter-based randomness: every draw is a pure function of (member key, neuron, step, purpose).
//!
//! So a result does not depend on backend, device, workgroup or batch size, steps per dispatch, thread count, shard or
//! resume point.

pub mod permutation;
pub mod stream;

// Internals that tests and benchmarks reach; may change with any version.
#[doc(hidden)]
pub mod alias;
#[doc(hidden)]
pub mod draws;
#[doc(hidden)]
pub mod normal_table;
#[doc(hidden)]
pub mod threefry;

pub use stream::MemberStream;

use sha2::{Digest, Sha256};

/// SHA-256 of the tables that any network uses: the normal values, and a binomial and a Poisson table as witnesses.
pub fn tables_hash() -> String {
    let mut hash = Sha256::new();
    for value in normal_table::normal_table() {
        hash.update(value.to_le_bytes());
    }
    let binomial = alias::SmallTable::binomial(1.0 / 14.0, 255).entries;
    let poisson = alias::SmallTable::poisson(0.7).map_or(vec![], |table| table.entries);
    for word in binomial.iter().chain(&poisson).chain(&alias::LargeRow::binomial(12, 1.0 / 14.0).entries) {
        hash.update(word.to_le_bytes());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
