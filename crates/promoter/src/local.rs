//! `promoter local`: the embedded AWS with the function on it, at one address.
//!
//! The embedded AWS knows nothing of us: the tables, the policies of a folder and the function come
//! from here. [`account`] opens all of it, for `promoter demo` too.

use std::{
    io::Write as _,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use clap::{Args, Subcommand, ValueEnum};
use ecr_promoter_core::{Registry, Repository};
use ecr_promoter_local::Options;
use tokio::net::TcpListener;

use crate::{Failed, signal};
use account::Account;
use function::Environment;

pub(crate) mod account;
pub(crate) mod function;
pub(crate) mod lines;
mod pattern;
pub(crate) mod policies;
mod scan;
pub(crate) mod tables;

/// How long an invocation may take at most: Lambda's own limit (AWS Lambda developer guide, "Lambda
/// quotas").
const TIMEOUT_SECONDS_MAX: u64 = 1_800;

/// What `promoter local --help` ends with.
pub(crate) const AFTER_HELP: &str = "\
The first line on stdout is `ready http://HOST:PORT`. From then on everything answers at that address, with any \
credentials, and /ui/ shows in a browser what happened. AWS's own tools use it if AWS_ENDPOINT_URL is set to it.\n\n\
The function gets these variables from the command's own environment: POLICIES_TABLE (policies by default), \
PROMOTIONS_TABLE (promotions), PROMOTION_PATHS (* => *), CREATE_TARGETS, EVENT_BUS, SETTLE_SECONDS, PUT_IMAGE_RATE, \
MAX_CONCURRENCY, SCAN_MAX_AGE, SCAN_ON_DEMAND, UNSCANNABLE.";

/// How many times a message is received before it is a dead letter, as in `template.yaml`.
const RECEIVES_MAX: u32 = 20;

/// How `promoter local` is started.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
#[expect(
    clippy::doc_markdown,
    reason = "people read these lines in a terminal, where backticks are noise"
)]
pub(crate) struct Choices {
    /// The address to listen on; port 0 takes a free one
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:4566")]
    listen: String,
    /// Repositories to create at start
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = repository)]
    repositories: Vec<Repository>,
    /// A folder of policy documents, JSON or YAML, loaded at start and when they change
    #[arg(long, value_name = "DIR")]
    policies: Option<PathBuf>,
    /// Keep everything in this folder across restarts; by default a temporary one
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The account
    #[arg(long, value_name = "ID", default_value = "000000000000")]
    account: String,
    /// The Region
    #[arg(long, value_name = "NAME", default_value = "us-east-1")]
    region: String,
    /// ECR's account setting BLOB_MOUNTING at start, disabled as in a new account
    #[arg(long, value_enum, default_value = "disabled")]
    blob_mounting: BlobMounting,
    /// Invoke this binary through the Lambda Runtime API, instead of the function in this process
    #[arg(long, value_name = "PATH", conflicts_with = "no_function")]
    bootstrap: Option<PathBuf>,
    /// How many invocations run at once
    #[arg(long, value_name = "N", default_value = "2")]
    concurrency: NonZeroUsize,
    /// How long an invocation may take
    #[arg(long, value_name = "SECONDS", default_value_t = 60,
          value_parser = clap::value_parser!(u64).range(1..=TIMEOUT_SECONDS_MAX))]
    timeout: u64,
    /// Run no function: events stay in the queue
    #[arg(long)]
    no_function: bool,
    #[command(subcommand)]
    act: Option<Act>,
}

