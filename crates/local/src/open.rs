//! Opens an account: each service on what the folder holds, in the order in which they need each other.

use std::{
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock},
};

use crate::{
    Ecr, Inner, Local, LocalError, Options, address,
    dynamodb::Tables,
    ecr,
    events::Bus,
    faults, function, journal,
    pattern::Pattern,
    registry,
    schedule::Schedule,
    sqs::{Queues, Rules},
    stream::Stream,
};

impl Local {
    /// Opens an account, new or as a folder holds it.
    ///
    /// # Errors
    /// When the folder cannot be used, what it holds cannot be read, or the pattern is invalid.
    pub fn open(options: Options) -> Result<Self, LocalError> {
        let pattern = options.pattern.as_ref().map(Pattern::parse).transpose()?;
        let (folder, temporary) = options.folder()?;
        let lock = lock(&folder)?;
        // What a temporary folder would hold is quicker in memory; only ECR's blobs are too large for that.
        let kept = |name: &str| temporary.is_none().then(|| folder.join(name));
        let queues = opened(kept("queues.jsonl"), |file| {
            Queues::open(file, rules(&options))
        })?;
        let bus = opened(kept("events.jsonl"), |file| {
            Bus::open(file, pattern, queues.clone())
        })?;
        let tables = open_tables(&options, kept("dynamodb.sqlite3").as_deref())?;
        let ecr = open_ecr(&options, &folder, bus.clone())?;
        let clock = &options.clock;
        let function = Arc::new(function::Function::new(clock.clone(), options.timeout));
        let schedule = Schedule::new(&options, function.clone());
        Ok(Self(Arc::new(Inner {
            registry: registry::router(ecr.clone(), address::base),
            ecr,
            tables,
            queues,
            bus,
            function,
            schedule: Arc::new(schedule),
            stream: Arc::new(Stream::new(kept("stream.position"))),
            journal: journal::Journal::default(),
            faults: faults::Faults::default(),
            address: OnceLock::new(),
            open_work: OnceLock::new(),
            pages: OnceLock::new(),
            pollers: Mutex::default(),
            options,
            _lock: lock,
            _temporary: temporary,
        })))
    }
}

impl std::fmt::Debug for Local {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Options {
            account, region, ..
        } = &self.0.options;
        write!(f, "Local({account}/{region})")
    }
}

/// Keeps a second process away before it touches anything: just opening the queues rewrites their file.
fn lock(folder: &Path) -> Result<File, LocalError> {
    let path = folder.join("lock");
    let locked = File::create(&path).and_then(|file| {
        file.try_lock().map_err(|cause| {
            let text = format!("{cause}; another process uses this folder");
            std::io::Error::new(std::io::ErrorKind::ResourceBusy, text)
        })?;
        Ok(file)
    });
    locked.map_err(|source| LocalError::Folder { path, source })
}

/// Opens what lies in a file, or nothing but memory if there is none.
fn opened<T>(
    file: Option<PathBuf>,
    open: impl FnOnce(Option<&Path>) -> std::io::Result<T>,
) -> Result<Arc<T>, LocalError> {
    let opened = open(file.as_deref());
    opened.map(Arc::new).map_err(|source| LocalError::Folder {
        path: file.unwrap_or_default(),
        source,
    })
}

fn open_tables(options: &Options, file: Option<&Path>) -> Result<Tables, LocalError> {
    let tables = Tables::open(file, &options.account, &options.region);
    tables.map_err(LocalError::Tables)
}

fn open_ecr(options: &Options, folder: &Path, bus: Arc<Bus>) -> Result<Ecr, LocalError> {
    let (told, path) = (bus.clone(), folder.join("ecr"));
    let ecr = Ecr::open(ecr::Settings {
        account: options.account.clone(),
        region: options.region.clone(),
        blob_mounting: options.blob_mounting,
        folder: path.clone(),
        clock: options.clock.clone(),
        raise: Arc::new(move |event| bus.raise(event)),
    });
    let ecr = ecr.map_err(|source| LocalError::Folder { path, source })?;
    ecr.settle(options.unsettled);
    told.raise_again(ecr.last_events());
    Ok(ecr)
}

fn rules(options: &Options) -> Rules {
    Rules {
        account: options.account.clone(),
        region: options.region.clone(),
        visibility: options.visibility(),
        max_receive_count: options.max_receive_count,
        clock: options.clock.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pushes an image without a part.
    async fn push(local: &Local) {
        let base = ecr::Base {
            api: "http://local".to_owned(),
            blobs: "http://blobs.local".to_owned(),
        };
        let manifest = r#"{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": []}"#;
        for (operation, body) in [
            ("CreateRepository", serde_json::json!({})),
            (
                "PutImage",
                serde_json::json!({"imageManifest": manifest, "imageTag": "1"}),
            ),
        ] {
            let mut body = body;
            body["repositoryName"] = "dev/website".into();
            let answer = local
                .ecr()
                .call(operation, body.to_string().into(), &base)
                .await;
            assert_eq!(answer.status(), 200, "{operation}");
        }
    }

    #[tokio::test]
    async fn a_push_s_event_survives_a_kill_between_registry_and_queue() {
        for (case, lost, messages) in [
            ("nothing was lost", &[][..], 1),
            ("killed before the queue", &["queues", "events"], 1),
            ("killed before the record", &["events"], 2),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let open = || {
                let data = Some(folder.path().to_owned());
                Local::open(Options {
                    data,
                    ..Options::default()
                })
            };
            let local = open().unwrap();
            push(&local).await;
            let raised = local.events();
            drop(local);
            for name in lost {
                std::fs::remove_file(folder.path().join(format!("{name}.jsonl"))).unwrap();
            }
            let local = open().unwrap();
            assert_eq!(local.events(), raised, "{case}");
            assert_eq!(local.queue().visible, messages, "{case}");
            drop(local);
            assert_eq!(open().unwrap().queue().visible, messages, "{case}, again");
        }
    }

    #[test]
    fn a_second_process_is_kept_away_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let open = || {
            Local::open(Options {
                data: Some(folder.path().to_owned()),
                ..Options::default()
            })
        };
        let event = || serde_json::json!({"source": "aws.ecr"});
        let first = open().unwrap();
        first.raise(event());
        let refusal = open().unwrap_err().to_string();
        assert!(refusal.contains("another process uses"), "{refusal}");
        first.raise(event());
        drop(first);
        let again = open().unwrap();
        assert_eq!((again.queue().visible, again.events().len()), (2, 2));
    }
}
