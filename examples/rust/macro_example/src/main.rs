//! Prints the reference of a program's settings. Nobody wrote that text twice: it is made of the
//! types below when they are compiled.

use std::{
    io::{self, Write},
    time::Duration,
};

use macro_example::Describe;

/// What an echo service allows.
#[derive(Describe)]
#[describe(rename_all = "kebab-case")]
#[allow(dead_code)] // only their description is used here
struct Settings {
    /// Connections served at one time; more have to wait.
    #[describe(default = 64)]
    max_connections: usize,

    /// The largest message.
    #[describe(default = 65536, unit = "bytes")]
    message_limit: u32,

    /// How long a client may take for its next message.
    ///
    /// This second paragraph is for those who read the source.
    #[describe(default = 30, unit = "s")]
    patience: Duration,

    /// Who may connect; empty lets everybody in.
    allowed_networks: Vec<(std::net::IpAddr, u8)>,

    /// How the log is written.
    #[describe(name = "log", default = "short")]
    log_form: LogForm,

    #[describe(skip)]
    connections_so_far: u64,
}

/// The form of a line in the log.
#[derive(Describe)]
#[describe(rename_all = "kebab-case")]
#[allow(dead_code)]
enum LogForm {
    /// For people.
    Short,
    /// For programs, one object a line.
    JsonLines { indent: u8 },
    /// None at all.
    #[describe(name = "off")]
    Silent,
}

fn main() -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{}\n", Settings::DESCRIPTION)?;
    writeln!(output, "{}", LogForm::DESCRIPTION)
}
