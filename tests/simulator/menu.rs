//! The policies that a seed's world has, drawn from a menu. Their names tell what they do.

use serde_json::{Value, json};

use crate::{late::Late, storm::draw, world::World};

/// A repository that somebody makes later than the policy that names it.
pub const LATE: &str = "qa/late";
/// Policies of one repository that re-tag what the one before tagged: more than rule 6 lets pass.
const RETAGS: usize = 5;
/// Policies that send an image to and fro: more than a chain may have.
const HOPS: usize = 10;

fn policy(source: &str, name: &str, criteria: &Value, repository: &str, tag: &str) -> Value {
    json!({
        "source": source, "name": name, "criteria": criteria,
        "target": {"repository": repository, "tag": tag},
    })
}

fn ends_with(suffix: &str) -> Value {
    json!({"attribute": "tag", "operator": "ends_with", "value": suffix})
}

fn plain(source: &str, name: &str, repository: &str, tag: &str) -> Value {
    policy(source, name, &json!([ends_with("s")]), repository, tag)
}

fn scanned(name: &str, tag: &str) -> Value {
    let clean = json!({"attribute": "vulnerabilities.critical", "operator": "=", "value": 0});
    policy("dev/a", name, &json!([ends_with("s"), clean]), "qa/a", tag)
}

/// What a seed's first policies are drawn from.
fn first() -> Vec<Vec<Value>> {
    vec![
        vec![plain("dev/a", "copy", "qa/a", "%n")],
        vec![
            plain("dev/a", "live-a", "qa/a", "live"),
            plain("dev/b", "live-b", "qa/a", "live"),
        ],
        vec![scanned("clean", "live")],
        vec![scanned("clean-copy", "%n")],
        vec![plain("dev/a", "second", "qa/a", "%Y%m%d-%H%M%S")],
        vec![plain("dev/a", "minute", "qa/a", "%Y%m%d-%H%M")],
    ]
}

/// What may join the first.
fn more() -> Vec<Vec<Value>> {
    let mut more = first();
    more.extend([
        vec![plain("qa/a", "chain", "prod/a", "%n")],
        vec![live_chain()],
        vec![plain("prod/a", "circle", "qa/a", "%n")],
        vec![plain("qa/a", "retag", "qa/a", "r-%n")],
        vec![plain("dev/b", "outside", "prod/a", "%n")],
        vec![plain("dev/a", "late", LATE, "%n")],
    ]);
    more
}

fn live_chain() -> Value {
    policy(
        "qa/a",
        "live-chain",
        &json!([ends_with("live")]),
        "prod/a",
        "live",
    )
}

/// Each policy of these takes what the one before it tagged.
fn line(count: usize, name: &str, places: [&str; 2]) -> Vec<Value> {
    let step = |number: usize| {
        let suffix = match number {
            0 => "s".to_owned(),
            _ => format!("{name}{number}"),
        };
        let (source, target) = (places[number % 2], places[(number + 1) % 2]);
        let tag = format!("{name}{}", number + 1);
        policy(source, &tag, &json!([ends_with(&suffix)]), target, &tag)
    };
    (0..count).map(step).collect()
}

/// A seed's policies, and how it is to be stormed.
pub enum Menu {
    /// Some that race, wait, chain and go in circles.
    Mixture(Vec<Value>),
    /// A long chain, for which one push is enough.
    Chain(Vec<Value>),
    /// One tag that changes to and fro, and what comes of it goes on.
    Alternation(Vec<Value>),
    /// One policy, and events in any order.
    Late(Late, Vec<Value>),
}

impl Menu {
    pub fn drawn(world: &World) -> Self {
        match world.run.below(50) {
            0 | 1 => Self::Chain(after_copy(line(RETAGS, "retag-", ["qa/a"; 2]))),
            2 | 3 => Self::Chain(after_copy(line(HOPS, "hop-", ["qa/a", "prod/a"]))),
            4 | 5 => {
                let retag = plain("qa/a", "relabel", "qa/a", "live");
                Self::Alternation(after_copy(vec![retag, live_chain()]))
            }
            6 => Self::Late(Late::OneTag, vec![scanned("clean-copy", "%n")]),
            7 => Self::Late(
                Late::OneSecond,
                vec![plain("dev/a", "live-a", "qa/a", "live")],
            ),
            8 => Self::Late(
                Late::FullMinute,
                vec![plain("dev/a", "second", "qa/a", "%Y%m%d-%H%M%S")],
            ),
            9 => Self::Late(
                Late::TwoPolicies,
                vec![
                    plain("dev/a", "live-a", "qa/a", "live"),
                    scanned("clean", "live"),
                ],
            ),
            10 => Self::Late(
                Late::Older,
                vec![
                    plain("dev/a", "copy", "qa/a", "%n"),
                    scanned("clean", "live"),
                ],
            ),
            _ => Self::Mixture(mixture(world)),
        }
    }

    pub fn policies(&self) -> &[Value] {
        let (Self::Mixture(policies)
        | Self::Chain(policies)
        | Self::Alternation(policies)
        | Self::Late(_, policies)) = self;
        policies
    }
}

fn after_copy(mut policies: Vec<Value>) -> Vec<Value> {
    policies.insert(0, plain("dev/a", "copy", "qa/a", "%n"));
    policies
}

fn mixture(world: &World) -> Vec<Value> {
    let mut chosen = draw(world, &first()).unwrap().clone();
    let mut more = more();
    more.retain(|some| *some != chosen);
    for _ in 0..world.run.below(3) {
        let at = usize::try_from(world.run.below(more.len() as u64)).unwrap();
        chosen.extend(more.remove(at));
    }
    chosen
}
