//! What happens in the demonstration, in order: the place, the policy, each push with its scan and
//! what comes of it, and the proof.
//!
//! Whatever is shown was read back from the embedded AWS: the event from its bus, the decision from
//! the ledger, the tags from the registry, the image byte for byte.

use std::{collections::BTreeMap, io, time::Duration};

use ecr_promoter::{Aws, Config, ledger::record::Record};
use ecr_promoter_core::{Digest, Repository, decision::Outcome, node::Node, policy::Policy};
use serde_json::Value;

use super::{
    answer,
    cases::{Case, Plan, Scan},
    error::StoryError,
    print,
};
use crate::{
    image::{
        Image,
        push::push,
        verify::{self, Verified},
    },
    local::{account::Account, function::Environment, policies},
    page::Page,
    refusal::Refusal,
};

/// What may go where.
const PATHS: &str = "dev/* => qa/*";
/// How long the function may take over one push.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// How often the ledger is looked at meanwhile.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// One push and what became of it.
pub(super) struct Pushed {
    /// `dev/website:1.4-stable`
    pub(super) name: String,
    /// What was pushed.
    pub(super) digest: Digest,
    /// What the function recorded last.
    pub(super) record: Record,
}

struct Stage<'a> {
    account: &'a Account,
    /// Clients of the team that pushes and pulls.
    team: Aws,
    source: Repository,
    target: Repository,
    /// The table of what was decided.
    ledger: String,
}

/// Plays it all, on `account`, which is new.
pub(crate) async fn play<W: io::Write>(
    account: &Account,
    plan: &Plan,
    page: &mut Page<W>,
) -> Result<(), StoryError> {
    let environment = Environment::of(&account.queue_url(), |name| {
        (name == "PROMOTION_PATHS").then(|| PATHS.to_owned())
    });
    let config = own(
        "environment",
        environment.or("MAX_CONCURRENCY", "1").config(),
    )?;
    let stage = Stage {
        account,
        team: account.network_clients(),
        source: own("repository", Repository::parse("dev/website"))?,
        target: own("repository", Repository::parse("qa/website"))?,
        ledger: config.promotions_table.clone(),
    };
    let policy = stage.set(config, plan.policy, page).await?;
    print::policy(page, &policy, plan.remark)?;

    let mut promoted = None;
    let mut held = Vec::new();
    for case in &plan.cases {
        page.section(case.title)?;
        let pushed = stage.push(case, page).await?;
        expect(&pushed, case.wanted)?;
        if case.wanted == Outcome::Promoted {
            print::promotion(page, &pushed)?;
            promoted = Some((&case.image, pushed));
        } else {
            held.push(pushed);
        }
    }
    let (image, promoted) = own("plan", promoted.ok_or("nothing is promoted"))?;
    let verified = stage.prove(image, &promoted, &held).await?;
    print::summary(page, &stage.target, &promoted, &verified, &held)?;
    Ok(())
}

/// Something of the demonstration's own, which cannot be wrong.
fn own<T, E: ToString>(what: &'static str, made: Result<T, E>) -> Result<T, StoryError> {
    made.map_err(|error| StoryError::Own(what, error.to_string()))
}

fn expect(pushed: &Pushed, wanted: Outcome) -> Result<(), StoryError> {
    if pushed.record.outcome == wanted {
        return Ok(());
    }
    Err(StoryError::Otherwise {
        push: pushed.name.clone(),
        wanted: wanted.as_str(),
        seen: pushed.record.outcome.as_str(),
        reason: pushed.record.reason.clone(),
    })
}

