//! Counts by key that many threads add to at once.

use std::{
    cmp::Reverse,
    collections::{hash_map::RandomState, HashMap},
    hash::BuildHasher,
    sync::atomic::{AtomicU64, Ordering},
};

use parking_lot::RwLock;
use smallvec::SmallVec;

/// Keys up to this length live inside the table, without an allocation of their own.
pub const INLINE_KEY_BYTES: usize = 24;

/// A key: any bytes, short ones without an allocation.
pub type Key = SmallVec<[u8; INLINE_KEY_BYTES]>;

/// A table from keys to counts, cut into shards so that threads seldom meet at one lock.
///
/// Adding to a known key takes a shard's lock shared with all other readers; only a key's first
/// appearance takes it alone.
#[derive(Debug)]
pub struct Ledger {
    shards: Box<[Shard]>,
    hasher: RandomState,
}

/// Aligned so that two shards never share a cache line (or a pair of them, which processors fetch together).
#[derive(Debug, Default)]
#[repr(align(128))]
struct Shard {
    counts: RwLock<HashMap<Key, AtomicU64>>,
}

impl Ledger {
    /// An empty ledger for about `threads` threads that add at once.
    pub fn for_threads(threads: usize) -> Self {
        // Four shards a thread: two threads that add at one time rarely want the same one.
        let shards = threads.clamp(1, 1024).next_power_of_two() * 4;
        Self {
            shards: (0..shards).map(|_| Shard::default()).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Adds `count` under `key` and gives the new count.
    pub fn add(&self, key: &[u8], count: u64) -> u64 {
        let shard = self.shard(key);
        // The shared lock ends with this statement; the lock below would wait for it for ever.
        if let Some(known) = shard.counts.read().get(key) {
            return known.fetch_add(count, Ordering::Relaxed) + count;
        }
        let mut counts = shard.counts.write();
        // Another thread may have been faster between the two locks: then the entry is there.
        let known = counts.entry(Key::from_slice(key)).or_default().get_mut();
        *known += count;
        *known
    }

    /// The count under `key`; zero when nothing was added.
    pub fn get(&self, key: &[u8]) -> u64 {
        let counts = self.shard(key).counts.read();
        counts
            .get(key)
            .map_or(0, |count| count.load(Ordering::Relaxed))
    }

    /// How many different keys there are.
    pub fn len(&self) -> usize {
        self.shards
            .iter()
            .map(|shard| shard.counts.read().len())
            .sum()
    }

    /// Whether nothing was ever added.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All keys with their counts, sorted by key.
    ///
    /// While others add, each shard is seen at its own moment.
    pub fn entries(&self) -> Vec<(Key, u64)> {
        let mut entries = Vec::with_capacity(self.len());
        for shard in &*self.shards {
            let counts = shard.counts.read();
            let seen = counts
                .iter()
                .map(|(key, count)| (key.clone(), count.load(Ordering::Relaxed)));
            entries.extend(seen);
        }
        entries.sort_unstable();
        entries
    }

    /// The `most` keys with the highest counts, highest first, equal ones by key.
    pub fn top(&self, most: usize) -> Vec<(Key, u64)> {
        let mut entries = self.entries();
        // The entries come sorted by key and this sort keeps the order of equals.
        entries.sort_by_key(|&(_, count)| Reverse(count));
        entries.truncate(most);
        entries
    }

    fn shard(&self, key: &[u8]) -> &Shard {
        let hash = self.hasher.hash_one(key);
        // The remainder is below the number of shards, so it fits.
        &self.shards[(hash % self.shards.len() as u64) as usize]
    }
}
