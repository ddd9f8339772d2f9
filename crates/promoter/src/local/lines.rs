//! What happens, for people: a line on stderr for each event and each decision.
//!
//! Reads the log that the embedded AWS and the function write anyway, so that nothing is reported twice. Anybody who wants the
//! log itself asks for `--verbose`.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use serde_json::Value;
use tracing::{
    Event, Level, Subscriber,
    field::{Field, Visit},
};
use tracing_subscriber::{
    Layer, Registry,
    layer::{Context, SubscriberExt as _},
};

use crate::page::{GREEN, Page, Text, YELLOW, words};

const RED: Style = AnsiColor::Red.on_default();
/// How wide the first word of a line is.
const FIRST: usize = 8;
/// The packages whose lines are shown.
const OURS: [&str; 2] = ["ecr_promoter", "ecr_promoter_local"];

/// Shows them from now on, in place of a log.
pub(crate) fn show() {
    let lines = Registry::default().with(Lines);
    // A caller that has set up a log keeps it.
    let _ = tracing::subscriber::set_global_default(lines);
}

struct Lines;

impl<S: Subscriber> Layer<S> for Lines {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let package = metadata.target().split("::").next().unwrap_or_default();
        if *metadata.level() > Level::INFO || !OURS.contains(&package) {
            return;
        }
        let mut fields = Fields::default();
        event.record(&mut fields);
        if let Some(line) = fields.shown(*metadata.level()) {
            // Nothing is left to do where stderr is gone.
            let _ = Page::stderr().line(line);
        }
    }
}

/// A line of the log in JSON, as the function writes it in a process of its own.
struct Written {
    level: Level,
    fields: Fields,
}

impl Written {
    fn read(line: &str) -> Option<Self> {
        let line: Value = serde_json::from_str(line).ok()?;
        let level = line.get("level")?.as_str()?.parse().ok()?;
        let fields = line.get("fields")?.as_object()?;
        let fields = fields.iter().map(|(name, value)| {
            let text = value.as_str().map(str::to_owned);
            (name.clone(), text.unwrap_or_else(|| value.to_string()))
        });
        Some(Self {
            level,
            fields: Fields(fields.collect()),
        })
    }
}

/// The fields of one line of the log.
#[derive(Debug, Default)]
struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }

    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl Fields {
    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The line for people, if there is one to show: also for what the function wrote in a process of its own.
    fn shown(&self, level: Level) -> Option<Text> {
        let Some(line) = self.get("line") else {
            return Some(self.line(level));
        };
        match Written::read(line) {
            Some(written) if written.level > Level::INFO => None,
            Some(written) => Some(written.fields.line(written.level)),
            // Not a line of the log: as it is.
            None => Some(Text::styled(Style::new(), line)),
        }
    }

    /// The line for people.
    fn line(&self, level: Level) -> Text {
        let event = self.get("event").map(serde_json::from_str::<Value>);
        let (style, first, rest) = match (event, self.get("decision")) {
            (Some(Ok(event)), _) => (Style::new(), "event", of_event(&event)),
            (_, Some(decision)) => (of_decision(decision), decision, self.decided()),
            _ if level == Level::INFO => (Style::new(), "note", self.whole()),
            _ => (YELLOW, "warning", self.whole()),
        };
        let rest = words::with_short_digests(&rest);
        Text::styled(style, format!("{first:FIRST$}")).and(Style::new(), format!(" {rest}"))
    }

    /// A decision: which push, under which policy, where to, and why.
    fn decided(&self) -> String {
        let part = |name: &str| self.get(name).unwrap_or_default();
        let target = self.get("target").map(|it| format!(" => {it}"));
        format!(
            "{}:{}{} ({}): {}",
            part("repository"),
            part("tag"),
            target.unwrap_or_default(),
            part("policy"),
            part("reason")
        )
    }

    /// Anything else: its message, and what it names.
    fn whole(&self) -> String {
        let message = self.get("message").unwrap_or_default().to_owned();
        let others = self.0.iter().filter(|(name, _)| *name != "message");
        others.fold(message, |line, (name, value)| {
            format!("{line}; {name}: {value}")
        })
    }
}

fn of_decision(decision: &str) -> Style {
    match decision {
        "promote" => GREEN,
        "hold" => RED,
        "await" => YELLOW,
        _ => Style::new().dimmed(),
    }
}

