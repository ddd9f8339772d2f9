//! Repositories: created, described, deleted.

use serde_json::{Map, Value, json};

use super::error::{Place, Refusal};
use super::mutability::{exclusions, put_exclusions};

use super::paging::{after, page};
use super::request::Request;
use super::state::{Change, Encryption, RepositoryRecord};
use super::tags::tags;
use super::{Base, Ecr, Outcome};

impl Ecr {
    pub(super) fn create_repository(&self, request: &Request, base: &Base) -> Outcome {
        let place = self.place_of(request)?;
        let mutability = request
            .text("imageTagMutability")
            .unwrap_or("MUTABLE")
            .to_owned();
        let exclusions = exclusions(request, &mutability)?;
        let scanning = request.member("imageScanningConfiguration");
        let record = RepositoryRecord {
            name: place.repository.clone(),
            created_at: self.now(),
            mutability,
            exclusions,
            scan_on_push: scanning
                .and_then(|scanning| scanning.get("scanOnPush"))
                .and_then(Value::as_bool)
                .unwrap_or(false),
            encryption: self.encryption(request)?,
            tags: tags(request)?,
        };
        let mut journal = self.journal();
        if journal.state.repositories.contains_key(&place.repository) {
            return Err(Refusal::RepositoryAlreadyExists(place));
        }
        Self::commit(
            &mut journal,
            vec![Change::RepositoryPut {
                record: record.clone(),
            }],
        )?;
        Ok(json!({"repository": self.repository_json(&record, base)}))
    }

    pub(super) fn describe_repositories(&self, request: &Request, base: &Base) -> Outcome {
        if request.member("repositoryNames").is_some() {
            return self.named_repositories(request, base);
        }
        let (after, size) = (after(request.text("nextToken"))?, request.page_size()?);
        let journal = self.journal();
        let all = journal
            .state
            .repositories
            .iter()
            .map(|(name, repository)| (name.clone(), repository));
        let page = page(all, after.as_deref(), size);
        let found: Vec<Value> = page
            .items
            .iter()
            .map(|repository| self.repository_json(&repository.record, base))
            .collect();
        Ok(with_token(json!({"repositories": found}), page.next))
    }

    /// All of them or none: names and pages exclude each other (ECR API Reference, `DescribeRepositories`).
    fn named_repositories(&self, request: &Request, base: &Base) -> Outcome {
        if request.member("nextToken").is_some() || request.member("maxResults").is_some() {
            return Err(Refusal::parameter(
                "repositoryNames",
                "must not be given with nextToken or maxResults",
            ));
        }
        let journal = self.journal();
        let mut found = Vec::new();
        for name in request.texts("repositoryNames")? {
            request.check_repository("repositoryNames", &name, self.account())?;
            let repository = journal.state.repository(&self.place(&name))?;
            found.push(self.repository_json(&repository.record, base));
        }
        Ok(json!({"repositories": found}))
    }

    pub(super) fn delete_repository(&self, request: &Request, base: &Base) -> Outcome {
        let place = self.place_of(request)?;
        let force = request.flag("force");
        let mut journal = self.journal();
        let repository = journal.state.repository(&place)?;
        if !repository.images.is_empty() && !force {
            return Err(Refusal::RepositoryNotEmpty(place));
        }
        let answer = json!({"repository": self.repository_json(&repository.record, base)});
        Self::commit(
            &mut journal,
            vec![Change::RepositoryDeleted {
                repository: place.repository,
            }],
        )?;
        Ok(answer)
    }

    fn encryption(&self, request: &Request) -> Result<Encryption, Refusal> {
        let given = request.member("encryptionConfiguration");
        let text = |member: &str| {
            given
                .and_then(|given| given.get(member))
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let kind = text("encryptionType").unwrap_or_else(|| "AES256".to_owned());
        let at = "encryptionConfiguration.encryptionType";
        match (kind.as_str(), text("kmsKey")) {
            ("AES256", None) => Ok(Encryption { kind, key: None }),
            ("AES256", Some(_)) => Err(Refusal::parameter(
                at,
                "must be KMS or KMS_DSSE where a kmsKey is given",
            )),
            ("KMS" | "KMS_DSSE", key) => {
                let own = || {
                    format!(
                        "arn:aws:kms:{}:{}:alias/aws/ecr",
                        self.0.settings.region,
                        self.account()
                    )
                };
                Ok(Encryption {
                    kind,
                    key: Some(key.unwrap_or_else(own)),
                })
            }
            _ => Err(Refusal::parameter(
                at,
                "must be one of AES256, KMS, KMS_DSSE",
            )),
        }
    }

    fn repository_json(&self, record: &RepositoryRecord, base: &Base) -> Value {
        let host = base
            .api
            .split_once("://")
            .map_or(base.api.as_str(), |(_, host)| host);
        let mut encryption = json!({"encryptionType": record.encryption.kind});
        if let (Some(key), Value::Object(encryption)) = (&record.encryption.key, &mut encryption) {
            encryption.insert("kmsKey".to_owned(), json!(key));
        }
        let mut repository = json!({
            "repositoryArn": format!("arn:aws:ecr:{}:{}:repository/{}", self.0.settings.region, self.account(), record.name),
            "registryId": self.account(), "repositoryName": record.name, "repositoryUri": format!("{host}/{}", record.name),
            "createdAt": seconds(record.created_at), "imageTagMutability": record.mutability,
            "imageScanningConfiguration": {"scanOnPush": record.scan_on_push}, "encryptionConfiguration": encryption,
        });
        put_exclusions(&mut repository, record);
        repository
    }
}

/// A time as JSON 1.1 has it: seconds since 1970, with milliseconds.
pub(super) fn seconds(time: chrono::DateTime<chrono::Utc>) -> Value {
    let millis = time.timestamp_millis();
    // Exact: milliseconds of this era fit the 53 bits of a double.
    #[expect(
        clippy::cast_precision_loss,
        reason = "milliseconds of any real date are below 2^53"
    )]
    let seconds = millis as f64 / 1000.0;
    json!(seconds)
}

/// Adds `nextToken` where another page follows.
pub(super) fn with_token(mut answer: Value, next: Option<String>) -> Value {
    if let (Some(next), Value::Object(answer)) = (next, &mut answer) {
        answer.insert("nextToken".to_owned(), json!(next));
    }
    answer
}

impl Place {
    /// The members that most answers begin with.
    pub(super) fn answer(&self) -> Map<String, Value> {
        Map::from_iter([
            ("registryId".to_owned(), json!(self.account)),
            ("repositoryName".to_owned(), json!(self.repository)),
        ])
    }
}
