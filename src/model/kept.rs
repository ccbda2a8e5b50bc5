//! What was made lately, for the points to come: points of a scan have most of their tables in common.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// Values by what they were made of. Once it holds its most it begins anew.
pub struct Kept<K, V: ?Sized> {
    most: usize,
    made: LazyLock<Mutex<HashMap<K, Arc<V>>>>,
}

impl<K: Eq + Hash, V> Kept<K, V> {
    /// Of at most so many.
    pub const fn new(most: usize) -> Self {
        Kept { most, made: LazyLock::new(Mutex::default) }
    }

    /// The value of `key`, made unless it is there. Others may make it meanwhile: it is equal.
    pub fn get(&self, key: K, make: impl FnOnce() -> V) -> Arc<V> {
        let made = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(value) = made().get(&key) {
            return value.clone();
        }
        let value = Arc::new(make());
        let mut made = made();
        if made.len() >= self.most {
            made.clear();
        }
        made.insert(key, value.clone());
        value
    }
}
