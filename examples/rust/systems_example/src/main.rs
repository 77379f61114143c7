//! Counts words with all processors: `cargo run` in its own sources, `cargo run -- FILE…` in yours.

use std::{
    env,
    error::Error,
    fs,
    io::{self, Write},
    num::NonZeroUsize,
    process::{self, ExitCode},
    thread,
    time::Instant,
};

use systems_example::{
    ledger::{Key, Ledger},
    machine, queue, save,
};

/// What is counted when no file is named, this often, so that the threads have something to do.
const OWN_SOURCES: [&str; 5] = [
    include_str!("ledger.rs"),
    include_str!("machine.rs"),
    include_str!("main.rs"),
    include_str!("queue.rs"),
    include_str!("save.rs"),
];
const ROUNDS: usize = 100;

/// A piece of work: about this much text, cut at a line's end.
const PIECE_BYTES: usize = 8 * 1024;

const SHOWN: usize = 5;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let mut texts = Vec::new();
    for path in env::args_os().skip(1) {
        let bytes = fs::read(&path);
        texts.push(bytes.map_err(|error| format!("{}: {error}", path.to_string_lossy()))?);
    }
    let rounds = if texts.is_empty() { ROUNDS } else { 1 };
    if texts.is_empty() {
        texts.extend(OWN_SOURCES.map(|text| text.as_bytes().to_vec()));
    }

    let threads = thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let started = Instant::now();
    let ledger = count_words(&texts, rounds, threads);
    let took = started.elapsed();

    let words: u64 = ledger.entries().iter().map(|(_, count)| count).sum();
    let mut output = io::stdout().lock();
    writeln!(
        output,
        "{threads} threads counted {words} words, {} different, in {took:.0?}",
        ledger.len()
    )?;
    for (key, count) in ledger.top(SHOWN) {
        writeln!(output, "  {count:>8}  {}", String::from_utf8_lossy(&key))?;
    }
    let file_bytes = save_and_read_back(&ledger)?;
    writeln!(
        output,
        "saved in {file_bytes} bytes and read back: the same"
    )?;
    if let Some(usage) = machine::usage() {
        writeln!(
            output,
            "used {:.0?} of processor time and at most {:.1} MiB of memory",
            usage.user + usage.system,
            usage.peak_memory_bytes as f64 / f64::from(1 << 20)
        )?;
    }
    Ok(())
}

fn count_words(texts: &[Vec<u8>], rounds: usize, threads: usize) -> Ledger {
    let ledger = Ledger::for_threads(threads);
    let queue = queue::WorkQueue::with_limit(threads * 2);
    thread::scope(|scope| {
        // Also when something panics here: a thread that waits for work would wait for ever.
        scopeguard::defer! { queue.close(); }
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some(piece) = queue.take() {
                    count_piece(piece, &ledger);
                }
            });
        }
        for text in (0..rounds).flat_map(|_| texts) {
            for piece in pieces(text) {
                queue
                    .give(piece)
                    .expect("the queue is closed when this scope ends");
            }
        }
    });
    ledger
}

fn count_piece(piece: &[u8], ledger: &Ledger) {
    let words =
        piece.split(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | 0x80..)));
    for word in words.filter(|word| !word.is_empty()) {
        let mut key = Key::from_slice(word);
        key.make_ascii_lowercase();
        ledger.add(&key, 1);
    }
}

/// Cuts `text` after line ends, so that no word is cut in two.
fn pieces(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let from = PIECE_BYTES.min(rest.len());
        let line_end = rest[from..].iter().position(|&byte| byte == b'\n');
        let (piece, after) = rest.split_at(line_end.map_or(rest.len(), |end| from + end + 1));
        rest = after;
        Some(piece)
    })
}

/// Saves into a directory of its own, which is gone afterwards whatever happens. Gives the file's size.
fn save_and_read_back(ledger: &Ledger) -> Result<u64, Box<dyn Error>> {
    let directory = env::temp_dir().join(format!("systems_example-{}", process::id()));
    fs::create_dir(&directory)?;
    let directory = scopeguard::guard(directory, |directory| {
        let _ = fs::remove_dir_all(directory);
    });
    let path = directory.join("words.ledger");
    save::save(ledger, &path)?;
    let again = Ledger::for_threads(1);
    save::load(&again, &path)?;
    if again.entries() != ledger.entries() {
        return Err("the saved ledger differs from the one in memory".into());
    }
    Ok(fs::metadata(&path)?.len())
}
