//! The service and its clients over real loopback connections.

use std::{net::SocketAddr, time::Duration};

use async_example::{
    client::Client,
    listener::listen,
    service::{serve, Limits, Report},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

struct Service {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    report: JoinHandle<Report>,
}

impl Service {
    fn start(limits: Limits) -> Self {
        let listener = listen("127.0.0.1:0".parse().unwrap(), 128).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let report = tokio::spawn(serve(listener, limits, async {
            stopped.await.unwrap();
        }));
        Self {
            address,
            stop,
            report,
        }
    }

    async fn client(&self) -> Client {
        Client::connect(self.address, 1 << 20).await.unwrap()
    }

    async fn stop(self) -> Report {
        self.stop.send(()).unwrap();
        self.report.await.unwrap()
    }
}

#[tokio::test]
async fn every_message_comes_back_unchanged() {
    let service = Service::start(Limits::default());
    let mut client = service.client().await;
    let largest = vec![0xa5; Limits::default().message_bytes];
    let mut bytes = 0;
    for payload in [&b"hello"[..], b"", b"\0\xff\r\n", &largest] {
        assert_eq!(client.ask(payload).await.unwrap(), payload);
        bytes += payload.len() as u64;
    }
    drop(client);
    let report = service.stop().await;
    assert_eq!((report.connections, report.messages), (1, 4));
    assert_eq!(report.payload_bytes, bytes);
}

#[tokio::test]
async fn messages_sent_ahead_are_answered_in_order() {
    let service = Service::start(Limits::default());
    let mut client = service.client().await;
    for number in 0..500_u32 {
        client.send(&number.to_be_bytes()).await.unwrap();
    }
    for number in 0..500_u32 {
        let answer = client.receive().await.unwrap().unwrap();
        assert_eq!(answer, number.to_be_bytes()[..]);
    }
    drop(client);
    assert_eq!(service.stop().await.messages, 500);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_clients_at_once_each_get_their_own_answers() {
    let service = Service::start(Limits {
        connections: 4,
        ..Limits::default()
    });
    let address = service.address;
    let mut talks = JoinSet::new();
    for number in 0..32 {
        talks.spawn(async move {
            let mut client = Client::connect(address, 1 << 20).await.unwrap();
            for count in 0..20 {
                let text = format!("{number}/{count}");
                assert_eq!(client.ask(text.as_bytes()).await.unwrap(), text);
            }
        });
    }
    while let Some(talk) = talks.join_next().await {
        talk.unwrap();
    }
    let report = service.stop().await;
    assert_eq!((report.connections, report.messages), (32, 640));
    assert_eq!(report.broken + report.aborted + report.refused, 0);
}

#[tokio::test]
async fn a_message_above_the_limit_is_refused_and_earlier_answers_still_arrive() {
    let service = Service::start(Limits {
        message_bytes: 1000,
        ..Limits::default()
    });
    let mut client = service.client().await;
    client.send(&[1; 1000]).await.unwrap();
    client.send(&[2; 1001]).await.unwrap();
    client.send(&[3; 10]).await.unwrap();
    assert_eq!(client.receive().await.unwrap().unwrap(), [1; 1000][..]);
    assert!(client.receive().await.unwrap().is_none());
    drop(client);
    let report = service.stop().await;
    assert_eq!((report.messages, report.refused), (1, 1));
}

#[tokio::test]
async fn a_giant_announcement_is_refused_before_any_payload() {
    let service = Service::start(Limits::default());
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    stream.write_all(&[0xff; 4]).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert!(answer.is_empty());
    drop(stream);
    assert_eq!(service.stop().await.refused, 1);
}

#[tokio::test]
async fn without_a_free_slot_a_client_waits_until_another_leaves() {
    let service = Service::start(Limits {
        connections: 1,
        ..Limits::default()
    });
    let mut first = service.client().await;
    first.ask(b"first").await.unwrap();
    let mut second = service.client().await;
    second.send(b"second").await.unwrap();
    let early = timeout(Duration::from_millis(50), second.receive()).await;
    assert!(early.is_err(), "the only slot is taken");
    first.ask(b"still first").await.unwrap();
    drop(first);
    assert_eq!(second.receive().await.unwrap().unwrap(), &b"second"[..]);
    drop(second);
    assert_eq!(service.stop().await.connections, 2);
}

#[tokio::test]
async fn a_client_that_sends_nothing_loses_its_slot() {
    let service = Service::start(Limits {
        patience: Duration::from_millis(20),
        ..Limits::default()
    });
    let mut silent = service.client().await;
    assert!(silent.receive().await.unwrap().is_none());
    assert_eq!(service.stop().await.timed_out, 1);
}

#[tokio::test]
async fn a_client_that_vanishes_inside_a_message_is_counted_as_broken() {
    let service = Service::start(Limits::default());
    let mut stream = TcpStream::connect(service.address).await.unwrap();
    stream.write_all(b"\0\0\0\x05abc").await.unwrap();
    stream.shutdown().await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    assert_eq!(service.stop().await.broken, 1);
}

#[tokio::test]
async fn after_the_stop_a_begun_message_is_finished_and_an_idle_client_is_let_go() {
    let service = Service::start(Limits::default());
    let mut idle = service.client().await;
    idle.ask(b"here").await.unwrap();
    let mut busy = TcpStream::connect(service.address).await.unwrap();
    // The answer to the first message proves that the service has read the second one's beginning.
    busy.write_all(b"\0\0\0\x02ok\0\0\0\x04ab").await.unwrap();
    let mut answer = [0; 6];
    busy.read_exact(&mut answer).await.unwrap();

    let address = service.address;
    let finished = tokio::spawn(service.stop());
    assert!(idle.receive().await.unwrap().is_none());
    drop(idle);
    listen(address, 1).expect("nobody new is taken in, a successor can listen already");
    busy.write_all(b"cd").await.unwrap();
    let mut rest = Vec::new();
    busy.read_to_end(&mut rest).await.unwrap();
    assert_eq!(rest, b"\0\0\0\x04abcd");
    drop(busy);

    let report = finished.await.unwrap();
    assert_eq!((report.drained, report.aborted), (2, 0));
    assert_eq!(report.messages, 3);
}

#[tokio::test]
async fn what_is_not_done_when_the_time_to_drain_is_over_is_cut() {
    let service = Service::start(Limits {
        drain: Duration::from_millis(20),
        ..Limits::default()
    });
    let mut stuck = TcpStream::connect(service.address).await.unwrap();
    stuck.write_all(b"\0\0\0\x02ok\0\0\0\x04ab").await.unwrap();
    let mut answer = [0; 6];
    stuck.read_exact(&mut answer).await.unwrap();
    let report = service.stop().await;
    assert_eq!((report.drained, report.aborted), (0, 1));
    assert_eq!(report.messages, 1);
}
