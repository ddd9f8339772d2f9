//! The policies that a seed's world has, drawn from a menu. Their names tell what they do.

use serde_json::{Value, json};

use crate::{late::Late, mishap::Mishap, storm::draw, world::World};

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

/// Its tag tells the minute.
pub fn minute() -> Value {
    plain("dev/a", "minute", "qa/a", "%Y%m%d-%H%M")
}

fn banning(name: &str, tag: &str) -> Value {
    let banned = json!({"attribute": "component", "operator": "not_one_of", "value": ["x"]});
    let mut policy = policy("dev/a", name, &json!([ends_with("s"), banned]), "qa/a", tag);
    policy["wait"] = json!("1h");
    policy
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
        vec![minute()],
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

/// A seed's policies, and what its storm is like.
pub enum Menu {
    /// Some that race, wait, chain and go in circles.
    Mixture(Vec<Value>),
    /// A long chain, for which one push is enough.
    Chain(Vec<Value>),
    /// One tag that changes to and fro, and what comes of it goes on.
    Alternation(Vec<Value>),
    /// One policy, and events in any order.
    Late(Late, Vec<Value>),
    /// A few policies, and one mishap.
    Mishap(Mishap, Vec<Value>),
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
            11 => mishap(Mishap::Doubted),
            12 => mishap(Mishap::Refused),
            13 => mishap(Mishap::Unnoted),
            14 => mishap(Mishap::Killed),
            15 => mishap(Mishap::Signatures),
            16 => mishap(Mishap::Retagged),
            17 => mishap(Mishap::TwoLooks),
            18 => mishap(Mishap::Edited),
            19 => mishap(Mishap::Hanging),
            _ => Self::Mixture(mixture(world)),
        }
    }

    pub fn policies(&self) -> &[Value] {
        let (Self::Mixture(policies)
        | Self::Chain(policies)
        | Self::Alternation(policies)
        | Self::Late(_, policies)
        | Self::Mishap(_, policies)) = self;
        policies
    }
}

fn mishap(mishap: Mishap) -> Menu {
    let policies = match mishap {
        Mishap::Doubted | Mishap::Refused | Mishap::Unnoted => {
            vec![plain("dev/a", "live-a", "qa/a", "live")]
        }
        Mishap::Killed | Mishap::Hanging => vec![plain("dev/a", "copy", "qa/a", "%n")],
        Mishap::Signatures => vec![banning("components", "%n")],
        Mishap::Retagged => after_copy(vec![plain("qa/a", "to-live", "prod/a", "live")]),
        Mishap::TwoLooks => vec![scanned("clean-copy", "%n")],
        Mishap::Edited => vec![minute()],
    };
    Menu::Mishap(mishap, policies)
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
