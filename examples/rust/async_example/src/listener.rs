//! The listening socket and the options of each connection, set through `socket2`.

use std::{io, net::SocketAddr, time::Duration};

use socket2::{Domain, Protocol, SockRef, Socket, TcpKeepalive, Type};
use tokio::net::{TcpListener, TcpStream};

/// How long a connection may be silent before the system asks whether the other end still lives.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);

/// Binds `address` and listens with room for `backlog` connections that wait to be accepted.
///
/// The address can be used again at once after a restart. Port 0 takes a free port.
///
/// # Errors
///
/// The system's: address in use, not of this machine, not permitted.
pub fn listen(address: SocketAddr, backlog: i32) -> io::Result<TcpListener> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::STREAM, Some(Protocol::TCP))?;
    // On Windows this option would let a second process take the port over.
    #[cfg(not(windows))]
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(backlog)?;
    TcpListener::from_std(socket.into())
}

/// Sets what every connection of this service wants: answers leave at once, dead peers are noticed.
///
/// # Errors
///
/// The system's, for example when the other end has already gone.
pub fn tune(stream: &TcpStream) -> io::Result<()> {
    let socket = SockRef::from(stream);
    socket.set_tcp_nodelay(true)?;
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_tuned_connection_has_nodelay_and_keepalive() {
        let listener = listen("127.0.0.1:0".parse().unwrap(), 8).unwrap();
        let address = listener.local_addr().unwrap();
        let (near, far) = tokio::join!(TcpStream::connect(address), listener.accept());
        let (stream, _) = far.unwrap();
        tune(&stream).unwrap();
        assert!(stream.nodelay().unwrap());
        assert!(SockRef::from(&stream).keepalive().unwrap());
        drop(near);
    }

    #[tokio::test]
    async fn an_address_in_use_is_refused() {
        let first = listen("127.0.0.1:0".parse().unwrap(), 8).unwrap();
        let error = listen(first.local_addr().unwrap(), 8).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AddrInUse);
    }
}
