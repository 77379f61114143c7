//! Types that describe themselves.
//!
//! ```
//! use macro_example::Describe;
//!
//! /// Where to listen.
//! #[derive(Describe)]
//! struct Listen {
//!     /// The port; 0 takes a free one.
//!     #[describe(default = 7007)]
//!     port: u16,
//! }
//!
//! let port = &Listen::DESCRIPTION.items[0];
//! assert_eq!((port.name, port.type_name, port.default), ("port", Some("u16"), Some("7007")));
//! assert_eq!(port.summary, "The port; 0 takes a free one.");
//! ```
//!
//! A mistake in an attribute does not compile, and the compiler points at the very word:
//!
//! ```compile_fail
//! # use macro_example::Describe;
//! #[derive(Describe)]
//! struct Listen {
//!     #[describe(defualt = 7007)]
//!     port: u16,
//! }
//! ```

#![warn(missing_docs)]

use std::fmt;

pub use describe_derive::Describe;

/// A type that knows its own names, types and doc comments. Made by `#[derive(Describe)]`.
pub trait Describe {
    /// What there is to know, put together when the program is compiled.
    const DESCRIPTION: Description;
}

/// What is known about a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Description {
    /// Its name in the source.
    pub name: &'static str,
    /// What it is.
    pub kind: Kind,
    /// The first paragraph of its doc comment, empty without one.
    pub summary: &'static str,
    /// Its fields or variants in the order of the source, without skipped ones.
    pub items: &'static [Item],
}

/// What a described type is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// All items are there at one time.
    Struct,
    /// One of the items is there.
    Enum,
}

/// What is known about a field or a variant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name after renaming; fields of tuple structs have their number.
    pub name: &'static str,
    /// The type of a field as people write it; variants have none.
    pub type_name: Option<&'static str>,
    /// The first paragraph of its doc comment, empty without one.
    pub summary: &'static str,
    /// What its number counts.
    pub unit: Option<&'static str>,
    /// What it is when nobody says.
    pub default: Option<&'static str>,
}

/// As a small table: a line for the type, then one for each item.
impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.name)?;
        if !self.summary.is_empty() {
            write!(f, ": {}", self.summary)?;
        }
        let rows: Vec<[String; 3]> = self.items.iter().map(columns).collect();
        let width = |column: usize| {
            let widths = rows.iter().map(|row| row[column].chars().count());
            widths.max().unwrap_or(0)
        };
        let widths = [width(0), width(1), width(2)];
        for (row, item) in rows.iter().zip(self.items) {
            let mut line = String::from(" ");
            for (text, width) in row.iter().zip(widths).filter(|(_, width)| *width > 0) {
                line += &format!(" {text:<width$} ");
            }
            line += &format!(" {}", item.summary);
            write!(f, "\n{}", line.trim_end())?;
        }
        Ok(())
    }
}

fn columns(item: &Item) -> [String; 3] {
    let value = [item.default, item.unit];
    let value: Vec<&str> = value.into_iter().flatten().collect();
    [
        item.name.to_owned(),
        item.type_name.unwrap_or_default().to_owned(),
        value.join(" "),
    ]
}
