//! What a policy is beside others: which of them are looked up with it, which it may feed, and which do what
//! it does already.

use super::{Policy, Source};
use crate::{
    Repository,
    path::reach::{Extent, reach},
    template::Placeholder,
};

impl Policy {
    /// The target repository, where it is the same for every push.
    #[must_use]
    pub fn fixed_target(&self) -> Option<Repository> {
        let reach = reach(&self.source, &self.target.repository);
        Repository::parse(reach.fixed()?).ok()
    }

    /// Whether policies of this source may judge what this policy promotes, as far as that is known without a
    /// push.
    #[must_use]
    pub fn may_feed(&self, source: &Source) -> bool {
        reach(&self.source, &self.target.repository).meets(source) != Extent::None
    }

    /// Whether it does with every push that both judge what the other does.
    #[must_use]
    pub fn does_the_same(&self, other: &Self) -> bool {
        let target = &self.target;
        let tells_sources_apart =
            target.repository.uses(Placeholder::Rest) || target.tag.uses(Placeholder::Rest);
        (self.source == other.source || !tells_sources_apart) && self.acts() == other.acts()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::node::Node;

    fn policy(source: &str, more: &Value) -> Policy {
        let mut document = json!({
            "source": source, "name": "one",
            "criteria": [
                {"attribute": "tag", "operator": "ends_with", "value": "stable"},
                {"attribute": "vulnerabilities.critical", "operator": "=", "value": 0},
            ],
            "target": {"repository": "qa/website"},
        });
        let more = more.as_object().cloned().unwrap_or_default();
        document.as_object_mut().unwrap().extend(more);
        Policy::parse(&Node::from_json(&document.to_string()).unwrap()).unwrap()
    }

    #[test]
    fn two_policies_do_the_same_whatever_their_names_and_the_order_of_their_criteria() {
        let one = policy("dev/website", &json!({}));
        let critical =
            json!({"attribute": "vulnerabilities.critical", "operator": "=", "value": 0});
        let tag = json!({"attribute": "tag", "operator": "ends_with", "value": "stable"});
        for (case, source, more, same) in [
            ("another name", "dev/website", json!({"name": "two"}), true),
            (
                "another description",
                "dev/website",
                json!({"description": "a"}),
                true,
            ),
            (
                "another order",
                "dev/website",
                json!({"criteria": [critical, tag]}),
                true,
            ),
            (
                "fewer criteria",
                "dev/website",
                json!({"criteria": [tag]}),
                false,
            ),
            (
                "another target",
                "dev/website",
                json!({"target": {"repository": "qa/shop"}}),
                false,
            ),
            ("a dry run", "dev/website", json!({"dry_run": true}), false),
            ("disabled", "dev/website", json!({"enabled": false}), false),
        ] {
            let other = policy(source, &more);
            assert_eq!(other.does_the_same(&one), same, "{case}");
            assert_eq!(one.does_the_same(&other), same, "{case}");
        }
    }

    #[test]
    fn the_rest_of_another_source_is_another_rest() {
        for (target, same) in [("qa/{rest}", false), ("qa/{repository}", true)] {
            let target = json!({"target": {"repository": target}});
            let (one, other) = (policy("dev/*", &target), policy("*", &target));
            assert_eq!(one.does_the_same(&other), same, "{}", one.target.repository);
        }
    }

    #[test]
    fn a_target_is_fixed_where_no_push_changes_it() {
        for (source, target, fixed) in [
            ("dev/website", "qa/website", Some("qa/website")),
            ("dev/website", "qa/{name}", Some("qa/website")),
            ("dev/*", "qa/{rest}", None),
            ("dev/*", "qa/{repository}", None),
        ] {
            let target = json!({"target": {"repository": target}});
            let found = policy(source, &target).fixed_target();
            assert_eq!(found.as_ref().map(Repository::as_str), fixed, "{source}");
        }
    }

    #[test]
    fn a_policy_may_feed_what_its_target_can_come_to() {
        for (source, target, other, may) in [
            ("dev/website", "qa/website", "qa/website", true),
            ("dev/website", "qa/website", "qa/*", true),
            ("dev/website", "qa/website", "*", true),
            ("dev/website", "qa/website", "qa/shop", false),
            ("dev/website", "qa/website", "prod/*", false),
            ("dev/*", "qa/{rest}", "qa/website", true),
            ("dev/*", "qa/{rest}", "qa/team/*", true),
            ("dev/*", "qa/{rest}", "dev/*", false),
        ] {
            let from = policy(source, &json!({"target": {"repository": target}}));
            let other = Source::parse(other).unwrap();
            assert_eq!(from.may_feed(&other), may, "{source} to {other}");
        }
    }
}
