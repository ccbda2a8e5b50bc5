//! Recorded series in the log, compressed: they lie in Parquet files as well, and the log is what directories are extended and
//! merged from. A field of `None` is one byte.

use flate2::Compression;
use flate2::read::{DeflateDecoder, DeflateEncoder};
use serde::de::{DeserializeOwned, Error as _};
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::io::Read;

pub fn serialize<T: Serialize, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
    let mut packed = Vec::new();
    if let Some(value) = value {
        let bytes = postcard::to_stdvec(value).map_err(S::Error::custom)?;
        DeflateEncoder::new(&bytes[..], Compression::fast()).read_to_end(&mut packed).map_err(S::Error::custom)?;
    }
    packed.serialize(serializer)
}

pub fn deserialize<'de, T: DeserializeOwned, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let packed = Vec::<u8>::deserialize(deserializer)?;
    if packed.is_empty() {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    DeflateDecoder::new(&packed[..]).read_to_end(&mut bytes).map_err(D::Error::custom)?;
    match postcard::take_from_bytes(&bytes).map_err(D::Error::custom)? {
        (value, []) => Ok(Some(value)),
        _ => Err(D::Error::custom("more bytes than a series has")),
    }
}
