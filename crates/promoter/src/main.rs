//! `promoter`: the command for people who write policies or look at what became of their images.
//!
//! A file for each subcommand. What is judged and promoted is the function's and the core's alone:
//! nothing here has a rule of its own.

use std::{
    error::Error,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{ArgAction, ColorChoice, CommandFactory as _, Parser, Subcommand};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

mod asked;
mod demo;
mod deployment;
mod evidence;
mod explain;
mod history;
mod image;
mod local;
mod page;
mod policy;
mod refusal;
mod retry;
mod signal;
mod signed;
mod stored;
mod ui;
mod waiting;
mod when;

/// What ends a command early: printed with its causes.
type Failed = Box<dyn Error + Send + Sync>;

/// Promotes container images between Amazon ECR repositories by policy.
#[derive(Debug, Parser)]
#[command(
    name = "promoter",
    version = env!("PROMOTER_VERSION"),
    subcommand_required = true,
    arg_required_else_help = true
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// When to use colours; `NO_COLOR` is honoured
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        value_enum,
        default_value = "auto",
        display_order = 100
    )]
    color: ColorChoice,
    /// Show the log on stderr; twice shows more of it
    #[arg(long, short, global = true, action = ArgAction::Count, display_order = 101)]
    verbose: u8,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Watch an image being promoted, and others being held, on an embedded AWS
    Demo(demo::Choices),
    /// Show why an image was promoted or not, what it waits for, and what would let it through
    ///
    /// Exit status 0 when it was promoted, 1 when it was not and nothing looks at it again by itself, 2
    /// when there is no answer, 3 while it waits.
    #[command(after_help = deployment::AFTER_HELP)]
    Explain(explain::Choices),
    /// Show what became of pushes, the newest first
    #[command(after_help = deployment::AFTER_HELP)]
    History(history::Choices),
    /// Show what waits, for what, since when, and when it is looked at next
    #[command(after_help = deployment::AFTER_HELP)]
    Waiting(waiting::Choices),
    /// Ask the function to judge images again, and to promote those that pass
    ///
    /// Exit status 0 when nothing failed, 1 when something did, 2 when nothing could be asked.
    #[command(after_help = deployment::AFTER_HELP)]
    Retry(retry::Choices),
    /// Show what a policy would see of an image: its scan, findings, components and licenses
    #[command(after_help = evidence::AFTER_HELP)]
    Evidence(evidence::Choices),
    /// Run an embedded AWS with the function on it, at one address
    #[command(after_help = local::AFTER_HELP)]
    Local(local::Choices),
    /// Show what was promoted, what waits, and why, in the browser
    ///
    /// Read-only, on this machine alone. The first line on stdout is `ready http://127.0.0.1:PORT/ui/`.
    #[command(after_help = deployment::AFTER_HELP)]
    Ui(ui::Choices),
    /// Check, write, compare, delete and try policy documents
    #[command(subcommand)]
    Policy(policy::Command),
    /// Print a completion script for a shell
    ///
    /// For bash, for instance: promoter completions bash > ~/.local/share/bash-completion/completions/promoter
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

fn main() -> ExitCode {
    let arguments = Arguments::try_parse().unwrap_or_else(|error| refuse(&error));
    choose_colors(arguments.color);
    if arguments.verbose == 0 && matches!(arguments.command, Command::Local(_)) {
        local::lines::show();
    } else {
        show_log(arguments.verbose);
    }
    match run(arguments.command) {
        Ok(code) => code,
        // The reader of our output has seen enough.
        Err(error) if is_broken_pipe(error.as_ref()) => ExitCode::FAILURE,
        Err(error) => {
            tell(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// Ends with what is wrong with the arguments, or with the help that was asked for. What was typed is shown,
/// and no control character in it obeyed.
fn refuse(error: &clap::Error) -> ! {
    if error.use_stderr() {
        let mut stderr = anstream::stderr().lock();
        // Nothing is left to do where stderr is gone.
        for line in error.render().to_string().lines() {
            let _ = writeln!(stderr, "{}", page::words::printable(line));
        }
    } else {
        let _ = error.print();
    }
    std::process::exit(error.exit_code())
}

fn run(command: Command) -> Result<ExitCode, Failed> {
    match command {
        Command::Demo(choices) => {
            return tokio::runtime::Runtime::new()?.block_on(demo::run(&choices));
        }
        Command::Evidence(choices) => {
            tokio::runtime::Runtime::new()?.block_on(evidence::run(&choices))?;
        }
        Command::Explain(choices) => return answer(explain::run(&choices)),
        Command::History(choices) => return answer(history::run(&choices)),
        Command::Waiting(choices) => return answer(waiting::run(&choices)),
        Command::Retry(choices) => return answer(retry::run(&choices)),
        Command::Local(choices) => tokio::runtime::Runtime::new()?.block_on(local::run(choices))?,
        Command::Ui(choices) => tokio::runtime::Runtime::new()?.block_on(ui::run(&choices))?,
        Command::Policy(command) => return policy::run(command),
        Command::Completions { shell } => complete(shell)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// The exit status where there is no answer: 1 already means something.
const NO_ANSWER: u8 = 2;

fn answer(command: impl Future<Output = Result<ExitCode, Failed>>) -> Result<ExitCode, Failed> {
    let answered = tokio::runtime::Runtime::new()?.block_on(command);
    answered.or_else(|error| {
        if is_broken_pipe(error.as_ref()) {
            return Err(error);
        }
        tell(error.as_ref());
        Ok(NO_ANSWER.into())
    })
}

/// Written at once: the generator has no errors of its own, and a reader that is gone must not cause a panic.
fn complete(shell: clap_complete::Shell) -> io::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "promoter", &mut script);
    let mut out = io::stdout().lock();
    out.write_all(&script)?;
    out.flush()
}

fn choose_colors(choice: ColorChoice) {
    match choice {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
    .write_global();
}

/// The log is shown on request only: what a command has to say is on its stdout.
fn show_log(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => LevelFilter::INFO,
        _ => LevelFilter::DEBUG,
    };
    // The SDK's own lines would drown ours.
    let filter = EnvFilter::new(format!(
        "warn,ecr_promoter={level},ecr_promoter_core={level},ecr_promoter_local={level},promoter={level}"
    ));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(anstream::stderr)
        .init();
}

fn is_broken_pipe(error: &(dyn Error + 'static)) -> bool {
    causes(error).any(|error| {
        error
            .downcast_ref::<io::Error>()
            .is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
    })
}

/// An error, what caused it, and so on.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| (*error).source())
}

/// Prints an error and what caused it. Nothing is left to do where stderr is gone.
fn tell(error: &(dyn Error + 'static)) {
    let mut page = page::Page::stderr();
    let red = anstyle::AnsiColor::Red.on_default().bold();
    let mut said = error.to_string();
    let first = page::Text::styled(red, "error:").and(anstyle::Style::new(), format!(" {said}"));
    let _ = page.line(first);
    for cause in causes(error).skip(1) {
        // Many errors say their cause themselves.
        let cause = cause.to_string();
        if !said.contains(&cause) {
            let _ = page.line(format!("  because: {cause}"));
            said = cause;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_contradict_each_other_nowhere() {
        Arguments::command().debug_assert();
    }
}
