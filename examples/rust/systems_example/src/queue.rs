//! Work that waits for a thread, never more than a few pieces.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};

/// A queue with a limit: who gives waits for room, who takes waits for work.
#[derive(Debug)]
pub struct WorkQueue<T> {
    state: Mutex<State<T>>,
    room: Condvar,
    work: Condvar,
    limit: usize,
}

#[derive(Debug)]
struct State<T> {
    waiting: VecDeque<T>,
    closed: bool,
}

impl<T> WorkQueue<T> {
    /// An empty queue for at most `limit` pieces (at least one).
    pub fn with_limit(limit: usize) -> Self {
        Self {
            state: Mutex::new(State {
                waiting: VecDeque::new(),
                closed: false,
            }),
            room: Condvar::new(),
            work: Condvar::new(),
            limit: limit.max(1),
        }
    }

    /// Adds a piece, waiting while the queue is full.
    ///
    /// # Errors
    ///
    /// Gives the piece back when the queue is closed.
    pub fn give(&self, piece: T) -> Result<(), T> {
        let mut state = self.state.lock();
        self.room.wait_while(&mut state, |state| {
            !state.closed && state.waiting.len() >= self.limit
        });
        if state.closed {
            return Err(piece);
        }
        state.waiting.push_back(piece);
        self.work.notify_one();
        Ok(())
    }

    /// Takes the oldest piece, waiting while there is none; `None` once the queue is closed and empty.
    pub fn take(&self) -> Option<T> {
        let mut state = self.state.lock();
        self.work.wait_while(&mut state, |state| {
            !state.closed && state.waiting.is_empty()
        });
        let piece = state.waiting.pop_front();
        self.room.notify_one();
        piece
    }

    /// Nothing more comes. What waits can still be taken.
    pub fn close(&self) {
        self.state.lock().closed = true;
        self.room.notify_all();
        self.work.notify_all();
    }

    /// How many pieces wait at this moment.
    pub fn len(&self) -> usize {
        self.state.lock().waiting.len()
    }

    /// Whether nothing waits at this moment.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
