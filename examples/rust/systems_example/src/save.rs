//! A ledger as a text file: a first line that names the format, then `count`, a tab and the key.
//!
//! Bytes of a key that are not printable ASCII are written as Rust would escape them.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, BufWriter, Write},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

use scopeguard::ScopeGuard;

use crate::ledger::{Key, Ledger};

const FIRST_LINE: &str = "work ledger 1";

/// Writes `ledger` to `path`: afterwards the file is the new one, or on an error still the old one.
///
/// # Errors
///
/// The system's.
pub fn save(ledger: &Ledger, path: &Path) -> io::Result<()> {
    replace_file(path, |file| {
        writeln!(file, "{FIRST_LINE}")?;
        for (key, count) in ledger.entries() {
            writeln!(file, "{count}\t{}", key.escape_ascii())?;
        }
        Ok(())
    })
}

/// Adds what the file at `path` holds to `ledger`.
///
/// # Errors
///
/// `InvalidData` with the number of the line that is not as [`save`] writes it, else the system's.
/// The lines before it have been added.
pub fn load(ledger: &Ledger, path: &Path) -> io::Result<()> {
    let mut lines = BufReader::new(File::open(path)?).lines().zip(1_u64..);
    match lines.next() {
        Some((line, _)) if line.as_ref().is_ok_and(|line| line == FIRST_LINE) => {}
        _ => return Err(invalid(path, 1)),
    }
    for (line, number) in lines {
        let line = line?;
        let (key, count) = parse_line(&line).ok_or_else(|| invalid(path, number))?;
        ledger.add(&key, count);
    }
    Ok(())
}

/// Replaces the file at `path` in one step by what `write` writes.
///
/// The bytes go to a private file beside it and reach the disk before the file gets its name. When
/// `write` fails or panics, the private file is removed and `path` is as it was.
///
/// # Errors
///
/// Those of `write` and of the system.
pub fn replace_file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
) -> io::Result<()> {
    let partial = private_name_beside(path)?;
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&partial)?;
    let partial = scopeguard::guard(partial, |partial| {
        // The first error is the one to report, and there may be no one left to report to.
        let _ = fs::remove_file(partial);
    });
    let mut writer = BufWriter::new(file);
    write(&mut writer)?;
    writer.into_inner()?.sync_all()?;
    fs::rename(&*partial, path)?;
    // It has its name now: disarm the guard.
    ScopeGuard::into_inner(partial);
    Ok(())
}

fn private_name_beside(path: &Path) -> io::Result<PathBuf> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let Some(name) = path.file_name() else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("`{}` names no file", path.display()),
        ));
    };
    let mut private = std::ffi::OsString::from(".");
    private.push(name);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    private.push(format!(".{}-{number}.partial", process::id()));
    Ok(path.with_file_name(private))
}

fn parse_line(line: &str) -> Option<(Key, u64)> {
    let (count, escaped) = line.split_once('\t')?;
    Some((unescape(escaped)?, count.parse().ok()?))
}

/// The inverse of `escape_ascii`.
fn unescape(escaped: &str) -> Option<Key> {
    let mut key = Key::new();
    let mut rest = escaped.bytes();
    while let Some(byte) = rest.next() {
        key.push(match byte {
            b'\\' => match rest.next()? {
                b't' => b'\t',
                b'n' => b'\n',
                b'r' => b'\r',
                quoted @ (b'\\' | b'\'' | b'"') => quoted,
                b'x' => {
                    let high = char::from(rest.next()?).to_digit(16)?;
                    let low = char::from(rest.next()?).to_digit(16)?;
                    u8::try_from(high * 16 + low).ok()?
                }
                _ => return None,
            },
            b' '..=b'~' => byte,
            _ => return None,
        });
    }
    Some(key)
}

fn invalid(path: &Path, line: u64) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("{}:{line}: not a line of a saved ledger", path.display()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_key_survives_the_text_form() {
        let key: Vec<u8> = (0..=255).collect();
        let text = key.escape_ascii().to_string();
        assert!(text.is_ascii() && !text.contains(['\t', '\n', '\r']));
        assert_eq!(unescape(&text).unwrap().as_slice(), key);
    }

    #[test]
    fn text_that_save_never_writes_is_no_key() {
        for text in ["\\", "\\q", "\\x", "\\x4", "\\xg0", "tab\there", "ü"] {
            assert_eq!(unescape(text), None, "{text:?}");
        }
    }
}
