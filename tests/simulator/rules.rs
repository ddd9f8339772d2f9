//! What shall become of single requests and events, where a row or a storm is about them.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::SecondsFormat;
use serde_json::json;

use crate::{
    fate::{Fate, Refusal, Seen, Sender},
    image::Image,
    run::Moment,
    world::{ACCOUNT, REGION, World},
};

/// Requests of this name, or of a name that begins so, whose address or body tells these texts, meet a fate: this many
/// of them.
#[derive(Debug, Clone)]
pub struct Rule {
    name: &'static str,
    texts: Vec<String>,
    times: u32,
    fate: Fate,
}

/// A rule about the next such request; `or` says its fate.
pub fn next(name: &'static str, text: impl Into<String>) -> Rule {
    Rule {
        name,
        texts: vec![text.into()],
        times: 1,
        fate: Fate::passes(Duration::from_millis(10)),
    }
}

/// No promotion can be recorded.
pub fn unrecorded() -> Rule {
    next("dynamodb:", "RECORD#")
        .times(99)
        .refused(Refusal::Broken)
}

impl Rule {
    /// It tells this text, too.
    pub fn and(mut self, text: &str) -> Self {
        self.texts.push(text.to_owned());
        self
    }

    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    pub fn refused(mut self, refusal: Refusal) -> Self {
        self.fate.refused = Some(refusal);
        self
    }

    /// It takes so long on its way.
    pub fn travels(mut self, seconds: u64) -> Self {
        self.fate.before = Duration::from_secs(seconds);
        self
    }

    /// It takes effect this long after it came to AWS.
    pub fn lands(mut self, seconds: u64) -> Self {
        self.fate.landing = Duration::from_secs(seconds);
        self
    }

    /// It shows what stood this long ago.
    pub fn stale(mut self, seconds: u64) -> Self {
        self.fate.stale = Duration::from_secs(seconds);
        self
    }

    pub fn sender(mut self, sender: Sender) -> Self {
        self.fate.sender = sender;
        self
    }

    fn meets(&self, seen: &Seen) -> bool {
        let body = seen.body.to_string();
        let tells = |text: &String| seen.uri.contains(text) || body.contains(text);
        self.times > 0 && seen.name.starts_with(self.name) && self.texts.iter().all(tells)
    }
}

impl World {
    /// From now on these rules decide, the first that meets a request.
    pub fn rules(&self, rules: Vec<Rule>) {
        self.rules_within(rules, |_| Fate::passes(Duration::from_millis(10)));
    }

    /// The same; what no rule meets has the fate that `others` says.
    pub fn rules_within(&self, rules: Vec<Rule>, others: impl Fn(&Seen) -> Fate + Send + 'static) {
        let rules = Arc::new(Mutex::new(rules));
        self.network.plan(move |seen| {
            let mut rules = rules.lock().unwrap();
            match rules.iter_mut().find(|it| it.meets(seen)) {
                Some(rule) => {
                    rule.times -= 1;
                    rule.fate
                }
                None => others(seen),
            }
        });
    }

    /// From now on the events of ECR are lost, except those sent by hand.
    pub fn hold_events(&self, hold: bool) {
        self.shape.lock().unwrap().chaos.losses = if hold { 1000 } else { 0 };
    }

    pub fn send(&self, repository: &str, tag: &str, image: &Image, at: Moment) {
        let event = json!({
            "version": "0", "id": "13cde686-328b-6117-af20-0e5566167482", "detail-type": "ECR Image Action",
            "source": "aws.ecr", "account": ACCOUNT, "time": at.to_rfc3339_opts(SecondsFormat::Secs, true),
            "region": REGION, "resources": [],
            "detail": {
                "result": "SUCCESS", "repository-name": repository, "image-digest": image.digest,
                "action-type": "PUSH", "image-tag": tag,
            },
        });
        self.send_after(&event, &[Duration::ZERO]);
    }
}
