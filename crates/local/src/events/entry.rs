//! One entry of `PutEvents`: its size, its bus, and the event that it becomes (EventBridge API reference,
//! "`PutEventsRequestEntry`").

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Deserialize;
use serde_json::{Value, json};

/// The longest detail type (EventBridge API reference).
const DETAIL_TYPE_MAX: usize = 128;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Entry {
    source: Option<String>,
    detail_type: Option<String>,
    detail: Option<String>,
    event_bus_name: Option<String>,
    #[serde(default)]
    resources: Vec<String>,
    time: Option<f64>,
}

impl Entry {
    /// The size by which EventBridge counts an entry.
    pub(super) fn size(&self) -> usize {
        let texts = [&self.source, &self.detail_type, &self.detail];
        let texts: usize = texts.into_iter().flatten().map(String::len).sum();
        let time = if self.time.is_some() { 14 } else { 0 };
        texts + time + self.resources.iter().map(String::len).sum::<usize>()
    }

    pub(super) fn is_for_the_default_bus(&self) -> bool {
        let name = self.event_bus_name.as_deref().unwrap_or("default");
        name == "default" || (name.starts_with("arn:") && name.ends_with(":event-bus/default"))
    }

    pub(super) fn event(&self, now: DateTime<Utc>) -> Result<Value, (&'static str, String)> {
        let source = required("Source", self.source.as_ref())?;
        let detail_type = required("DetailType", self.detail_type.as_ref())?;
        let detail = required("Detail", self.detail.as_ref())?;
        if source.starts_with("aws.") {
            return Err((
                "NotAuthorizedForSourceException",
                "Not authorized for the source.".to_owned(),
            ));
        }
        if detail_type.len() > DETAIL_TYPE_MAX {
            let message =
                "Parameter DetailType is not valid. Reason: it is longer than 128 characters.";
            return Err(("InvalidArgument", message.to_owned()));
        }
        let detail = serde_json::from_str::<Value>(&detail)
            .ok()
            .filter(Value::is_object);
        let detail =
            detail.ok_or_else(|| ("MalformedDetail", "Detail is malformed.".to_owned()))?;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the event's time has whole seconds; casts saturate"
        )]
        let time = self
            .time
            .and_then(|it| DateTime::from_timestamp(it as i64, 0))
            .unwrap_or(now);
        Ok(json!({
            "source": source, "detail-type": detail_type, "time": iso(time),
            "resources": self.resources, "detail": detail,
        }))
    }
}

/// A field that every entry has.
fn required(name: &str, value: Option<&String>) -> Result<String, (&'static str, String)> {
    let value = value.filter(|it| !it.is_empty()).cloned();
    value.ok_or_else(|| {
        let message =
            format!("Parameter {name} is not valid. Reason: {name} is a required argument.");
        ("InvalidArgument", message)
    })
}

/// A time as EventBridge's envelope has it.
pub(super) fn iso(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
