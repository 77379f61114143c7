//! `cargo run` shows the service in a moment; `cargo run -- serve ADDRESS` lets it run.

mod demo;

use std::{
    env,
    error::Error,
    io::{self, Write},
    net::SocketAddr,
    num::NonZeroUsize,
    process::ExitCode,
};

use async_example::{
    listener::listen,
    service::{serve, Limits, Report},
    signal::StopSignal,
};

const USAGE: &str = "\
An echo service for length-prefixed messages.

Usage: async_example                  start it, talk to it, stop it with a real signal
       async_example serve ADDRESS    serve until Ctrl-C or SIGTERM, for example on 127.0.0.1:7007

Environment: ECHO_MAX_CONNECTIONS     connections at one time (64)
";

/// Connections that may wait to be accepted while all slots are taken.
const BACKLOG: i32 = 128;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        [] => match limits_from_environment() {
            Ok(limits) => demo::run(limits).await,
            Err(error) => Err(error),
        },
        ["serve", address] => serve_at(address).await,
        ["-h" | "--help"] => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve_at(address: &str) -> Result<(), Box<dyn Error>> {
    let limits = limits_from_environment()?;
    let address = resolve(address).await?;
    let mut signal = StopSignal::install()?;
    let listener = listen(address, BACKLOG)
        .map_err(|error| format!("can not listen on {address}: {error}"))?;
    say(format_args!(
        "listening on {}; Ctrl-C or SIGTERM stops it",
        listener.local_addr()?
    ))?;

    let stop = async {
        let name = signal.received().await;
        eprintln!("{name}: finishing what is under way");
    };
    let report = serve(listener, limits, stop).await;
    say(format_args!("{}", summary(&report)))?;
    Ok(())
}

async fn resolve(address: &str) -> Result<SocketAddr, Box<dyn Error>> {
    let found = tokio::net::lookup_host(address).await;
    let mut found = found.map_err(|error| format!("`{address}` is not HOST:PORT: {error}"))?;
    Ok(found
        .next()
        .ok_or_else(|| format!("`{address}` has no address"))?)
}

fn limits_from_environment() -> Result<Limits, Box<dyn Error>> {
    let mut limits = Limits::default();
    if let Ok(text) = env::var("ECHO_MAX_CONNECTIONS") {
        let connections: NonZeroUsize = text
            .parse()
            .map_err(|error| format!("ECHO_MAX_CONNECTIONS is `{text}`: {error}"))?;
        limits.connections = connections.get();
    }
    Ok(limits)
}

/// Prints a line at once, also into a pipe. A reader who has gone is an error, not a panic.
fn say(line: std::fmt::Arguments<'_>) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}

fn summary(report: &Report) -> String {
    let Report {
        connections,
        messages,
        payload_bytes,
        ..
    } = report;
    let mut text =
        format!("{connections} connections, {messages} messages, {payload_bytes} bytes echoed");
    let ends = [
        (report.drained, "drained"),
        (report.refused, "refused"),
        (report.timed_out, "timed out"),
        (report.broken, "broken"),
        (report.aborted, "aborted"),
    ];
    for (count, end) in ends {
        if count > 0 {
            text += &format!(", {count} {end}");
        }
    }
    text
}
