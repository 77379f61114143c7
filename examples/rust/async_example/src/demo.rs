//! The service and its clients in one process, from start to an orderly end.

use std::{error::Error, sync::Arc, time::Instant};

use tokio::{sync::Notify, task::JoinSet};

use async_example::{
    client::Client,
    listener::listen,
    service::{serve, Limits},
    signal::{self, StopSignal},
};

use crate::{say, summary, BACKLOG};

const CLIENTS: usize = 8;
const MESSAGES_EACH: usize = 100;

/// Starts the service on a free port, talks to it and stops it with a signal to this very process.
pub async fn run(limits: Limits) -> Result<(), Box<dyn Error>> {
    let mut signal = StopSignal::install()?;
    let by_hand = Arc::new(Notify::new());
    let stop = {
        let by_hand = Arc::clone(&by_hand);
        async move {
            tokio::select! {
                _ = signal.received() => {}
                () = by_hand.notified() => {}
            }
        }
    };
    let listener = listen("127.0.0.1:0".parse()?, BACKLOG)?;
    let address = listener.local_addr()?;
    say(format_args!(
        "echo service on {address}: {} connections at one time, messages up to {} KiB",
        limits.connections,
        limits.message_bytes / 1024
    ))?;
    let limit_bytes = limits.message_bytes;
    let service = tokio::spawn(serve(listener, limits, stop));

    let client = Client::connect(address, limit_bytes).await;
    let mut client = client.map_err(|error| {
        format!("can not connect to {address}: {error}; is the loopback interface up? (ip link set lo up)")
    })?;
    for text in ["hello, hub", "grüße aus dem Speicher", ""] {
        let asked = Instant::now();
        let answer = client.ask(text.as_bytes()).await?;
        let took = asked.elapsed();
        expect(answer == text.as_bytes(), "the answer is what was sent")?;
        say(format_args!("  {text:?} came back in {took:.0?}"))?;
    }
    // Each connection ends before the next needs a place: a limit of one must do.
    drop(client);

    let started = Instant::now();
    talk_all_at_once(address, limit_bytes).await?;
    say(format_args!(
        "  {CLIENTS} clients sent {MESSAGES_EACH} messages each, all came back in {:.1?}",
        started.elapsed()
    ))?;

    let mut greedy = Client::connect(address, limit_bytes).await?;
    greedy.send(&vec![0; limit_bytes + 1]).await?;
    expect(
        greedy.receive().await?.is_none(),
        "a message above the limit ends the connection",
    )?;
    drop(greedy);
    say(format_args!(
        "  a message of {} bytes was refused",
        limit_bytes + 1
    ))?;

    let mut last = Client::connect(address, limit_bytes).await?;
    last.ask(b"still here").await?;
    if signal::send_to_self().is_ok() {
        say(format_args!("sent SIGTERM to ourselves"))?;
    } else {
        by_hand.notify_one();
        say(format_args!("asked the service to stop"))?;
    }
    expect(
        last.receive().await?.is_none(),
        "a client sees the orderly end",
    )?;
    drop(last);
    let report = service.await?;
    say(format_args!("stopped: {}", summary(&report)))?;
    Ok(())
}

async fn talk_all_at_once(
    address: std::net::SocketAddr,
    limit_bytes: usize,
) -> Result<(), Box<dyn Error>> {
    let mut talks = JoinSet::new();
    for number in 0..CLIENTS {
        talks.spawn(async move {
            let mut client = Client::connect(address, limit_bytes).await?;
            for count in 0..MESSAGES_EACH {
                let text = format!("message {count} of client {number}");
                let answer = client.ask(text.as_bytes()).await?;
                expect(
                    answer == text.as_bytes(),
                    "each client gets its own answers",
                )?;
            }
            Ok::<(), Box<dyn Error + Send + Sync>>(())
        });
    }
    while let Some(talk) = talks.join_next().await {
        talk?.map_err(|error| error.to_string())?;
    }
    Ok(())
}

fn expect(holds: bool, promise: &str) -> Result<(), String> {
    if holds {
        Ok(())
    } else {
        Err(format!("broken promise: {promise}"))
    }
}
