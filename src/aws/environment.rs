//! The SDK's configuration as Lambda's environment gives it (AWS Lambda developer guide, "Defined runtime environment
//! variables"). Profiles, single sign-on and what else gives credentials to people is not read here: a function has a
//! role, and Lambda sets its credentials.

use std::fmt;

use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_types::{
    SdkConfig,
    region::Region,
    service_config::{LoadServiceConfig, ServiceConfigKey},
};

use super::Seam;
use crate::config::{Environment, Mistake};

impl Seam {
    /// The SDK's configuration by the environment, which is asked through `variable`, through this seam.
    pub fn environment(
        &self,
        variable: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Result<SdkConfig, Vec<Mistake>> {
        let mut environment = Environment::new(variable);
        let region = environment.required("AWS_REGION", "a Region as in eu-west-1");
        let key = environment.required("AWS_ACCESS_KEY_ID", "the role's access key");
        let secret = environment.required("AWS_SECRET_ACCESS_KEY", "the role's secret access key");
        let mut credentials = Credentials::builder()
            .access_key_id(key)
            .secret_access_key(secret)
            .provider_name("environment");
        credentials.set_session_token(environment.text("AWS_SESSION_TOKEN"));
        let use_fips = environment.switch("AWS_USE_FIPS_ENDPOINT");
        let use_dual_stack = environment.switch("AWS_USE_DUALSTACK_ENDPOINT");
        let mut config = SdkConfig::builder()
            .region(Region::new(region))
            .credentials_provider(SharedCredentialsProvider::new(credentials.build()))
            .use_fips(use_fips)
            .use_dual_stack(use_dual_stack);
        config.set_endpoint_url(environment.text("AWS_ENDPOINT_URL"));
        if environment.mistakes.is_empty() {
            Ok(self.through(config.service_config(environment)))
        } else {
            Err(environment.mistakes)
        }
    }
}

impl<V: Fn(&str) -> Option<String>> Environment<V> {
    /// Off unless the variable says otherwise; case does not matter, as in AWS's own tools.
    fn switch(&mut self, name: &'static str) -> bool {
        let value = self.text(name).unwrap_or_default();
        let is_on = value.eq_ignore_ascii_case("true");
        if !is_on && !value.is_empty() && !value.eq_ignore_ascii_case("false") {
            let words = ["false", "true"];
            self.mistakes.push(Mistake::Word { name, value, words });
        }
        is_on
    }
}

/// What each client asks for: its own endpoint, as in `AWS_ENDPOINT_URL_DYNAMODB` (AWS SDKs and Tools reference guide,
/// "Service-specific endpoints").
impl<V: Fn(&str) -> Option<String> + Send + Sync> LoadServiceConfig for Environment<V> {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        let service = key.service_id().to_ascii_uppercase();
        self.text(&format!("{}_{}", key.env(), service.replace(' ', "_")))
    }
}

