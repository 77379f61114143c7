//! Many threads at one ledger and at one queue.

use std::{
    sync::atomic::{AtomicU64, AtomicUsize, Ordering},
    thread,
};

use systems_example::{
    ledger::{Key, Ledger, INLINE_KEY_BYTES},
    queue::WorkQueue,
};

const THREADS: u64 = 8;
const ROUNDS: u64 = 5_000;

#[test]
fn no_count_is_lost_when_all_threads_add_to_the_same_keys() {
    let ledger = Ledger::for_threads(2);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for number in 0..ROUNDS {
                    ledger.add(format!("key {}", number % 100).as_bytes(), 1);
                }
            });
        }
    });
    assert_eq!(ledger.len(), 100);
    for (_, count) in ledger.entries() {
        assert_eq!(count, THREADS * ROUNDS / 100);
    }
}

#[test]
fn each_add_gives_a_count_of_its_own() {
    let ledger = Ledger::for_threads(1);
    let sum = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..ROUNDS {
                    sum.fetch_add(ledger.add(b"one", 1), Ordering::Relaxed);
                }
            });
        }
    });
    let all = THREADS * ROUNDS;
    assert_eq!(sum.into_inner(), all * (all + 1) / 2);
}

#[test]
fn keys_of_every_length_are_found_again() {
    let ledger = Ledger::for_threads(4);
    let keys: Vec<Vec<u8>> = (0..=2 * INLINE_KEY_BYTES).map(|n| vec![b'k'; n]).collect();
    for (key, count) in keys.iter().zip(1..) {
        ledger.add(key, count);
    }
    for (key, count) in keys.iter().zip(1..) {
        assert_eq!(ledger.get(key), count);
        assert_eq!(Key::from_slice(key).spilled(), key.len() > INLINE_KEY_BYTES);
    }
    assert_eq!(ledger.get(b"never added"), 0);
}

#[test]
fn the_highest_counts_come_first_and_equal_ones_by_key() {
    let ledger = Ledger::for_threads(4);
    for (key, count) in [("b", 2), ("a", 2), ("c", 9), ("d", 1)] {
        ledger.add(key.as_bytes(), count);
    }
    let top = ledger.top(3);
    let keys: Vec<&[u8]> = top.iter().map(|(key, _)| key.as_slice()).collect();
    assert_eq!(keys, [b"c", b"a", b"b"]);
}

#[test]
fn every_piece_is_taken_once_and_never_more_wait_than_the_limit() {
    let queue = WorkQueue::with_limit(3);
    let givers = AtomicUsize::new(2);
    let sum = AtomicU64::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                for number in 1..=ROUNDS {
                    queue.give(number).unwrap();
                }
                if givers.fetch_sub(1, Ordering::AcqRel) == 1 {
                    queue.close();
                }
            });
        }
        for _ in 0..3 {
            scope.spawn(|| {
                while let Some(number) = queue.take() {
                    assert!(queue.len() <= 3);
                    sum.fetch_add(number, Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(sum.into_inner(), ROUNDS * (ROUNDS + 1));
    assert!(queue.is_empty());
}

#[test]
fn a_closed_queue_gives_out_what_waits_and_takes_nothing_more() {
    let queue = WorkQueue::with_limit(2);
    queue.give("first").unwrap();
    queue.close();
    assert_eq!(queue.give("second"), Err("second"));
    assert_eq!(queue.take(), Some("first"));
    assert_eq!(queue.take(), None);
}

#[test]
fn closing_wakes_those_who_wait_for_room_and_those_who_wait_for_work() {
    let full = WorkQueue::with_limit(1);
    full.give(1).unwrap();
    let empty = WorkQueue::<u8>::with_limit(1);
    thread::scope(|scope| {
        let giver = scope.spawn(|| full.give(2));
        let taker = scope.spawn(|| empty.take());
        full.close();
        empty.close();
        assert_eq!(giver.join().unwrap(), Err(2));
        assert_eq!(taker.join().unwrap(), None);
    });
}
