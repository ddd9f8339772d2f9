//! The names of a registry over the network, and those that the tests use for it: `dev/website` at `http://local` of the account
//! 123456789012.

use serde_json::Value;

use crate::world;

/// Where the tests' registry answers.
const LOCAL: &str = "http://local";
/// The members of requests that name repositories.
const REPOSITORIES: [&str; 2] = ["repositoryName", "repositoryNames"];
/// The member of requests that names a repository with all that it belongs to.
const ARN: &str = "resourceArn";
/// Addresses of another service, which signed them: no letter of them may change.
const SIGNED: &str = "downloadUrl";

/// What is put in place of what.
pub(crate) struct Names {
    /// Scheme and host of the registry.
    registry: String,
    /// What stands before each repository's name; ends with a slash.
    prefix: String,
    /// The account that stands for the tests'.
    account: String,
    /// The Region that stands for the tests'.
    region: String,
    /// What an answer says, and what the tests expect there.
    inward: Vec<(String, String)>,
}

impl Names {
    pub(crate) fn new(registry: &str, account: &str, region: &str, prefix: &str) -> Self {
        let host = registry
            .split_once("://")
            .map_or(registry, |(_, host)| host);
        let escaped = prefix.replace('/', "%2F");
        let inward = [
            (registry, LOCAL),
            (host, "local"),
            (prefix, ""),
            (&escaped, ""),
            (account, world::ACCOUNT),
            (region, world::REGION),
        ];
        Self {
            registry: registry.to_owned(),
            prefix: prefix.to_owned(),
            account: account.to_owned(),
            region: region.to_owned(),
            inward: inward
                .map(|(from, to)| (from.to_owned(), to.to_owned()))
                .to_vec(),
        }
    }

    /// A request's body with the repositories' own names.
    pub(crate) fn outward(&self, body: Value) -> Value {
        let prefixed = |value: Value| match value {
            Value::String(name) => Value::String(format!("{}{name}", self.prefix)),
            other => other,
        };
        let Value::Object(members) = body else {
            return body;
        };
        let members = members.into_iter().map(|(key, value)| {
            let value = match value {
                Value::Array(names) if REPOSITORIES.contains(&key.as_str()) => {
                    names.into_iter().map(prefixed).collect()
                }
                value if REPOSITORIES.contains(&key.as_str()) => prefixed(value),
                Value::String(arn) if key == ARN => Value::String(self.arn(&arn)),
                Value::String(account) if account == world::ACCOUNT => {
                    Value::String(self.account.clone())
                }
                value => value,
            };
            (key, value)
        });
        Value::Object(members.collect())
    }

    /// The ARN of a test's repository, as the registry has it.
    fn arn(&self, arn: &str) -> String {
        let own = [
            (world::REGION, self.region.as_str()),
            (world::ACCOUNT, &self.account),
            (":repository/", &format!(":repository/{}", self.prefix)),
        ];
        own.iter()
            .fold(arn.to_owned(), |arn, (from, to)| arn.replace(from, to))
    }

    /// An answer's body with the tests' names.
    pub(crate) fn inward(&self, answer: Value) -> Value {
        match answer {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(all) => all.into_iter().map(|one| self.inward(one)).collect(),
            Value::Object(members) => {
                let members = members.into_iter().map(|(key, value)| {
                    let signed = key == SIGNED;
                    (key, if signed { value } else { self.inward(value) })
                });
                Value::Object(members.collect())
            }
            other => other,
        }
    }

    /// A text with the tests' names; an address of another host stays.
    pub(crate) fn text(&self, text: &str) -> String {
        let elsewhere = text.starts_with("http") && !text.starts_with(&self.registry);
        if elsewhere {
            return text.to_owned();
        }
        let replaced = |text: String, (from, to): &(String, String)| text.replace(from, to);
        self.inward.iter().fold(text.to_owned(), replaced)
    }

    /// Where a test's path or address is, if it is the registry's.
    pub(crate) fn address(&self, uri: &str) -> Option<String> {
        let path = uri.strip_prefix(LOCAL).unwrap_or(uri);
        let below = path.strip_prefix('/')?;
        let Some(name) = below.strip_prefix("v2/").filter(|name| !name.is_empty()) else {
            return Some(format!("{}/{below}", self.registry));
        };
        let from = format!("from={}", self.prefix.replace('/', "%2F"));
        let name = name.replace("from=", &from);
        Some(format!("{}/v2/{}{name}", self.registry, self.prefix))
    }
}

#[test]
fn the_names_of_a_test_become_the_registry_s_and_back() {
    use serde_json::json;

    let names = Names::new(
        "https://9.dkr.ecr.xy-west-1.amazonaws.com",
        "999999999999",
        "xy-west-1",
        "p/abc/",
    );
    let asked = json!({"repositoryName": "dev/a", "registryId": world::ACCOUNT, "repositoryNames": ["b"], "imageTag": "dev/a"});
    let sent = json!({"repositoryName": "p/abc/dev/a", "registryId": "999999999999", "repositoryNames": ["p/abc/b"], "imageTag": "dev/a"});
    assert_eq!(names.outward(asked), sent);
    let arn = "arn:aws:ecr:eu-central-1:123456789012:repository/dev/a";
    let sent = names.outward(json!({"resourceArn": arn}));
    let own = "arn:aws:ecr:xy-west-1:999999999999:repository/p/abc/dev/a";
    assert_eq!(sent, json!({"resourceArn": own}));
    assert_eq!(names.text(own), arn);
    let answered = json!({"message": "'p/abc/dev/a' in 999999999999", "downloadUrl": "https://s3.xy-west-1/p/abc/"});
    let seen =
        json!({"message": "'dev/a' in 123456789012", "downloadUrl": "https://s3.xy-west-1/p/abc/"});
    assert_eq!(names.inward(answered), seen);
    for (path, address) in [
        ("/v2/", "https://9.dkr.ecr.xy-west-1.amazonaws.com/v2/"),
        (
            "/v2/dev/a/tags/list?n=2",
            "https://9.dkr.ecr.xy-west-1.amazonaws.com/v2/p/abc/dev/a/tags/list?n=2",
        ),
        (
            "http://local/v2/a/blobs/uploads/?mount=x&from=dev%2Fb",
            "https://9.dkr.ecr.xy-west-1.amazonaws.com/v2/p/abc/a/blobs/uploads/?mount=x&from=p%2Fabc%2Fdev%2Fb",
        ),
    ] {
        assert_eq!(names.address(path).as_deref(), Some(address));
        let host = address.strip_prefix("https://9.dkr.ecr.xy-west-1.amazonaws.com");
        assert_eq!(
            names.text(address).strip_prefix("http://local"),
            Some(path.strip_prefix("http://local").unwrap_or(path)),
            "{host:?}"
        );
    }
    assert_eq!(names.address("https://s3.xy-west-1/p"), None);
}
