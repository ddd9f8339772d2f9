//! What happens in the demonstration, in order: the place, the policy, an image that is promoted,
//! one that is held, and the proof.
//!
//! Whatever is shown was read back from the embedded AWS: the event from its bus, the decision from
//! the ledger, the tags from the registry, the image byte for byte.

use std::{collections::BTreeMap, io, time::Duration};

use ecr_promoter::{Aws, Config, ledger::record::Record};
use ecr_promoter_core::{Digest, Repository, Tag, node::Node, policy::Policy, promotion::Outcome};
use serde_json::Value;

use super::{
    answer,
    error::StoryError,
    print::{self, Page},
};
use crate::{
    image::{
        Image,
        push::push,
        sample,
        verify::{self, Verified},
    },
    local::{account::Account, function::Environment, policies},
    refusal::Refusal,
};

/// The version of the image that is promoted.
pub(super) const VERSION: &str = "1.4";
/// The tag of the image that is promoted.
const STABLE: &str = "1.4-stable";
/// The tag of the image that is held, and its version.
const CANDIDATE: (&str, &str) = ("1.5-rc1", "1.5");
/// What the README shows first.
const POLICY: &str = include_str!("../../../../policies/stable-to-qa.json");
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
    /// The event that told of it, as EventBridge had it.
    pub(super) event: Value,
    /// What the function recorded.
    pub(super) record: Record,
}

struct Stage<'a> {
    account: &'a Account,
    /// Clients of whoever pushes and pulls.
    team: Aws,
    source: Repository,
    target: Repository,
    /// The table of what was decided.
    ledger: String,
}

/// Plays it all, on `account`, which is new.
pub(crate) async fn play<W: io::Write>(
    account: &Account,
    image: &Image,
    page: &mut Page<W>,
) -> Result<(), StoryError> {
    let environment = Environment::of(&account.queue_url(), |name| {
        (name == "PROMOTION_PATHS").then(|| PATHS.to_owned())
    });
    let config = own("environment", environment.config())?;
    let stage = Stage {
        account,
        team: account.network_clients(),
        source: own("repository", Repository::parse("dev/website"))?,
        target: own("repository", Repository::parse("qa/website"))?,
        ledger: config.promotions_table.clone(),
    };
    print::title(page)?;
    let policy = stage.set(config, page).await?;
    print::policy(page, &policy)?;

    page.section("A stable build is pushed")?;
    let promoted = stage.push(image, STABLE, page).await?;
    expect(&promoted, Outcome::Promoted)?;
    print::promotion(page, &promoted, &stage.target)?;

    page.section("A release candidate is pushed")?;
    let other = own("image", sample::image(CANDIDATE.1))?;
    let held = stage.push(&other, CANDIDATE.0, page).await?;
    expect(&held, Outcome::Held)?;

    let (tags, verified) = stage.prove(image, &promoted, &held).await?;
    print::target(page, &stage.target, &tags, &verified, &held)?;
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
        wanted: word(wanted),
        seen: word(pushed.record.outcome),
        reason: pushed.record.reason.clone(),
    })
}

/// An outcome as records name it.
fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Promoted => "promoted",
        Outcome::Held => "held",
        Outcome::Awaiting => "awaiting",
        Outcome::Skipped => "skipped",
        Outcome::Failed => "failed",
    }
}

impl Stage<'_> {
    /// Makes repositories, tables and policy, and lets the function run.
    async fn set<W: io::Write>(
        &self,
        config: Config,
        page: &mut Page<W>,
    ) -> Result<Policy, StoryError> {
        let account = self.account;
        account.make_tables(&config).await?;
        for repository in [&self.source, &self.target] {
            account.make_repository(repository).await?;
        }
        print::place(page, account, [&self.source, &self.target], PATHS)?;

        let node = own("policy", Node::from_json(POLICY))?;
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

    /// Pushes an image and waits for what the function makes of it.
    async fn push<W: io::Write>(
        &self,
        image: &Image,
        tag: &str,
        page: &mut Page<W>,
    ) -> Result<Pushed, StoryError> {
        let tag = own("tag", Tag::parse(tag))?;
        let name = format!("{}:{tag}", self.source);
        print::push(page, &name, image)?;
        push(&self.team.ecr, &self.source, &tag, image).await?;
        let of = ecr_promoter_core::Image {
            registry: self.account.registry.clone(),
            repository: self.source.clone(),
            digest: image.digest().clone(),
        };
        let answer = tokio::time::timeout(ANSWER_WITHIN, self.record(&of)).await;
        let record = answer.map_err(|_| StoryError::NoAnswer(name.clone()))??;
        let pushed = Pushed {
            event: self.event(image.digest(), &tag),
            name,
            digest: image.digest().clone(),
            record,
        };
        print::decision(page, &pushed)?;
        Ok(pushed)
    }

    /// The event of a push, as the bus had it.
    fn event(&self, digest: &Digest, tag: &Tag) -> Value {
        let told = |event: &Value| {
            let detail = |key: &str| {
                event
                    .pointer(&format!("/detail/{key}"))
                    .and_then(Value::as_str)
            };
            detail("image-digest") == Some(digest.as_str())
                && detail("image-tag") == Some(tag.as_str())
                && detail("repository-name") == Some(self.source.as_str())
        };
        let events = self.account.local.events();
        events.into_iter().find(told).unwrap_or_default()
    }

    /// Waits for the record of an image that was pushed once.
    async fn record(&self, of: &ecr_promoter_core::Image) -> Result<Record, StoryError> {
        loop {
            self.account.local.idle(LOOK_EVERY).await;
            let aws = &self.account.aws;
            if let Some(record) = answer::look_up(aws, &self.ledger, of).await? {
                return Ok(record);
            }
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Reads the target: the promoted image whole, and nothing of the held one.
    async fn prove(
        &self,
        image: &Image,
        promoted: &Pushed,
        held: &Pushed,
    ) -> Result<(BTreeMap<String, String>, Verified), StoryError> {
        let problem = |problem: String| StoryError::Target {
            repository: self.target.clone(),
            problem,
        };
        let target = promoted.record.target.as_ref();
        let target = target.ok_or_else(|| problem("the record names no target".to_owned()))?;
        let verified = verify::read_back(&self.team, &target.repository, &target.tag).await?;
        if target.repository != self.target || verified.digest != promoted.digest {
            return Err(problem(format!(
                "{target} stands on {}, {} on {}",
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
        if verify::holds(&self.team, &self.target, &held.digest).await? {
            return Err(problem(format!("it holds {}, which is held", held.digest)));
        }
        Ok((tags, verified))
    }

    /// The target's tags and what each stands on.
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
