//! `promoter demo`: an image that is promoted and others that are held, each for its own reason, on
//! an embedded AWS that needs no installation and no configuration.
//!
//! [`cases`] says what is pushed, [`story`] lets it happen and checks every claim that it makes, [`answer`] reads what the function
//! recorded, [`print`] shows it.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use ecr_promoter_core::Registry;
use ecr_promoter_local::Options;
use tokio::net::TcpListener;

use crate::{Failed, image::layout, local::account::Account, page::Page, signal};

mod answer;
mod cases;
mod error;
mod print;
mod story;

/// What `promoter demo` plays with.
#[derive(Debug, Args)]
pub(crate) struct Choices {
    /// Promote this image instead of a small sample: an OCI image layout folder,
    /// as `skopeo copy docker://IMAGE oci:DIR` writes it
    #[arg(long, value_name = "DIR")]
    image: Option<PathBuf>,
}

/// Plays the demonstration; an error unless the target really holds the image at its end.
pub(crate) async fn run(choices: &Choices) -> Result<ExitCode, Failed> {
    let end = signal::end()?;
    // A folder that does not hold an image is an error before anything begins.
    let plan = match &choices.image {
        Some(folder) => cases::of_image(layout::read(folder)?),
        None => cases::of_samples()?,
    };
    let options = Options::default();
    let registry = Registry::new(&options.account, &options.region)?;
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let account = Account::open(options, registry, listener)?;
    let mut page = Page::stdout();
    tokio::select! {
        played = story::play(&account, &plan, &mut page) => played?,
        // Not by the signal itself: it would leave the account's folder behind.
        () = end => return Ok(signal::ENDED.into()),
    }
    print::next(&mut page, &command(), choices.image.is_some())?;
    Ok(ExitCode::SUCCESS)
}

/// How this command was run, to run it again.
fn command() -> String {
    let by_cargo = std::env::var_os("CARGO").is_some();
    if by_cargo {
        "cargo run -p promoter --".to_owned()
    } else {
        "promoter".to_owned()
    }
}

#[cfg(test)]
mod tests;
