//! The end that a person or a supervisor asks for. Who waits for it ends in order: nothing that was made for the
//! meantime is left behind.

/// The exit status of a command that was ended before it was done: 128 and the number of SIGINT, as shells have it.
pub(crate) const ENDED: u8 = 130;

/// Resolves at Ctrl-C, SIGTERM, and when the terminal goes. The handlers stand when this returns.
#[cfg(unix)]
pub(crate) fn end() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupted = signal(SignalKind::interrupt())?;
    let mut terminated = signal(SignalKind::terminate())?;
    let mut hung_up = signal(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
            _ = hung_up.recv() => {}
        }
    })
}

/// Resolves at Ctrl-C.
#[cfg(not(unix))]
pub(crate) fn end() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _ = tokio::signal::ctrl_c().await;
    })
}
