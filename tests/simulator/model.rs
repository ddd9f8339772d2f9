//! The reference model: what the rules of promotion make of what really happened. Written from the rules, and knows
//! nothing of runs, claims, heads or any other means of the function's.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use crate::{
    rule::{Needs, Rule},
    run::Moment,
    truth::{Facts, Move, Place, Raised},
};

/// Chains are followed so far.
pub const DEPTH_MAX: usize = 8;

impl Facts {
    /// Every document of a policy that was ever stored.
    pub fn rules(&self) -> Vec<Rule> {
        let edits = self.edits.iter().filter_map(|edit| {
            let mut same = self.edits.iter().filter(|it| it.name == edit.name);
            let lasts = same.clone().all(|it| it.at <= edit.at);
            let steady = same.by_ref().count() == 1;
            Rule::read(
                &edit.name,
                edit.at,
                edit.document.as_ref()?,
                (steady, lasts),
            )
        });
        edits.collect()
    }

    /// The times at which a tag was put on a digest.
    pub fn arrivals<'a>(
        &'a self,
        place: &'a Place,
        digest: &'a str,
    ) -> impl Iterator<Item = &'a Move> {
        let moves = self.moves.iter();
        moves.filter(move |it| it.place == *place && it.digest.as_deref() == Some(digest))
    }

    /// Where the newest push of a digest under a tag stands in order, of those that came by then: the time of the push,
    /// and for what the function put there that of the push it came from.
    pub fn order(&self, place: &Place, digest: &str, by: Moment) -> Option<Moment> {
        self.order_within(place, digest, by, DEPTH_MAX)
    }

    fn order_within(
        &self,
        place: &Place,
        digest: &str,
        by: Moment,
        depth: usize,
    ) -> Option<Moment> {
        let arrivals = self.arrivals(place, digest).filter(|it| it.at <= by);
        let orders = arrivals.filter_map(|it| self.order_of(it, depth));
        orders.max()
    }

    /// Where one push stands in order.
    pub fn order_of(&self, arrival: &Move, depth: usize) -> Option<Moment> {
        if arrival.write.is_none() {
            return Some(arrival.at);
        }
        let digest = arrival.digest.as_deref()?;
        let deeper = depth.checked_sub(1)?;
        let from = self.sources(&arrival.place, digest);
        let orders = from
            .iter()
            .filter_map(|it| self.order_within(it, digest, arrival.at, deeper));
        orders.max()
    }

    /// The places from which a policy may have brought a digest to a place.
    pub fn sources(&self, target: &Place, digest: &str) -> BTreeSet<Place> {
        let rules = self.rules();
        let mut sources = BTreeSet::new();
        for place in self
            .moves
            .iter()
            .filter(|it| it.digest.as_deref() == Some(digest))
        {
            let place = &place.place;
            let brings = |rule: &Rule| {
                rule.covers(place)
                    && rule.repository == target.0
                    && rule.target(place).is_none_or(|it| it == *target)
            };
            if place != target && rules.iter().any(brings) {
                sources.insert(place.clone());
            }
        }
        sources
    }

    /// The policies by which the function may have brought a push to where it stands.
    pub fn came_by(&self, arrival: &Move) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let mut ends = vec![arrival.clone()];
        for _ in 0..DEPTH_MAX {
            let before: Vec<Move> = ends
                .iter()
                .flat_map(|it| self.brought(it, &mut names))
                .collect();
            ends = before;
        }
        names
    }

    /// The pushes that the function may have brought to a place by one policy, whose name joins the others.
    fn brought(&self, arrival: &Move, names: &mut BTreeSet<String>) -> Vec<Move> {
        let Some(digest) = arrival
            .digest
            .as_deref()
            .filter(|_| arrival.write.is_some())
        else {
            return Vec::new();
        };
        let mut before = Vec::new();
        for rule in self
            .rules()
            .iter()
            .filter(|it| it.repository == arrival.place.0)
        {
            for source in self.sources(&arrival.place, digest) {
                let fits = rule.target(&source).is_none_or(|it| it == arrival.place);
                if rule.covers(&source) && fits && names.insert(rule.name.clone()) {
                    before.extend(self.arrivals(&source, digest).cloned());
                }
            }
        }
        before
    }

    /// Whether rule 6 lets a push go on by a policy: it did not come by it, nor too far, nor within one repository too
    /// often.
    fn may_go_on(&self, rule: &Rule, arrival: &Move) -> bool {
        const WITHIN_MAX: usize = 3;
        let came_by = self.came_by(arrival);
        let within = self
            .rules()
            .into_iter()
            .filter(|it| it.repository == it.source && came_by.contains(&it.name));
        let within = within.count() + usize::from(rule.repository == rule.source);
        !came_by.contains(&rule.name) && came_by.len() < DEPTH_MAX && within <= WITHIN_MAX
    }

    /// Whether the event of an arrival came to the queue at all.
    pub fn event_came(&self, arrival: &Move) -> bool {
        self.arrivals_of_event(arrival).next().is_some()
    }

    /// When the event of an arrival came to the queue, each time.
    pub fn arrivals_of_event(&self, arrival: &Move) -> impl Iterator<Item = Moment> {
        let (repository, tag) = &arrival.place;
        let of_it = move |raised: &&Raised| {
            let detail = &raised.event["detail"];
            detail["action-type"] == "PUSH"
                && detail["repository-name"] == **repository
                && detail["image-tag"] == **tag
                && detail["image-digest"].as_str() == arrival.digest.as_deref()
                && (raised.at - arrival.at).abs() < TimeDelta::seconds(2)
        };
        let raised = self.events.iter().filter(of_it);
        raised.flat_map(|it| it.arrives.iter().copied())
    }

    /// Pushes that a rule has to promote in the end: those that it judges, where what is known of them meets the criteria.
    pub fn due(&self, rule: &Rule) -> Vec<&Move> {
        let mut pushes = self.judged(rule);
        pushes.retain(|it| match rule.needs {
            Needs::Nothing => true,
            Needs::Scan => self.is_scanned(it, true),
            Needs::Sbom => false,
        });
        pushes
    }

    /// Whether a scan found something that no policy allows.
    pub fn is_dirty(&self, arrival: &Move) -> bool {
        self.is_scanned(arrival, false)
    }

    fn is_scanned(&self, arrival: &Move, clean: bool) -> bool {
        let scan = arrival.digest.as_ref().and_then(|it| self.scans.get(it));
        scan.is_some_and(|(_, it)| *it == clean)
    }

    /// Pushes that a rule has to judge: it stands unchanged since before them, their event came, and their image never went.
    pub fn judged(&self, rule: &Rule) -> Vec<&Move> {
        let judged = |arrival: &&Move| {
            let Some(digest) = &arrival.digest else {
                return false;
            };
            let image = (arrival.place.0.clone(), digest.clone());
            rule.lasts
                && rule.enabled
                && rule.since <= arrival.at
                && rule.covers(&arrival.place)
                && allowed(&arrival.place.0, &rule.repository)
                && !self.went.contains(&image)
                && self.event_came(arrival)
                && self.may_go_on(rule, arrival)
        };
        self.moves.iter().filter(judged).collect()
    }

    /// Whether a tag of this place stood on one digest several times: then an old event of it may stand for either push, where
    /// events come late, or twice.
    pub fn returns(&self, place: &Place) -> bool {
        if self.quiet.is_some() {
            return false;
        }
        let mut seen = BTreeSet::new();
        let moves = self
            .moves
            .iter()
            .filter(|it| it.place == *place && it.digest.is_some());
        moves.into_iter().any(|it| !seen.insert(it.digest.clone()))
    }
}