/// What can be done to one that runs.
#[derive(Debug, Subcommand)]
enum Act {
    /// Set the scan result of an image in a running promoter local
    Scan(scan::Choices),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum BlobMounting {
    Enabled,
    Disabled,
}

fn repository(text: &str) -> Result<Repository, String> {
    Repository::parse(text.trim()).map_err(|error| error.to_string())
}

/// Runs until it is stopped, by Ctrl-C or SIGTERM.
pub(crate) async fn run(choices: Choices) -> Result<(), Failed> {
    if let Some(Act::Scan(scan)) = &choices.act {
        return scan::run(scan).await;
    }
    let end = signal::end()?;
    let registry = Registry::new(&choices.account, &choices.region)?;
    let listener = listen(&choices.listen).await?;
    let account = Account::open(choices.options()?, registry, listener)?;
    let environment = choices.environment(&account)?;
    let config = environment.config()?;
    account.make_tables(&config).await?;
    for repository in &choices.repositories {
        account.make_repository(repository).await?;
    }
    account.set_pages(&config);
    let folder = |path| policies::Folder::new(path, &config.policies_table, config.paths.clone());
    let mut folder = choices.policies.clone().map(folder);
    if let Some(folder) = &mut folder {
        folder.open(choices.data.as_deref())?;
        report(&folder.load(&account.aws).await);
    }
    if let Some(path) = &choices.bootstrap {
        check_executable(path)?;
        let concurrency = choices.concurrency.get();
        let variables = environment.variables(&account.url);
        account.local.run_bootstrap(path, concurrency, variables)?;
    } else if !choices.no_function {
        account.set_function(config);
    }
    let _poller = account.local.start_poller();
    // The calls made at start are not requests of a client.
    account.local.reset_requests();
    announce(&account.url)?;
    tokio::select! {
        () = end => Ok(()),
        () = watch(folder, &account) => Ok(()),
    }
}

impl Choices {
    /// The function's environment.
    fn environment(&self, account: &Account) -> Result<Environment, function::Mistakes> {
        let environment = Environment::of_process(&account.queue_url())?;
        // Invocations within one process share its pace already.
        if self.bootstrap.is_none() {
            return Ok(environment.or("MAX_CONCURRENCY", "1"));
        }
        let processes = self.concurrency.to_string();
        let environment = environment.or("MAX_CONCURRENCY", &processes);
        // Lines for people are made from it.
        Ok(environment.or("AWS_LAMBDA_LOG_FORMAT", "JSON"))
    }

    fn options(&self) -> Result<Options, pattern::PatternError> {
        let pattern = pattern::of_template()?;
        Ok(Options {
            account: self.account.clone(),
            region: self.region.clone(),
            blob_mounting: self.blob_mounting == BlobMounting::Enabled,
            data: self.data.clone(),
            concurrency: self.concurrency.get(),
            timeout: Duration::from_secs(self.timeout),
            pattern: Some(pattern),
            max_receive_count: RECEIVES_MAX,
            schedule: true,
            ..Options::default()
        })
    }
}

/// Lambda would only say so when it is first invoked. Only the system knows what it can run: a program for another
/// processor, or a text without `#!`, is refused when it is started.
fn check_executable(path: &Path) -> Result<(), Failed> {
    let cannot = |error| format!("cannot run \"{}\": {error}", path.display());
    let metadata = std::fs::metadata(path).map_err(cannot)?;
    #[cfg(unix)]
    let executable = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let executable = true;
    if !(metadata.is_file() && executable) {
        return Err(format!(
            "cannot run \"{}\": expected an executable file",
            path.display()
        )
        .into());
    }
    let mut trial = Command::new(path);
    trial.env_clear().stdin(Stdio::null());
    trial.stdout(Stdio::null()).stderr(Stdio::null());
    let mut running = trial.spawn().map_err(|error| {
        let (path, machine) = (path.display(), std::env::consts::ARCH);
        format!("cannot run \"{path}\": expected a program for {machine}, or a script that begins with #!: {error}")
    })?;
    running.kill().map_err(cannot)?;
    running.wait().map_err(cannot)?;
    Ok(())
}

/// A listener; where it cannot be opened, which other one to take.
pub(crate) async fn listen(address: &str) -> Result<TcpListener, Failed> {
    TcpListener::bind(address).await.map_err(|error| {
        format!("cannot listen on {address}: {error}; --listen 127.0.0.1:0 takes a free port")
            .into()
    })
}

/// The line that the process that started us waits for.
pub(crate) fn announce(url: &str) -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "ready {url}")?;
    out.flush()
}

/// Loads a folder's policies again whenever its files change; never returns.
async fn watch(folder: Option<policies::Folder>, account: &Account) {
    let Some(mut folder) = folder else {
        return std::future::pending().await;
    };
    loop {
        tokio::time::sleep(policies::LOOK_EVERY).await;
        if folder.has_changed() {
            report(&folder.load(&account.aws).await);
        }
    }
}

/// Tells people what became of their files. Nothing is left to do where stderr is gone.
fn report(loaded: &policies::Loaded) {
    let mut stderr = anstream::stderr().lock();
    for line in &loaded.mistakes {
        let _ = writeln!(stderr, "error: {line}");
    }
    for line in &loaded.warnings {
        let _ = writeln!(stderr, "warning: {line}");
    }
    let _ = writeln!(stderr, "{loaded}");
}
