//! The registry's token: fetched once in twelve hours, sent only to the registry's own
//! host (Amazon ECR user guide, "Private registry authentication").

use std::sync::Arc;

use ecr_promoter_core::{Registry, Time};
use http::Uri;
use tokio::sync::Mutex;

use crate::{
    aws::Aws,
    failure::{Failure, Remedy},
};

/// A token is renewed this long before it expires.
const MARGIN: chrono::TimeDelta = chrono::TimeDelta::minutes(10);

/// The token of one registry, shared by all that speak to it.
#[derive(Clone)]
pub(super) struct Tokens {
    aws: Aws,
    registry: Registry,
    held: Arc<Mutex<Option<Token>>>,
}

/// What `GetAuthorizationToken` gave.
#[derive(Clone)]
pub(super) struct Token {
    /// The header's value, `Basic …`. Never logged.
    pub authorization: String,
    /// `https://ACCOUNT.dkr.ecr.REGION.amazonaws.com`
    pub endpoint: String,
    expires_at: Time,
}

impl Tokens {
    /// No token is asked for before the first blob needs one.
    pub(super) fn new(aws: Aws, registry: Registry) -> Self {
        Self {
            aws,
            registry,
            held: Arc::default(),
        }
    }

    /// The token that is held, or a new one.
    pub(super) async fn get(&self, tried: &str) -> Result<Token, Failure> {
        let mut held = self.held.lock().await;
        let now = self.aws.seam.now();
        if let Some(token) = held
            .as_ref()
            .filter(|token| token.expires_at - MARGIN > now)
        {
            return Ok(token.clone());
        }
        let token = self.ask(tried).await?;
        *held = Some(token.clone());
        Ok(token)
    }

    /// Drops a token that was refused, unless another one is held by now.
    pub(super) async fn forget(&self, refused: &Token) {
        let mut held = self.held.lock().await;
        if held
            .as_ref()
            .is_some_and(|token| token.authorization == refused.authorization)
        {
            *held = None;
        }
    }

    async fn ask(&self, tried: &str) -> Result<Token, Failure> {
        let answer = self
            .aws
            .ecr
            .get_authorization_token()
            .send()
            .await
            .map_err(|error| Failure::ecr(format!("{tried}: get a registry token"), &error))?;
        let nothing = || {
            Failure::new(
                Remedy::Wait,
                tried,
                "GetAuthorizationToken returned no token",
            )
        };
        let data = answer.authorization_data().first().ok_or_else(nothing)?;
        let endpoint = data
            .proxy_endpoint()
            .ok_or_else(nothing)?
            .trim_end_matches('/');
        if !may_have_the_token(&self.registry, self.aws.endpoint.as_deref(), endpoint) {
            let said = format!(
                "the token is for {endpoint:?}, which is not the registry {}",
                self.registry
            );
            return Err(Failure::new(Remedy::Mend, tried, said));
        }
        let expires_at = data
            .expires_at()
            .and_then(|at| Time::from_timestamp(at.secs(), 0))
            .unwrap_or_else(|| self.aws.seam.now() + MARGIN + MARGIN);
        Ok(Token {
            authorization: format!("Basic {}", data.authorization_token().ok_or_else(nothing)?),
            endpoint: endpoint.to_owned(),
            expires_at,
        })
    }
}

/// What follows account and Region in the host of a registry, and what stands between them: AWS's own
/// partitions, China, the sovereign cloud, and the isolated ones (aws-iso to aws-iso-f).
const HOSTS: [(&str, &str); 9] = [
    (".dkr.ecr.", ".amazonaws.com"),
    (".dkr.ecr-fips.", ".amazonaws.com"),
    (".dkr-ecr.", ".on.aws"),
    (".dkr.ecr.", ".amazonaws.com.cn"),
    (".dkr.ecr.", ".amazonaws.eu"),
    (".dkr.ecr.", ".c2s.ic.gov"),
    (".dkr.ecr.", ".sc2s.sgov.gov"),
    (".dkr.ecr.", ".cloud.adc-e.uk"),
    (".dkr.ecr.", ".csp.hci.ic.gov"),
];

/// Whether an address is the registry's own host, whole, or the endpoint that the operator
/// configured in AWS's place.
fn may_have_the_token(registry: &Registry, configured: Option<&str>, endpoint: &str) -> bool {
    let (account, region) = (registry.account(), registry.region());
    let own = |(service, suffix): &(&str, &str)| {
        endpoint == format!("https://{account}{service}{region}{suffix}")
    };
    let configured = configured.and_then(origin);
    HOSTS.iter().any(own) || (configured.is_some() && configured == origin(endpoint))
}

/// Scheme, host and port of an address.
pub(super) fn origin(address: &str) -> Option<(String, String, Option<u16>)> {
    let uri: Uri = address.parse().ok()?;
    Some((
        uri.scheme_str()?.to_owned(),
        uri.host()?.to_ascii_lowercase(),
        uri.port_u16(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_went_to_whatever_host_looked_like_ecr() {
        let registry = Registry::parse("123456789012/eu-west-1").unwrap();
        let local = Some("http://127.0.0.1:4566");
        for (endpoint, configured, may) in [
            (
                "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com",
                None,
                true,
            ),
            (
                "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com.cn",
                None,
                true,
            ),
            ("https://123456789012.dkr-ecr.eu-west-1.on.aws", None, true),
            (
                "https://123456789012.dkr.ecr.eu-west-1.c2s.ic.gov",
                None,
                true,
            ),
            (
                "https://123456789012.dkr.ecr.eu-west-1.cloud.adc-e.uk",
                None,
                true,
            ),
            ("https://123456789012.dkr.ecr.eu-west-1.ic.gov", None, false),
            (
                "http://123456789012.dkr.ecr.eu-west-1.amazonaws.com",
                None,
                false,
            ),
            (
                "https://999999999999.dkr.ecr.eu-west-1.amazonaws.com",
                None,
                false,
            ),
            (
                "https://123456789012.dkr.ecr.us-east-1.amazonaws.com",
                None,
                false,
            ),
            (
                "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.example",
                None,
                false,
            ),
            (
                "https://evil.example/123456789012.dkr.ecr.eu-west-1.amazonaws.com",
                None,
                false,
            ),
            (
                "https://123456789012.dkr.ecr.eu-west-1.amazonaws.com@evil.example",
                None,
                false,
            ),
            ("http://127.0.0.1:4566", local, true),
            ("http://127.0.0.1:4567", local, false),
            ("https://127.0.0.1:4566", local, false),
            ("http://127.0.0.1:4566", None, false),
        ] {
            assert_eq!(
                may_have_the_token(&registry, configured, endpoint),
                may,
                "{endpoint}"
            );
        }
    }
}
