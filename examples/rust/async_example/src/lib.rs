//! A TCP echo service that keeps its promises: messages have a length and a
//! limit, connections have a number and a patience, and a stop signal lets
//! everybody finish their sentence.
//!
//! | Module | Holds |
//! |---|---|
//! | [`frame`] | messages on a byte stream, on `bytes` |
//! | [`listener`] | the listening socket, on `socket2` |
//! | [`service`] | accept, echo, limit, drain, on `tokio` |
//! | [`client`] | the other end |
//! | [`signal`] | SIGINT and SIGTERM as a future |

#![warn(missing_docs)]

pub mod client;
pub mod frame;
pub mod listener;
pub mod service;
pub mod signal;
