//! Accept, echo, limit, drain.

use std::{
    future::{ready, Future},
    io,
    sync::{
        atomic::{AtomicU64, Ordering},
        Arc,
    },
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{watch, OwnedSemaphorePermit, Semaphore},
    task::{JoinError, JoinSet},
    time::{sleep, timeout},
};

use crate::{
    frame::{write_frame, FrameError, FrameReader},
    listener::tune,
};

/// Pause after the system refused to give a connection, most often for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long a closed connection still swallows what is under way. Closing with unread bytes would
/// make the system drop answers that the client has not read yet.
const LINGER: Duration = Duration::from_millis(500);

/// What one service allows.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Connections served at one time. More wait in the listening socket's backlog.
    pub connections: usize,
    /// Largest payload of a message.
    pub message_bytes: usize,
    /// How long a client may take for its next whole message, and for reading its answer.
    pub patience: Duration,
    /// How long connections may go on once the stop came.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 64,
            message_bytes: 64 * 1024,
            patience: Duration::from_secs(30),
            drain: Duration::from_secs(5),
        }
    }
}

/// What a service did. Every connection is in exactly one of the counts after `connections`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Connections accepted.
    pub connections: u64,
    /// Closed by the client between two messages.
    pub finished: u64,
    /// Ended by the service after the stop, between two messages.
    pub drained: u64,
    /// Closed because a message was above the limit.
    pub refused: u64,
    /// Closed because the client was too slow.
    pub timed_out: u64,
    /// Broken: cut off inside a message, reset, or failed in another way.
    pub broken: u64,
    /// Still busy when the time to drain was over.
    pub aborted: u64,
    /// Messages echoed on all of them.
    pub messages: u64,
    /// Bytes of those messages, without headers.
    pub payload_bytes: u64,
}

/// How a conversation came to its end.
enum End {
    Finished,
    Drained,
    Refused,
    TimedOut,
    Broken,
}

/// Echoes every message of every client until `stop` is ready, then drains.
///
/// After the stop nobody new is accepted. A message whose first byte has arrived is still read to its
/// end and answered; connections between two messages are closed. What is not done after
/// [`Limits::drain`] is cut. Dropping the future cuts everything at once.
pub async fn serve(
    listener: TcpListener,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> Report {
    let slots = Arc::new(Semaphore::new(limits.connections));
    let limits = Arc::new(limits);
    let echoed = Arc::new(Echoed::default());
    let (stopping, _) = watch::channel(false);
    let mut conversations = JoinSet::new();
    let mut report = Report::default();

    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            Some(end) = conversations.join_next() => report.count(end),
            (stream, slot) = accept(&listener, &slots) => {
                report.connections += 1;
                let (limits, echoed) = (Arc::clone(&limits), Arc::clone(&echoed));
                let stopping = stopping.subscribe();
                conversations.spawn(async move {
                    let end = converse(stream, &limits, &echoed, stopping).await;
                    drop(slot);
                    end
                });
            }
        }
    }

    drop(listener);
    stopping.send_replace(true);
    let drain = async {
        while let Some(end) = conversations.join_next().await {
            report.count(end);
        }
    };
    // The deadline may pass: what is left then is counted below.
    let _ = timeout(limits.drain, drain).await;
    conversations.abort_all();
    while let Some(end) = conversations.join_next().await {
        report.count(end);
    }
    report.messages = echoed.messages.load(Ordering::Relaxed);
    report.payload_bytes = echoed.payload_bytes.load(Ordering::Relaxed);
    report
}

impl Report {
    fn count(&mut self, end: Result<End, JoinError>) {
        let count = match end {
            Ok(End::Finished) => &mut self.finished,
            Ok(End::Drained) => &mut self.drained,
            Ok(End::Refused) => &mut self.refused,
            Ok(End::TimedOut) => &mut self.timed_out,
            Ok(End::Broken) => &mut self.broken,
            Err(error) if error.is_cancelled() => &mut self.aborted,
            Err(_) => &mut self.broken,
        };
        *count += 1;
    }
}

/// Kept apart from the conversations, so that an aborted one still counts.
#[derive(Default)]
struct Echoed {
    messages: AtomicU64,
    payload_bytes: AtomicU64,
}

impl Echoed {
    fn count(&self, payload: &Bytes) {
        self.messages.fetch_add(1, Ordering::Relaxed);
        self.payload_bytes
            .fetch_add(payload.len() as u64, Ordering::Relaxed);
    }
}

/// Waits for a free slot first and for a client second: without a slot nobody is taken in.
async fn accept(
    listener: &TcpListener,
    slots: &Arc<Semaphore>,
) -> (TcpStream, OwnedSemaphorePermit) {
    let slot = Arc::clone(slots).acquire_owned().await;
    let slot = slot.expect("nobody closes the semaphore");
    loop {
        match listener.accept().await {
            // A client that has already gone again can not be tuned; the next one may come.
            Ok((stream, _)) if tune(&stream).is_ok() => return (stream, slot),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
}

async fn converse(
    mut stream: TcpStream,
    limits: &Limits,
    echoed: &Echoed,
    mut stopping: watch::Receiver<bool>,
) -> End {
    let (reading, mut writing) = stream.split();
    let mut messages = FrameReader::new(reading, limits.message_bytes);
    let end = loop {
        let payload = match next_message(&mut messages, limits, &mut stopping).await {
            Ok(payload) => payload,
            Err(end) => break end,
        };
        match timeout(limits.patience, write_frame(&mut writing, &payload)).await {
            Ok(Ok(())) => echoed.count(&payload),
            Ok(Err(_)) => return End::Broken,
            Err(_) => return End::TimedOut,
        }
    };
    if matches!(end, End::Drained | End::Refused) {
        close_gently(stream).await;
    }
    end
}

/// The next message, or why there is none.
async fn next_message<R: tokio::io::AsyncRead + Unpin>(
    messages: &mut FrameReader<R>,
    limits: &Limits,
    stopping: &mut watch::Receiver<bool>,
) -> Result<Bytes, End> {
    loop {
        let stop = *stopping.borrow_and_update();
        let may_end = stop && messages.is_between_messages();
        tokio::select! {
            // In this order: a message that is already there is answered even after the stop.
            biased;
            next = timeout(limits.patience, messages.next()) => return match next {
                Ok(Ok(Some(payload))) => Ok(payload),
                Ok(Ok(None)) => Err(End::Finished),
                Ok(Err(FrameError::TooLong { .. })) => Err(End::Refused),
                Ok(Err(FrameError::CutOff | FrameError::Io(_))) => Err(End::Broken),
                Err(_) => Err(End::TimedOut),
            },
            () = ready(()), if may_end => return Err(End::Drained),
            Ok(()) = stopping.changed(), if !stop => {}
        }
    }
}

/// Says goodbye and swallows what the client had already sent, for a while.
async fn close_gently(mut stream: TcpStream) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let swallow = async {
        let mut scrap = [0; 4096];
        while matches!(stream.read(&mut scrap).await, Ok(bytes) if bytes > 0) {}
    };
    // Whether the client closed in time makes no difference to us.
    let _ = timeout(LINGER, swallow).await;
}
