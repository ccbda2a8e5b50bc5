//! Who a member is: the 128-bit key that all of its random numbers are a function of.
//!
//! The key depends on the seed, the realisation number and, unless `seeding: common`, on every number of the member's
//! network. It does not depend on duration, recording, the list of models or the layout of a scan, so adding a point
//! or extending a run changes nothing that was there.
//!
//! A field that joins the network later is left out of its text at its default (serde's `skip_serializing_if`), so that networks
//! without it keep their keys, hashes and directories. What was there first is always written.

use super::canonical;
use super::network::Network;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Whether the points of a scan share their random numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Seeding {
    /// Every point has its own.
    Independent,
    /// Realisation r of every point has the same (common random numbers): differences between points are less noisy.
    Common,
}

impl Network {
    /// One line that holds every parameter, numbers to 12 significant digits: equal networks give equal text.
    ///
    /// It walks the serialised form, so a field added to the network takes part without further ado; at its default it must be
    /// left out there.
    pub fn canonical(&self) -> String {
        canonical::line(self).expect("a network is structs, enums, lists and numbers")
    }
}

/// Key of a member: the first 128 bits of SHA-256 over everything that it depends on.
///
/// `canonical` is [`Network::canonical`] of its point; `seeding: common` leaves it out.
pub fn member_key(seeding: Seeding, seed: u64, canonical: &str, realisation: u32) -> [u32; 4] {
    let mut hash = Sha256::new();
    hash.update(match seeding {
        Seeding::Independent => b"snn-ensemble member 1 independent\0".as_slice(),
        Seeding::Common => b"snn-ensemble member 1 common\0".as_slice(),
    });
    hash.update(seed.to_le_bytes());
    hash.update(realisation.to_le_bytes());
    if seeding == Seeding::Independent {
        hash.update(canonical.as_bytes());
    }
    let digest = hash.finalize();
    std::array::from_fn(|i| u32::from_le_bytes(std::array::from_fn(|j| digest[4 * i + j])))
}