impl Facts {
    /// The greatest order that a push may have: what the function tagged after another push stands after that, however old what
    /// it came from is (design, section 5, "Runs": "strictly rising within a tag").
    pub fn latest_order_of(&self, arrival: &Move) -> Option<Moment> {
        let before = |it: &&Move| it.place == arrival.place && it.at < arrival.at;
        let before = self.moves.iter().rfind(before);
        let before = before.filter(|_| arrival.write.is_some());
        let before = before.and_then(|it| self.order_of(it, DEPTH_MAX));
        self.order_of(arrival, DEPTH_MAX).max(before)
    }

    /// The greatest order that a push of a digest under a tag may have.
    pub fn latest_order(&self, place: &Place, digest: &str) -> Option<Moment> {
        let arrivals = self.arrivals(place, digest);
        arrivals.filter_map(|it| self.latest_order_of(it)).max()
    }

    /// Whether a push is of a tag that came back to an image, or came from one: its order may be that of another push.
    pub fn may_stand_for_another(&self, arrival: &Move, depth: usize) -> bool {
        let (Some(digest), Some(deeper)) = (&arrival.digest, depth.checked_sub(1)) else {
            return false;
        };
        let before = || {
            let sources = self.sources(&arrival.place, digest);
            let mut pushes = sources.iter().flat_map(|it| self.arrivals(it, digest));
            pushes.any(|it| self.may_stand_for_another(it, deeper))
        };
        self.returns(&arrival.place) || (arrival.write.is_some() && before())
    }
}

/// The administrator's paths: `world::PATHS`, read by hand.
pub fn allowed(source: &str, target: &str) -> bool {
    let namespace = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    matches!(
        (namespace(source).as_str(), namespace(target).as_str()),
        ("dev" | "qa" | "prod", "qa") | ("qa", "prod")
    )
}
