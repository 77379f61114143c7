//! The other end of the echo service.

use std::io;

use bytes::Bytes;
use tokio::net::{
    tcp::{OwnedReadHalf, OwnedWriteHalf},
    TcpStream, ToSocketAddrs,
};

use crate::{
    frame::{write_frame, FrameError, FrameReader},
    listener::tune,
};

/// One connection to an echo service.
#[derive(Debug)]
pub struct Client {
    answers: FrameReader<OwnedReadHalf>,
    requests: OwnedWriteHalf,
}

impl Client {
    /// Connects; answers above `limit_bytes` are refused.
    ///
    /// # Errors
    ///
    /// The system's, when nobody answers at `address`.
    pub async fn connect(address: impl ToSocketAddrs, limit_bytes: usize) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        tune(&stream)?;
        let (reading, requests) = stream.into_split();
        Ok(Self {
            answers: FrameReader::new(reading, limit_bytes),
            requests,
        })
    }

    /// Sends one message without waiting for its answer.
    ///
    /// # Errors
    ///
    /// See [`write_frame`].
    pub async fn send(&mut self, payload: &[u8]) -> io::Result<()> {
        write_frame(&mut self.requests, payload).await
    }

    /// The next answer; `None` when the service has closed the connection.
    ///
    /// # Errors
    ///
    /// See [`FrameReader::next`].
    pub async fn receive(&mut self) -> Result<Option<Bytes>, FrameError> {
        self.answers.next().await
    }

    /// Sends one message and waits for the answer.
    ///
    /// # Errors
    ///
    /// As [`Client::send`] and [`Client::receive`]; [`FrameError::CutOff`] when the service closes instead.
    pub async fn ask(&mut self, payload: &[u8]) -> Result<Bytes, FrameError> {
        self.send(payload).await.map_err(FrameError::Io)?;
        self.receive().await?.ok_or(FrameError::CutOff)
    }
}
