//! Many threads count into one ledger, and the ledger is saved in one step.
//!
//! | Module | Holds |
//! |---|---|
//! | [`ledger`] | the counts, in shards behind `parking_lot` locks, under `smallvec` keys |
//! | [`queue`] | the work, with room for a few pieces, on a `parking_lot` mutex and condition variables |
//! | [`save`] | a file that is replaced whole or not at all, cleaned up by `scopeguard` |
//! | [`machine`] | what the process has used, asked through `libc` |

#![warn(missing_docs)]

pub mod ledger;
pub mod machine;
pub mod queue;
pub mod save;
