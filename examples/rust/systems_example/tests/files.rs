//! Saving: all or nothing, and nothing left behind.

use std::{
    env, fs,
    io::{self, Write},
    ops::Deref,
    panic::{catch_unwind, AssertUnwindSafe},
    path::{Path, PathBuf},
    process::{self, Command},
};

use systems_example::{
    ledger::Ledger,
    save::{load, replace_file, save},
};

/// A directory of its own for one test, removed at the end of the test, passed or failed.
fn directory(name: &str) -> impl Deref<Target = PathBuf> {
    let path = env::temp_dir().join(format!("systems_example-{}-{name}", process::id()));
    fs::create_dir(&path).unwrap();
    scopeguard::guard(path, |path| {
        let _ = fs::remove_dir_all(path);
    })
}

fn names_in(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[test]
fn a_saved_ledger_reads_back_the_same() {
    let directory = directory("same");
    let ledger = Ledger::for_threads(2);
    for (key, count) in [
        ("plain", 1),
        ("with\ttab\n", 2),
        ("", 3),
        ("grüße", u64::MAX),
    ] {
        ledger.add(key.as_bytes(), count);
    }
    let path = directory.join("ledger");
    save(&ledger, &path).unwrap();
    let again = Ledger::for_threads(8);
    load(&again, &path).unwrap();
    assert_eq!(again.entries(), ledger.entries());
    assert_eq!(names_in(&directory), ["ledger"]);
}

#[test]
fn a_saved_ledger_is_a_readable_sorted_text() {
    let directory = directory("text");
    let ledger = Ledger::for_threads(2);
    ledger.add(b"b\xff", 2);
    ledger.add(b"a", 10);
    let path = directory.join("ledger");
    save(&ledger, &path).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text, "work ledger 1\n10\ta\n2\tb\\xff\n");
}

#[test]
fn a_damaged_file_is_refused_with_its_line() {
    let directory = directory("damaged");
    let path = directory.join("ledger");
    for (text, line) in [
        ("", 1),
        ("another format\n", 1),
        ("work ledger 1\n1\ta\nnonsense\n", 3),
        ("work ledger 1\n-1\ta\n", 2),
        ("work ledger 1\n1\t\\q\n", 2),
    ] {
        fs::write(&path, text).unwrap();
        let error = load(&Ledger::for_threads(1), &path).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{text:?}");
        let place = format!("{}:{line}:", path.display());
        assert!(error.to_string().starts_with(&place), "{error}");
    }
}

#[test]
fn a_write_that_fails_leaves_the_old_file_and_nothing_else() {
    let directory = directory("fails");
    let path = directory.join("file");
    fs::write(&path, "old").unwrap();
    let outcome = replace_file(&path, |file| {
        file.write_all(b"half of the new")?;
        Err(io::Error::new(io::ErrorKind::Other, "the disk is full"))
    });
    assert_eq!(outcome.unwrap_err().to_string(), "the disk is full");
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(names_in(&directory), ["file"]);
}

#[test]
fn a_write_that_panics_leaves_the_old_file_and_nothing_else() {
    let directory = directory("panics");
    let path = directory.join("file");
    fs::write(&path, "old").unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        replace_file(&path, |_| panic!("a mistake in the writer"))
    }));
    assert!(outcome.is_err());
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(names_in(&directory), ["file"]);
}

#[test]
fn the_program_counts_the_words_of_a_file() {
    let directory = directory("program");
    let path = directory.join("text");
    fs::write(&path, "One two, two THREE\nthree three. ".repeat(2_000)).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_systems_example"))
        .arg(&path)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert!(text.contains("counted 12000 words, 3 different"), "{text}");
    assert!(
        text.contains("      6000  three\n      4000  two\n      2000  one\n"),
        "{text}"
    );
}
