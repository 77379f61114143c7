//! Messages on a byte stream: four bytes of length (big-endian), then the payload.

use std::{fmt, io};

use bytes::{Buf, Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

/// Bytes of the length in front of every payload.
pub const HEADER_BYTES: usize = 4;

/// Room made before each read. Memory follows the bytes that really came, not the announced length.
const READ_CHUNK_BYTES: usize = 8 * 1024;

/// Why no more messages can be read.
#[derive(Debug)]
pub enum FrameError {
    /// The header announces more than the reader accepts. Nothing of the payload was read for it.
    TooLong {
        /// What the header says.
        declared_bytes: u32,
        /// What the reader accepts.
        limit_bytes: usize,
    },
    /// The stream ended inside a message.
    CutOff,
    /// The stream itself failed.
    Io(io::Error),
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong {
                declared_bytes,
                limit_bytes,
            } => write!(
                f,
                "a message of {declared_bytes} bytes was announced, the limit is {limit_bytes}"
            ),
            Self::CutOff => f.write_str("the stream ended inside a message"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for FrameError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            Self::TooLong { .. } | Self::CutOff => None,
        }
    }
}

/// Takes the first whole message out of `buffer`; `None` when more bytes are needed.
///
/// The payload shares the buffer's memory, nothing is copied.
///
/// # Errors
///
/// [`FrameError::TooLong`] as soon as the header is there, before any payload.
pub fn decode(buffer: &mut BytesMut, limit_bytes: usize) -> Result<Option<Bytes>, FrameError> {
    let Some(header) = buffer.first_chunk::<HEADER_BYTES>() else {
        return Ok(None);
    };
    let declared_bytes = u32::from_be_bytes(*header);
    let payload_bytes = match usize::try_from(declared_bytes) {
        Ok(bytes) if bytes <= limit_bytes => bytes,
        _ => {
            return Err(FrameError::TooLong {
                declared_bytes,
                limit_bytes,
            })
        }
    };
    if buffer.len() - HEADER_BYTES < payload_bytes {
        return Ok(None);
    }
    buffer.advance(HEADER_BYTES);
    Ok(Some(buffer.split_to(payload_bytes).freeze()))
}

/// Reads messages from a byte stream.
#[derive(Debug)]
pub struct FrameReader<R> {
    source: R,
    buffer: BytesMut,
    limit_bytes: usize,
}

impl<R: AsyncRead + Unpin> FrameReader<R> {
    /// A reader that refuses payloads above `limit_bytes`.
    pub fn new(source: R, limit_bytes: usize) -> Self {
        Self {
            source,
            buffer: BytesMut::new(),
            limit_bytes,
        }
    }

    /// The next message; `None` when the stream ended between two messages.
    ///
    /// May be dropped while it waits: what was read stays in the reader.
    ///
    /// # Errors
    ///
    /// See [`FrameError`]. After an error the stream has no known position and must be closed.
    pub async fn next(&mut self) -> Result<Option<Bytes>, FrameError> {
        loop {
            if let Some(payload) = decode(&mut self.buffer, self.limit_bytes)? {
                return Ok(Some(payload));
            }
            self.buffer.reserve(READ_CHUNK_BYTES);
            let read = self.source.read_buf(&mut self.buffer).await;
            match read.map_err(FrameError::Io)? {
                0 if self.is_between_messages() => return Ok(None),
                0 => return Err(FrameError::CutOff),
                _ => {}
            }
        }
    }

    /// Whether no byte of a further message has been read yet.
    pub fn is_between_messages(&self) -> bool {
        self.buffer.is_empty()
    }
}

/// Writes one message: header and payload in one vectored write where the stream can.
///
/// # Errors
///
/// `InvalidInput` when the payload's length does not fit the header, else the stream's own error.
pub async fn write_frame<W>(sink: &mut W, payload: &[u8]) -> io::Result<()>
where
    W: AsyncWrite + Unpin,
{
    let Ok(payload_bytes) = u32::try_from(payload.len()) else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("a payload of {} bytes has no header", payload.len()),
        ));
    };
    let header = payload_bytes.to_be_bytes();
    sink.write_all_buf(&mut Buf::chain(&header[..], payload))
        .await
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 16;

    async fn written(payloads: &[&[u8]]) -> Vec<u8> {
        let mut stream = Vec::new();
        for payload in payloads {
            write_frame(&mut stream, payload).await.unwrap();
        }
        stream
    }

    #[tokio::test]
    async fn a_message_is_its_length_and_its_bytes() {
        assert_eq!(written(&[b"abc"]).await, b"\0\0\0\x03abc");
        assert_eq!(written(&[b""]).await, b"\0\0\0\0");
    }

    #[tokio::test]
    async fn what_was_written_is_read_back_wherever_the_stream_is_cut() {
        let payloads: [&[u8]; 4] = [b"one", b"", b"sixteen bytes ok", b"last"];
        let stream = written(&payloads).await;
        for cut in 0..=stream.len() {
            let (front, back) = stream.split_at(cut);
            let mut reader = FrameReader::new(AsyncReadExt::chain(front, back), LIMIT);
            for payload in payloads {
                assert_eq!(reader.next().await.unwrap().unwrap(), payload);
            }
            assert!(reader.next().await.unwrap().is_none());
        }
    }

    #[tokio::test]
    async fn one_byte_above_the_limit_is_refused_from_the_header_alone() {
        let mut reader = FrameReader::new(&b"\0\0\0\x11"[..], LIMIT);
        let error = reader.next().await.unwrap_err();
        assert!(matches!(
            error,
            FrameError::TooLong {
                declared_bytes: 17,
                limit_bytes: LIMIT
            }
        ));
    }

    #[tokio::test]
    async fn an_announced_length_reserves_no_memory() {
        let mut reader = FrameReader::new(&b"\x7f\xff\xff\xffabc"[..], usize::MAX);
        assert!(matches!(
            reader.next().await.unwrap_err(),
            FrameError::CutOff
        ));
        assert!(reader.buffer.capacity() < 4 * READ_CHUNK_BYTES);
    }

    #[tokio::test]
    async fn a_stream_that_ends_inside_a_message_is_an_error() {
        let stream = written(&[b"abc"]).await;
        for cut in 1..stream.len() {
            let mut reader = FrameReader::new(&stream[..cut], LIMIT);
            let error = reader.next().await.unwrap_err();
            assert!(matches!(error, FrameError::CutOff), "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_reader_dropped_in_the_middle_of_waiting_loses_nothing() {
        let (mut near, far) = tokio::io::duplex(64);
        let mut reader = FrameReader::new(far, LIMIT);
        near.write_all(b"\0\0\0\x02a").await.unwrap();
        tokio::select! {
            biased;
            _ = reader.next() => panic!("there is no whole message yet"),
            () = tokio::task::yield_now() => {}
        }
        assert!(!reader.is_between_messages());
        near.write_all(b"b").await.unwrap();
        assert_eq!(reader.next().await.unwrap().unwrap(), &b"ab"[..]);
    }
}