impl Stage<'_> {
    /// Makes repositories, tables and policy, and lets the function run.
    async fn set<W: io::Write>(
        &self,
        config: Config,
        policy: &str,
        page: &mut Page<W>,
    ) -> Result<Policy, StoryError> {
        let account = self.account;
        account.make_tables(&config).await?;
        for repository in [&self.source, &self.target] {
            account.make_repository(repository).await?;
        }
        print::place(page, account, [&self.source, &self.target], PATHS)?;

        let node = own("policy", Node::from_json(policy))?;
        let policy = Policy::parse(&node).map_err(|errors| {
            let words: Vec<String> = errors.iter().map(ToString::to_string).collect();
            StoryError::Own("policy", words.join("; "))
        })?;
        let put = account.aws.dynamodb.put_item();
        let put = put.table_name(&config.policies_table);
        let stored = put.set_item(Some(policies::item(&node))).send().await;
        stored.map_err(|error| Refusal::of("store the policy", &error))?;

        account.set_function(config);
        // Ends with the account.
        let _poller = account.local.start_poller();
        Ok(policy)
    }

    /// Pushes an image, has it scanned if it should be, and waits for what the function makes of
    /// it.
    async fn push<W: io::Write>(
        &self,
        case: &Case,
        page: &mut Page<W>,
    ) -> Result<Pushed, StoryError> {
        let tag = own("tag", case.tag())?;
        let image = &case.image;
        let name = format!("{}:{tag}", self.source);
        print::push(page, &name, image)?;
        push(&self.team.ecr, &self.source, &tag, image).await?;
        let mut record = self.record(image.digest(), &name, None).await?;
        let event = |event: &Value| {
            event.pointer("/detail/image-tag").and_then(Value::as_str) == Some(tag.as_str())
        };
        print::event(page, &self.event(image.digest(), event))?;
        if let Some(scan) = case.scan {
            print::decision(page, &record)?;
            let last = self.scan(case, scan)?;
            record = self.record(image.digest(), &name, Some(&record.id)).await?;
            let event = |event: &Value| event.pointer("/detail/scan-status").is_some();
            print::event(page, &self.event(&last, event))?;
        }
        print::decision(page, &record)?;
        Ok(Pushed {
            name,
            digest: image.digest().clone(),
            record,
        })
    }

    /// Has every platform scanned; the last one's digest.
    fn scan(&self, case: &Case, scan: Scan) -> Result<Digest, StoryError> {
        let now = self.account.local.clock().now();
        let mut last = case.image.digest().clone();
        for (digest, answer) in case.findings(scan, now.timestamp()) {
            let ecr = self.account.local.ecr();
            own(
                "scan",
                ecr.set_findings(self.source.as_str(), digest.as_str(), answer, true),
            )?;
            last = digest;
        }
        Ok(last)
    }

    /// An event of an image, as the bus had it.
    fn event(&self, digest: &Digest, wanted: impl Fn(&Value) -> bool) -> Value {
        let told = |event: &Value| {
            let of = event
                .pointer("/detail/image-digest")
                .and_then(Value::as_str);
            of == Some(digest.as_str()) && wanted(event)
        };
        let events = self.account.local.events();
        events.into_iter().find(told).unwrap_or_default()
    }

    /// Waits for the record of an image that was pushed once; with `after`, for one that came after
    /// it and awaits nothing.
    async fn record(
        &self,
        digest: &Digest,
        name: &str,
        after: Option<&str>,
    ) -> Result<Record, StoryError> {
        let of = ecr_promoter_core::Image {
            registry: self.account.registry.clone(),
            repository: self.source.clone(),
            digest: digest.clone(),
        };
        let wanted = |record: &Record| {
            after.is_none_or(|before| record.id != before && record.outcome != Outcome::Awaiting)
        };
        let looked = async {
            loop {
                self.account.local.idle(LOOK_EVERY).await;
                let record = answer::look_up(&self.account.aws, &self.ledger, &of).await?;
                if let Some(record) = record.filter(wanted) {
                    return Ok(record);
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        };
        let answer = tokio::time::timeout(ANSWER_WITHIN, looked).await;
        answer.map_err(|_| StoryError::NoAnswer(name.to_owned()))?
    }

    /// Reads the target: the promoted image whole, and nothing of the held one.
    async fn prove(
        &self,
        image: &Image,
        promoted: &Pushed,
        held: &[Pushed],
    ) -> Result<Verified, StoryError> {
        let problem = |problem: String| StoryError::Target {
            repository: self.target.clone(),
            problem,
        };
        let target = promoted.record.target.as_ref();
        let target = target.ok_or_else(|| problem("the record names no target".to_owned()))?;
        let verified = verify::read_back(&self.team, &target.repository, &target.tag).await?;
        if target.repository != self.target || verified.digest != promoted.digest {
            return Err(problem(format!(
                "{target} is {}, {} is {}",
                verified.digest, promoted.name, promoted.digest
            )));
        }
        let pushed = image.summary();
        if (verified.blobs, verified.bytes) != (pushed.blobs, pushed.bytes) {
            return Err(problem(format!(
                "{} of {} blobs are there",
                verified.blobs, pushed.blobs
            )));
        }
        let tags = self.tags().await?;
        if tags.keys().collect::<Vec<_>>() != [target.tag.as_str()] {
            return Err(problem(format!("its tags are {:?}", tags.keys())));
        }
        for held in held {
            if verify::holds(&self.team, &self.target, &held.digest).await? {
                return Err(problem(format!("it holds {}, which is held", held.digest)));
            }
        }
        Ok(verified)
    }

    /// The target's tags and what each points to.
    async fn tags(&self) -> Result<BTreeMap<String, String>, StoryError> {
        let describe = self.team.ecr.describe_images();
        let answer = describe.repository_name(self.target.as_str()).send().await;
        let answer = answer.map_err(|error| Refusal::of("list the tags of the target", &error))?;
        let mut tags = BTreeMap::new();
        for image in answer.image_details() {
            for tag in image.image_tags() {
                let digest = image.image_digest().unwrap_or_default();
                tags.insert(tag.clone(), digest.to_owned());
            }
        }
        Ok(tags)
    }
}
