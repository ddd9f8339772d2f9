//! `promoter ui`: a read-only page in the browser: what was promoted, what waits, and why.
//!
//! It reads as the commands do, with the permissions of the person who runs it, and has no rules of its own. Rendered here,
//! complete without a script, and served on loopback alone. A screen a file: [`overview`], [`image`], [`repository`],
//! [`policy`]; [`server`] holds what every answer has in common.

use std::net::SocketAddr;

use clap::Args;
use tokio::net::TcpListener;

use crate::{
    Failed,
    deployment::{Deployment, Tables},
    local::{announce, listen},
    signal,
};

mod card;
mod frame;
mod history;
mod image;
mod overview;
mod parts;
mod policy;
mod repository;
mod search;
mod server;
mod stored;
mod trouble;
mod url;
mod waiting;

pub(crate) use server::router;

/// How `promoter ui` is started.
#[derive(Debug, Args)]
#[expect(
    clippy::doc_markdown,
    reason = "people read these lines in a terminal, where backticks are noise"
)]
pub(crate) struct Choices {
    /// The address to listen on, of this machine alone; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:0")]
    listen: String,
    /// Open it in the browser
    #[arg(long)]
    open: bool,
    /// What may go where, as the function's PROMOTION_PATHS says it; without it everything may
    #[arg(long, value_name = "dev/* => qa/*", env = "PROMOTION_PATHS")]
    paths: Option<String>,
    /// The dead-letter queue; the first screen says how many messages are in it
    #[arg(long, value_name = "URL", env = "DEAD_LETTER_QUEUE_URL")]
    dead_letters: Option<String>,
    #[command(flatten)]
    tables: Tables,
}

/// What the screens are read from.
pub(crate) struct Site {
    pub(crate) deployment: Deployment,
    /// The administrator's paths, where they were given.
    pub(crate) paths: Option<String>,
    /// The table of policies.
    pub(crate) policies: String,
    /// Where dead letters are, if it was said.
    pub(crate) dead_letters: Option<String>,
}

/// Serves until it is stopped, by Ctrl-C or SIGTERM.
pub(crate) async fn run(choices: &Choices) -> Result<(), Failed> {
    let end = signal::end()?;
    let listener = own_listener(&choices.listen).await?;
    let address = listener.local_addr()?;
    let deployment = choices.tables.open(choices.paths.as_deref()).await?;
    let site = Site {
        deployment,
        paths: choices.paths.clone(),
        policies: choices.tables.policies.clone(),
        dead_letters: choices.dead_letters.clone(),
    };
    let url = format!("http://{address}/ui/");
    announce(&url)?;
    if choices.open {
        browse(&url);
    }
    let served = axum::serve(listener, router(site, address.port()));
    tokio::select! {
        () = end => Ok(()),
        served = served => Ok(served?),
    }
}

/// Refuses an address that others can reach.
async fn own_listener(address: &str) -> Result<TcpListener, Failed> {
    let found: Vec<SocketAddr> = tokio::net::lookup_host(address)
        .await
        .map_or_else(|_| Vec::new(), Iterator::collect);
    if found.is_empty() || !found.iter().all(|address| address.ip().is_loopback()) {
        return Err(format!(
            "expected an address of this machine alone, as in --listen 127.0.0.1:8080, found {address:?}: the page shows what your \
             credentials may read"
        )
        .into());
    }
    listen(address).await
}

/// Opens the system's browser. Where there is none, the address was printed.
fn browse(url: &str) {
    let command = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let started = std::process::Command::new(command)
        .arg(url)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn();
    if let Err(error) = started {
        tracing::warn!(%error, command, "the browser was not opened");
    }
}
