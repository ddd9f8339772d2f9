use super::*;
use crate::{Repository, Tag, policy::PolicyKey};

mod ended;
mod looked;
mod rows;

fn order(second: i64) -> Order {
    Order {
        order_time: at(second),
        seen: at(second),
        repository: Repository::parse("dev/website").unwrap(),
        tag: Tag::parse("stable").unwrap(),
    }
}

fn digest(byte: u8) -> Digest {
    Digest::from_sha256([byte; 32])
}

fn at(second: i64) -> Time {
    Time::from_timestamp(second, 0).unwrap()
}

fn case() -> CaseId {
    CaseId {
        repository: Repository::parse("dev/website").unwrap(),
        tag: Tag::parse("stable").unwrap(),
        digest: digest(5),
        number: 1,
        policy: PolicyKey {
            source: "dev/website".to_owned(),
            name: "stable-to-qa".to_owned(),
        },
    }
}

/// A head of push `second`, whose digest is that number, since `changed`.
fn stood(second: u8, changed: i64) -> Head {
    Head {
        stood: Some(Stood {
            order: order(i64::from(second)),
            digest: digest(second),
            changed: at(changed),
        }),
        sequence: 7,
        ..Head::default()
    }
}

fn lease(second: u8, claim: &str, began: i64) -> Lease {
    Lease {
        claim: claim.to_owned(),
        case: Some(case()),
        order: order(i64::from(second)),
        digest: digest(second),
        sequence: 8,
        began: at(began),
        until: at(began) + LEASE,
    }
}

fn doubt(second: u8, until: i64) -> Doubt {
    Doubt {
        order: order(i64::from(second)),
        digest: digest(second),
        until: at(until),
    }
}

impl Head {
    fn under(mut self, lease: Lease) -> Self {
        self.lease = Some(lease);
        self
    }

    fn doubting(mut self, doubts: &[Doubt]) -> Self {
        self.doubts = doubts.to_vec();
        self
    }
}

/// A head in one line: `5 since 100, seq 8, 5 writes until 160, 3 in doubt until 90`.
fn short(head: &Head) -> String {
    let byte = |digest: &Digest| i64::from_str_radix(&digest.hex()[..2], 16).unwrap();
    let mut words = vec![head.stood.as_ref().map_or("none".to_owned(), |stood| {
        format!(
            "{} since {}",
            byte(&stood.digest),
            stood.changed.timestamp()
        )
    })];
    words.extend(head.lease.as_ref().map(|lease| {
        format!(
            "{} writes until {}",
            byte(&lease.digest),
            lease.until.timestamp()
        )
    }));
    for doubt in &head.doubts {
        words.push(format!(
            "{} in doubt until {}",
            byte(&doubt.digest),
            doubt.until.timestamp()
        ));
    }
    words.join(", ")
}
