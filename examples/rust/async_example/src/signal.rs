//! The system's request to stop, as a future.

use std::io;

/// Waits for SIGINT or SIGTERM (elsewhere than on Unix: for Ctrl-C).
///
/// From [`StopSignal::install`] on these signals no longer end the process by themselves, so install
/// it before anybody is told that the service is there.
#[derive(Debug)]
pub struct StopSignal {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    interrupt: tokio::signal::windows::CtrlC,
}

#[cfg(unix)]
impl StopSignal {
    /// Takes the signals over.
    ///
    /// # Errors
    ///
    /// The system's, when a handler can not be installed.
    pub fn install() -> io::Result<Self> {
        use tokio::signal::unix::{signal, SignalKind};
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the signal and gives its name.
    pub async fn received(&mut self) -> &'static str {
        tokio::select! {
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.terminate.recv() => "SIGTERM",
        }
    }
}

#[cfg(windows)]
impl StopSignal {
    /// Takes Ctrl-C over.
    ///
    /// # Errors
    ///
    /// The system's, when a handler can not be installed.
    pub fn install() -> io::Result<Self> {
        Ok(Self {
            interrupt: tokio::signal::windows::ctrl_c()?,
        })
    }

    /// Waits for Ctrl-C and gives its name.
    pub async fn received(&mut self) -> &'static str {
        self.interrupt.recv().await;
        "Ctrl-C"
    }
}

/// Sends SIGTERM to this process.
///
/// # Errors
///
/// `Unsupported` elsewhere than on Unix.
pub fn send_to_self() -> io::Result<()> {
    #[cfg(unix)]
    {
        // SAFETY: `raise` takes a number and touches no memory of ours.
        match unsafe { libc::raise(libc::SIGTERM) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
    #[cfg(not(unix))]
    Err(io::ErrorKind::Unsupported.into())
}