impl<V> fmt::Debug for Environment<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Environment")
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::provider::ProvideCredentials as _;

    use super::*;

    /// What Lambda sets.
    const LAMBDA: [(&str, &str); 4] = [
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "ASIA"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_SESSION_TOKEN", "token"),
    ];

    fn read(pairs: &[(&str, &str)]) -> Result<SdkConfig, Vec<Mistake>> {
        read_through(&Seam::network(), pairs)
    }

    /// The first value of a name counts.
    fn read_through(seam: &Seam, pairs: &[(&str, &str)]) -> Result<SdkConfig, Vec<Mistake>> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let pairs: Vec<_> = pairs.iter().map(owned).collect();
        seam.environment(move |name| {
            let found = pairs.iter().find(|(it, _)| it == name);
            found.map(|(_, value)| value.clone())
        })
    }

    fn with(pairs: &[(&'static str, &'static str)]) -> Vec<(&'static str, &'static str)> {
        pairs.iter().chain(&LAMBDA).copied().collect()
    }

    #[tokio::test]
    async fn a_function_has_its_region_and_its_roles_credentials() {
        for (case, token, expected) in [
            ("a role's", "token", Some("token")),
            ("a person's, who has no token", "", None),
        ] {
            let sdk = read(&with(&[("AWS_SESSION_TOKEN", token)])).unwrap();
            assert_eq!(sdk.region().unwrap().as_ref(), "eu-west-1", "{case}");
            assert_eq!(sdk.endpoint_url(), None, "{case}");
            let provider = sdk.credentials_provider().unwrap();
            let credentials = provider.provide_credentials().await.unwrap();
            assert_eq!(credentials.access_key_id(), "ASIA", "{case}");
            assert_eq!(credentials.secret_access_key(), "secret", "{case}");
            assert_eq!(credentials.session_token(), expected, "{case}");
        }
    }

    #[test]
    fn every_mistake_is_told_at_once() {
        let mistakes = read(&[
            ("AWS_ACCESS_KEY_ID", " "),
            ("AWS_USE_FIPS_ENDPOINT", "yes"),
            ("AWS_USE_DUALSTACK_ENDPOINT", "1"),
        ]);
        let mistakes: Vec<String> = mistakes
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect();
        insta::assert_snapshot!(mistakes.join("\n"), @r#"
        AWS_REGION: expected a Region as in eu-west-1, found nothing
        AWS_ACCESS_KEY_ID: expected the role's access key, found nothing
        AWS_SECRET_ACCESS_KEY: expected the role's secret access key, found nothing
        AWS_USE_FIPS_ENDPOINT: expected false or true, found "yes"
        AWS_USE_DUALSTACK_ENDPOINT: expected false or true, found "1"
        "#);
    }

    #[test]
    fn switches_are_off_unless_they_say_true() {
        for (value, expected) in [
            ("", false),
            ("true", true),
            ("TRUE", true),
            ("false", false),
        ] {
            let pairs = [
                ("AWS_USE_FIPS_ENDPOINT", value),
                ("AWS_USE_DUALSTACK_ENDPOINT", value),
            ];
            let sdk = read(&with(&pairs)).unwrap();
            assert_eq!(sdk.use_fips(), Some(expected), "{value}");
            assert_eq!(sdk.use_dual_stack(), Some(expected), "{value}");
        }
    }

    /// Where each client's requests go, by what a connector sees.
    #[tokio::test]
    async fn the_endpoint_of_one_service_counts_before_that_of_all() {
        let all = ("AWS_ENDPOINT_URL", "http://all");
        let of = |service, url| [(service, url), all];
        for (pairs, expected) in [
            (vec![all], ["all", "all", "all", "all"]),
            (
                of("AWS_ENDPOINT_URL_DYNAMODB", "http://one").to_vec(),
                ["one", "all", "all", "all"],
            ),
            (
                of("AWS_ENDPOINT_URL_ECR", "http://one").to_vec(),
                ["all", "one", "all", "all"],
            ),
            (
                of("AWS_ENDPOINT_URL_EVENTBRIDGE", "http://one").to_vec(),
                ["all", "all", "one", "all"],
            ),
            (
                of("AWS_ENDPOINT_URL_SQS", "http://one").to_vec(),
                ["all", "all", "all", "one"],
            ),
            (
                vec![("AWS_USE_FIPS_ENDPOINT", "true")],
                [
                    "dynamodb-fips.eu-west-1.amazonaws.com",
                    "api.ecr-fips.eu-west-1.amazonaws.com",
                    "events-fips.eu-west-1.amazonaws.com",
                    "sqs-fips.eu-west-1.amazonaws.com",
                ],
            ),
        ] {
            assert_eq!(asked(&with(&pairs)).await, expected, "{pairs:?}");
        }
    }

    #[test]
    fn an_endpoint_of_ecr_alone_was_not_trusted_with_its_own_token() {
        let all = ("AWS_ENDPOINT_URL", "http://all");
        let ecr = ("AWS_ENDPOINT_URL_ECR", "http://ecr");
        let other = ("AWS_ENDPOINT_URL_DYNAMODB", "http://dynamodb");
        for (pairs, expected) in [
            (vec![], None),
            (vec![all], Some("http://all")),
            (vec![ecr], Some("http://ecr")),
            (vec![all, ecr], Some("http://ecr")),
            (vec![other], None),
            (vec![all, other], Some("http://all")),
        ] {
            let aws = super::super::Aws::new(Seam::network(), &read(&with(&pairs)).unwrap());
            assert_eq!(aws.endpoint.as_deref(), expected, "{pairs:?}");
        }
    }

    /// The hosts that are asked by each client in turn: DynamoDB, ECR, EventBridge, SQS.
    async fn asked(pairs: &[(&'static str, &'static str)]) -> Vec<String> {
        use std::sync::{Arc, Mutex};

        use aws_smithy_runtime_api::client::{
            http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector},
            orchestrator::HttpRequest,
            result::ConnectorError,
        };

        /// Answers nothing, and remembers which hosts were asked.
        #[derive(Debug, Clone, Default)]
        struct Hosts(Arc<Mutex<Vec<String>>>);

        impl HttpConnector for Hosts {
            fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
                let host = request.uri().split('/').nth(2).unwrap_or_default();
                self.0.lock().unwrap().push(host.to_owned());
                HttpConnectorFuture::ready(Err(ConnectorError::user("not sent".into())))
            }
        }

        let hosts = Hosts::default();
        let mut seam = Seam::network();
        seam.connector = SharedHttpConnector::new(hosts.clone());
        let sdk = read_through(&seam, pairs);
        let aws = super::super::Aws::new(seam, &sdk.unwrap());
        // Each fails, and has been sent to its host by then.
        let _ = aws.dynamodb.query().table_name("policies").send().await;
        let _ = aws.ecr.describe_repositories().send().await;
        let _ = aws.events.put_events().send().await;
        let queue = aws.sqs.send_message().queue_url("http://queue/0/promoter");
        let _ = queue.message_body("{}").send().await;
        let asked = hosts.0.lock().unwrap();
        asked.clone()
    }
}
