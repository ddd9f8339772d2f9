//! The log: how lines are written, and the line that a panic leaves.

use std::{
    io::Write as _,
    panic::{PanicHookInfo, set_hook},
};

use ecr_promoter_core::Time;
use lambda_runtime::tracing::subscriber::{self, EnvFilter, filter::LevelFilter};
use serde_json::json;

/// Logs as Lambda's controls say (AWS Lambda developer guide, "Configuring advanced logging
/// controls"): `level` and `format` are its variables. A line of JSON without a time has no level
/// either for Lambda, and is dropped where only warnings are wanted ("Log-level filtering"). What
/// others log below INFO holds whole answers, a registry token among them, so only our own lines
/// follow the level further down.
pub fn start(level: Option<&str>, format: Option<&str>) {
    let level = match level.unwrap_or_default() {
        "" => LevelFilter::INFO,
        // The one level of Lambda's that nothing here has.
        "FATAL" => LevelFilter::ERROR,
        level => level.parse().unwrap_or(LevelFilter::INFO),
    };
    let others = level.min(LevelFilter::INFO);
    // The runtime's own span names the request once more, in its way.
    let filter = EnvFilter::new(format!(
        "{others},lambda_runtime::layers::trace=off,ecr_promoter={level},bootstrap={level}"
    ));
    let lines = subscriber::fmt()
        .with_env_filter(filter)
        .with_target(false)
        .with_ansi(false)
        .with_writer(std::io::stderr);
    let json = format.is_some_and(|format| format.eq_ignore_ascii_case("json"));
    if json {
        lines.json().with_span_list(false).init();
    } else {
        lines.without_time().init();
    }
    set_hook(Box::new(move |panic| tell(panic, json)));
}

/// One line for a panic, the runtime's own included. It is written directly: what panicked may be
/// the log itself.
fn tell(panic: &PanicHookInfo<'_>, as_json: bool) {
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    let words = words(panic.payload());
    let line = if as_json {
        let now = Time::from(std::time::SystemTime::now());
        json!({
            "timestamp": now.to_rfc3339_opts(chrono::SecondsFormat::Micros, true),
            "level": "ERROR",
            "fields": {"message": format!("panicked: {words}"), "place": place},
        })
        .to_string()
    } else {
        format!("ERROR panicked: {} place={place}", words.escape_debug())
    };
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// What a panic says.
pub(crate) fn words(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}
