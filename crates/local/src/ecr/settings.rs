//! The account's settings and the registry's tokens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::TimeDelta;
use serde_json::json;

use super::error::Refusal;
use super::request::Request;
use super::state::{Change, State};
use super::{Base, Ecr, Outcome};

pub(crate) const BLOB_MOUNTING: &str = "BLOB_MOUNTING";
pub(crate) const BASIC_SCAN_TYPE_VERSION: &str = "BASIC_SCAN_TYPE_VERSION";
/// The values of each setting (ECR API Reference, `PutAccountSetting`).
const VALUES: [(&str, &[&str]); 3] = [
    (BLOB_MOUNTING, &["ENABLED", "DISABLED"]),
    (BASIC_SCAN_TYPE_VERSION, &["AWS_NATIVE", "CLAIR"]),
    ("REGISTRY_POLICY_SCOPE", &["V1", "V2"]),
];
/// How long a token is good for (ECR API Reference, `GetAuthorizationToken`: 12 hours).
const TOKEN_HOURS: i64 = 12;
/// What stands before the expiry in the passwords that are given out here.
const PASSWORD_PREFIX: &str = "until-";

impl Ecr {
    pub(super) fn get_account_setting(&self, request: &Request) -> Outcome {
        let name = request.required("name")?;
        let journal = self.journal();
        let value = self
            .setting(&journal.state, name)
            .ok_or_else(|| unknown(name))?;
        Ok(json!({"name": name, "value": value}))
    }

    pub(super) fn put_account_setting(&self, request: &Request) -> Outcome {
        let (name, value) = (request.required("name")?, request.required("value")?);
        let (_, values) = VALUES
            .iter()
            .find(|(known, _)| *known == name)
            .ok_or_else(|| unknown(name))?;
        if !values.contains(&value) {
            return Err(Refusal::parameter(
                "value",
                format!("must be one of {}", values.join(", ")),
            ));
        }
        let put = Change::SettingPut {
            name: name.to_owned(),
            value: value.to_owned(),
        };
        Self::commit(&mut self.journal(), vec![put])?;
        Ok(json!({"name": name, "value": value}))
    }

    /// What was put, or what a new account has.
    pub(super) fn setting<'a>(&self, state: &'a State, name: &str) -> Option<&'a str> {
        let default = match name {
            BLOB_MOUNTING => Some(if self.0.settings.blob_mounting {
                "ENABLED"
            } else {
                "DISABLED"
            }),
            BASIC_SCAN_TYPE_VERSION => Some("AWS_NATIVE"),
            "REGISTRY_POLICY_SCOPE" => Some("V2"),
            _ => None,
        };
        state.settings.get(name).map(String::as_str).or(default)
    }

    pub(super) fn get_authorization_token(&self, request: &Request, base: &Base) -> Outcome {
        // A legacy parameter: one token reaches every registry that the caller may use.
        request.list("registryIds", &(1..=10))?;
        let expires_at = self.now() + TimeDelta::hours(TOKEN_HOURS);
        let token = STANDARD.encode(format!("AWS:{PASSWORD_PREFIX}{}", expires_at.timestamp()));
        let data = json!({"authorizationToken": token, "expiresAt": expires_at.timestamp(), "proxyEndpoint": base.api});
        Ok(json!({"authorizationData": [data]}))
    }

    /// Whether Basic credentials are a token of ours that has expired. All other credentials pass.
    pub(crate) fn is_expired(&self, basic: &str) -> bool {
        let decoded = STANDARD
            .decode(basic.trim())
            .ok()
            .and_then(|bytes| String::from_utf8(bytes).ok());
        let password = decoded
            .as_deref()
            .and_then(|pair| pair.split_once(':'))
            .map(|(_, password)| password);
        let until = password
            .and_then(|password| password.strip_prefix(PASSWORD_PREFIX)?.parse::<i64>().ok());
        until.is_some_and(|until| until <= self.now().timestamp())
    }
}

fn unknown(name: &str) -> Refusal {
    let names: Vec<&str> = VALUES.iter().map(|(name, _)| *name).collect();
    Refusal::parameter(
        "name",
        format!("must be one of {}, not \"{name}\"", names.join(", ")),
    )
}