/// What an event says: its kind, what was done, and to which image.
fn of_event(event: &Value) -> String {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str);
    let done = ["action-type", "scan-status", "sync-status"]
        .iter()
        .find_map(|name| text(&format!("/detail/{name}")));
    let kind = text("/detail-type").unwrap_or("without a detail-type");
    let image = |at: &str, repository: &str, tag: &str, digest: &str| {
        let name = text(&format!("{at}/{repository}"))?;
        // Inspector names the repository by its ARN.
        let name = name.rsplit_once(":repository/").map_or(name, |(_, it)| it);
        let tag = text(&format!("{at}/{tag}")).filter(|it| !it.is_empty());
        let digest = text(&format!("{at}/{digest}")).map(|it| format!("@{it}"));
        let tag = tag.map(|it| format!(":{it}"));
        Some(format!(
            "{name}{}{}",
            tag.unwrap_or_default(),
            digest.unwrap_or_default()
        ))
    };
    let of_ecr = image("/detail", "repository-name", "image-tag", "image-digest");
    let ours = |at: &str| image(at, "repository", "tag", "digest");
    let promoted = ours("/detail/source").zip(ours("/detail/target"));
    let promoted = promoted.map(|(source, target)| format!("{source} => {target}"));
    let policy = text("/detail/policy/source").zip(text("/detail/policy/name"));
    let policy = policy.map(|(source, name)| format!("{source} {name}"));
    let image = promoted.or(of_ecr).or(policy);
    let parts = [Some(kind.to_owned()), done.map(str::to_owned), image];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use super::*;

    /// Keeps lines in place of printing them.
    struct Kept(Arc<Mutex<Vec<String>>>);

    impl<S: Subscriber> Layer<S> for Kept {
        fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
            let mut fields = Fields::default();
            event.record(&mut fields);
            let mut page = Page::new(Vec::new(), 80);
            let Some(line) = fields.shown(*event.metadata().level()) else {
                return;
            };
            page.line(line).unwrap();
            let line = String::from_utf8(page.into_inner()).unwrap();
            let line = anstream::adapter::strip_str(&line).to_string();
            self.0.lock().unwrap().push(line.trim_end().to_owned());
        }
    }

    fn lines(log: impl FnOnce()) -> String {
        let kept = Arc::new(Mutex::new(Vec::new()));
        let subscriber = Registry::default().with(Kept(kept.clone()));
        tracing::subscriber::with_default(subscriber, log);
        let kept = kept.lock().unwrap();
        kept.join("\n")
    }

    fn raised(event: &Value) {
        tracing::info!(%event, "raised");
    }

    #[test]
    fn events_read_as_what_was_done_to_which_image() {
        let digest = format!("sha256:{}", "5e".repeat(32));
        let told = lines(|| {
            raised(&json!({"detail-type": "ECR Image Action", "detail": {
                "action-type": "PUSH", "repository-name": "dev/website", "image-tag": "1.4", "image-digest": digest}}));
            raised(&json!({"detail-type": "ECR Image Action", "detail": {
                "action-type": "PUSH", "repository-name": "dev/website", "image-tag": "", "image-digest": digest}}));
            raised(&json!({"detail-type": "Inspector2 Scan", "detail": {
                "scan-status": "INITIAL_SCAN_COMPLETE", "image-digest": digest,
                "repository-name": "arn:aws:ecr:us-east-1:000000000000:repository/dev/website"}}));
            raised(&json!({"detail-type": "Image Promoted", "detail": {
                "source": {"repository": "dev/website", "tag": "1.4", "digest": digest},
                "target": {"repository": "qa/website", "tag": "7", "digest": digest}}}));
            raised(&json!({"detail-type": "Policy Invalid", "detail": {
                "policy": {"source": "dev/website", "name": "stable-to-qa"}}}));
            raised(&json!({"detail": 1}));
        });
        insta::assert_snapshot!(told);
    }

    #[test]
    fn what_a_process_of_its_own_logs_reads_as_what_the_function_in_this_one_does() {
        let decided = json!({"timestamp": "2026-01-01T00:00:00Z", "level": "INFO", "span": {"request_id": "1"},
            "fields": {"message": "decided", "repository": "dev/website", "tag": "1.4-stable",
                "policy": "dev/website stable-to-qa", "decision": "promote", "reason": "its criterion is met",
                "target": "qa/website:7", "dry_run": false}});
        let debug = json!({"level": "DEBUG", "fields": {"message": "a detail"}});
        let told = lines(|| {
            for line in [
                decided.to_string(),
                debug.to_string(),
                "a panic of the runtime".to_owned(),
            ] {
                tracing::info!(%line, "written");
            }
        });
        insta::assert_snapshot!(told, @r#"
        promote  dev/website:1.4-stable => qa/website:7 (dev/website stable-to-qa): its
        criterion is met
        a panic of the runtime
        "#);
    }

    #[test]
    fn decisions_name_push_policy_and_reason_and_nobody_else_s_words_write_lines() {
        let told = lines(|| {
            tracing::info!(
                repository = "dev/website",
                tag = "1.4-stable",
                digest = "sha256:0",
                policy = "dev/website stable-to-qa",
                decision = "promote",
                reason = "tag ends_with \"stable\"",
                target = Some("qa/website:7"),
                dry_run = false,
                "decided"
            );
            tracing::info!(
                repository = "dev/website",
                tag = "1.4",
                policy = "dev/website stable-to-qa",
                decision = "hold",
                reason = "saw \"a\nb\u{1b}[2J\"",
                target = None::<&str>,
                "decided"
            );
            tracing::info!(why = "an event of no image", "acknowledged");
            tracing::warn!(
                failure = "AccessDenied",
                "a policy could not be brought to its end"
            );
        });
        insta::assert_snapshot!(told);
    }
}
