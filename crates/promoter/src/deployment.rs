//! What of a deployment the command reads, and how: the function's tables and paths, with the rights of the person who runs it.

use clap::Args;
use ecr_promoter::{Config, Failure, Function};
use ecr_promoter_core::{Time, policy::PolicyKey, reference::ReferenceError};

use crate::{
    Failed, evidence,
    signed::{Signed, sign_in},
};

/// What `--help` of the commands that read a deployment ends with.
pub(crate) const AFTER_HELP: &str = "\
Account, Region and credentials come from AWS's own variables and files: AWS_PROFILE, AWS_REGION,
AWS_ENDPOINT_URL and so on. docs/command.md lists the rights that each command needs.";

/// The code of DynamoDB for a table that is not there.
const NO_TABLE: &str = "ResourceNotFoundException";

/// The code of DynamoDB and of ECR for a right that is lacking.
const DENIED: &str = "AccessDeniedException";
/// AWS's own words name the right; this says which ones the whole command needs.
const RIGHTS: &str = "docs/command.md lists the rights that each command needs";

/// The function's tables.
#[derive(Debug, Args)]
pub(crate) struct Tables {
    /// The table of policies
    #[arg(
        id = "policies_table",
        long = "policies-table",
        value_name = "NAME",
        env = "POLICIES_TABLE",
        default_value = "policies"
    )]
    pub(crate) policies: String,
    /// The table of promotions, the ledger
    #[arg(
        id = "promotions_table",
        long = "promotions-table",
        value_name = "NAME",
        env = "PROMOTIONS_TABLE",
        default_value = "promotions"
    )]
    pub(crate) promotions: String,
}

/// A deployment as the person who runs the command may read it.
pub(crate) struct Deployment {
    /// Who reads it.
    pub(crate) signed: Signed,
    /// The function's own readers.
    pub(crate) function: Function,
}

impl Deployment {
    /// The time now.
    pub(crate) fn now(&self) -> Time {
        self.signed.aws.seam.now()
    }
}

impl Tables {
    /// Signs in. `paths` are the administrator's; without them every pair counts as allowed.
    pub(crate) async fn open(&self, paths: Option<&str>) -> Result<Deployment, Failed> {
        let get = |name: &str| match name {
            "POLICIES_TABLE" => Some(self.policies.clone()),
            "PROMOTIONS_TABLE" => Some(self.promotions.clone()),
            "PROMOTION_PATHS" => paths.map(str::to_owned),
            other => std::env::var(other).ok(),
        };
        let config: Config = evidence::config(get)?;
        let signed = sign_in().await?;
        let function = Function::new(config, signed.aws.clone(), signed.registry.clone());
        Ok(Deployment { signed, function })
    }

    /// The same of what may have failed otherwise.
    pub(crate) fn explained(&self, failed: Failed) -> Failed {
        match failed.downcast::<Failure>() {
            Ok(failure) => self.told(*failure),
            Err(other) => other,
        }
    }

    /// What failed, with what to do where a table is not there, or may not be read.
    pub(crate) fn told(&self, failure: Failure) -> Failed {
        if failure.code().to_string() == DENIED {
            return format!("{failure}; {RIGHTS}").into();
        }
        if failure.code().to_string() != NO_TABLE {
            return failure.into();
        }
        let Self {
            policies,
            promotions,
        } = self;
        format!(
            "{failure}; the tables {policies:?} and {promotions:?} were asked: name them by --policies-table and \
             --promotions-table, or by POLICIES_TABLE and PROMOTIONS_TABLE"
        )
        .into()
    }
}

/// A policy as the options name it: `SOURCE NAME` or `SOURCE/NAME` would be ambiguous, so the two are separated by a blank.
pub(crate) fn policy(text: &str) -> Result<PolicyKey, String> {
    match text.trim().split_once(' ') {
        Some((source, name)) if !name.trim().is_empty() => Ok(PolicyKey {
            source: source.to_owned(),
            name: name.trim().to_owned(),
        }),
        _ => Err(
            "expected a policy's source and name, as in \"dev/website stable-to-qa\"".to_owned(),
        ),
    }
}

/// A repository, or an image of it, as people name them.
pub(crate) fn repository(text: &str) -> Result<ecr_promoter_core::Repository, ReferenceError> {
    crate::asked::Asked::parse(text).map(|asked| asked.repository)
}
