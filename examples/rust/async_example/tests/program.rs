//! The program itself, as a child process.

use std::process::Stdio;

use tokio::process::Command;

fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_async_example"));
    command.stdin(Stdio::null()).kill_on_drop(true);
    command
}

#[tokio::test]
async fn without_arguments_it_shows_itself_and_ends_whatever_the_limit() {
    for limit in ["1", "48"] {
        let mut command = program();
        let output = command.env("ECHO_MAX_CONNECTIONS", limit).output().await;
        let output = output.unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{text}");
        assert!(text.contains("11 connections, 804 messages,"), "{text}");
        assert!(text.contains("1 refused"), "{text}");
    }
}

#[tokio::test]
async fn an_unknown_argument_is_a_usage_error() {
    let output = program().arg("dance").output().await.unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
}

#[tokio::test]
async fn a_limit_that_is_no_number_is_named() {
    let mut command = program();
    let output = command.env("ECHO_MAX_CONNECTIONS", "many").output().await;
    let output = output.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("ECHO_MAX_CONNECTIONS is `many`"), "{text}");
}

#[cfg(unix)]
mod signals {
    use async_example::client::Client;
    use tokio::io::{AsyncBufReadExt, BufReader};

    use super::*;

    async fn stops_on(signal: libc::c_int) {
        let mut child = program()
            .args(["serve", "127.0.0.1:0"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let first = lines.next_line().await.unwrap().unwrap();
        let address = first
            .strip_prefix("listening on ")
            .and_then(|rest| rest.split(';').next())
            .unwrap();
        let mut client = Client::connect(address, 1024).await.unwrap();
        assert_eq!(client.ask(b"ping").await.unwrap(), &b"ping"[..]);

        let id = libc::pid_t::try_from(child.id().unwrap()).unwrap();
        // SAFETY: `kill` takes two numbers and touches no memory of ours. The child has not been
        // waited for, so its number still belongs to it.
        assert_eq!(unsafe { libc::kill(id, signal) }, 0);

        assert!(client.receive().await.unwrap().is_none());
        drop(client);
        let last = lines.next_line().await.unwrap().unwrap();
        assert_eq!(last, "1 connections, 1 messages, 4 bytes echoed, 1 drained");
        assert!(child.wait().await.unwrap().success());
    }

    #[tokio::test]
    async fn sigterm_ends_it_in_good_order() {
        stops_on(libc::SIGTERM).await;
    }

    #[tokio::test]
    async fn sigint_ends_it_in_good_order() {
        stops_on(libc::SIGINT).await;
    }
}
