//! The work under a claim: what stands is looked at, what lacks is copied, the tag is raised for, put and settled.

use ecr_promoter_core::{Digest, Repository, decision::Target, manifest::Descriptor};
use futures_util::{FutureExt as _, future::join4};

use super::{
    children,
    job::{Job, Performed, Seen, span_of_copy},
    missing,
    raise::{self, Raised},
    renew, settle, tag,
};
use crate::{
    case::Case,
    copy::{self, Copied, Route, Transfer, progress::Progress, referrers::subjects},
    ecr::{
        images::{self, Holds},
        put::lost_something,
    },
    failure::{Failure, Remedy},
    function::Function,
    ledger::heads::{self, Before},
};

/// A cleaner may take a layer between its copy and the tag: then it is copied once more.
const COPIES_MAX: usize = 2;

/// The claim is ours: the image to its target.
pub(super) async fn perform(job: &mut Job<'_>, case: &Case<'_>) -> Result<Performed, Failure> {
    let function = job.function;
    let (source, target) = (&job.push.repository, job.target().clone());
    allowed(function, source, &target)?;
    let progress = Progress::default();
    let mut transfer = Transfer {
        route: Route {
            aws: &function.aws,
            uploads: &function.uploads,
            source,
            target: &target.repository,
            progress: &progress,
            span: span_of_copy(job.errand),
            target_is_new: false,
        },
        tree: job.tree,
    };
    // None of these needs what another one says. Where several fail, the image's is told.
    let looks = join4(
        look_at(job, case, &target),
        before(job, &target),
        copy::missing(transfer),
        children::beside_claim(function, case, &target),
    );
    let (seen, before, missing, remembered) = looks.boxed().await;
    let (seen, before, ()) = (seen?, before?, remembered?);
    if let Some(performed) = raise::without_a_copy(job, &before, &seen) {
        return Ok(performed);
    }
    transfer.route.target_is_new = missing::make(job, &seen).boxed().await?;
    let there = There {
        seen,
        before: Some(before),
        missing: Some(missing),
    };
    copy_and_tag(job, transfer, &target, there).boxed().await
}

/// The administrator's paths, as they are now.
fn allowed(function: &Function, source: &Repository, target: &Target) -> Result<(), Failure> {
    if function.config.paths.allows(source, &target.repository) {
        return Ok(());
    }
    let tried = format!("promote {source} to {target}");
    let said = "the administrator's paths do not allow it";
    Err(Failure::new(Remedy::Never, tried, said))
}

/// What was found at the target, until it is used.
struct There<'t> {
    seen: Seen,
    before: Option<Before>,
    missing: Option<Missing<'t>>,
}

/// The blobs that the target lacks, if that could be read: an image that is there needs none.
type Missing<'t> = Result<Vec<&'t Descriptor>, Failure>;

/// Blobs and children, then the tag; once more where something of it was removed meanwhile.
async fn copy_and_tag(
    job: &mut Job<'_>,
    transfer: Transfer<'_>,
    target: &Target,
    mut there: There<'_>,
) -> Result<Performed, Failure> {
    let mut nothing = copy::nothing_to_copy(transfer, &there.seen.holds);
    for _ in 0..COPIES_MAX {
        let proof = match nothing.take() {
            Some(nothing) => nothing,
            None => match copied(job, transfer, there.missing.take(), &there.seen).await? {
                Some(proof) => proof,
                None => return Ok(Performed::OutOfTime),
            },
        };
        let Before { head, origins } = match there.before.take() {
            Some(before) => before,
            None => self::before(job, target).await?,
        };
        let raised = raise::raise(job, head, origins, &there.seen, &proof).boxed();
        let raised = match raised.await? {
            Raised::Write(written) => written,
            Raised::Not(performed) => return Ok(performed),
        };
        let wrote = tag::write(job, transfer, &proof, &raised.lease).await;
        match settle::settle(job, raised, wrote, proof.moves())
            .boxed()
            .await?
        {
            Err(failure) if lost_something(&failure) => {}
            ended => return ended.map(Performed::Ended),
        }
    }
    let tried = format!("tag {target}");
    Err(Failure::new(
        Remedy::Wait,
        tried,
        "part of the image was removed from the target during the promotion",
    ))
}

/// Everything below the root, while the claim is renewed; `None` if the invocation's time is not enough.
async fn copied<'t>(
    job: &mut Job<'_>,
    transfer: Transfer<'t>,
    missing: Option<Missing<'t>>,
    seen: &Seen,
) -> Result<Option<Copied>, Failure> {
    let nothing = Holds::default();
    let (missing, there) = match missing {
        Some(missing) => (missing?, &seen.holds),
        // Something of what was seen is gone.
        None => (copy::missing(transfer).await?, &nothing),
    };
    let copy = copy::below_root(transfer, missing, there).boxed();
    renew::while_it_moves(job, transfer, copy).await
}

/// The head of the target tag and where what stands there came from.
async fn before(job: &Job<'_>, target: &Target) -> Result<Before, Failure> {
    let (ledger, registry) = (&job.function.ledger, &job.push.registry);
    heads::before(ledger, registry, target, &job.push.digest).await
}

/// The target is asked first, so that what is there is not touched. Within one repository the read of
/// the source may have shown it already.
async fn look_at(job: &Job<'_>, case: &Case<'_>, target: &Target) -> Result<Seen, Failure> {
    let (function, push, reading) = (job.function, case.push, &case.reading);
    if target.repository == push.repository && reading.asked.contains(&target.tag) {
        return Ok(Seen {
            on: reading.tags.get(&target.tag).cloned(),
            began: reading.began,
            holds: Holds::default(),
            no_repository: false,
        });
    }
    let began = function.now();
    let (digests, tag) = (sought(job), std::slice::from_ref(&target.tag));
    let read = images::read_target(&function.aws, &target.repository, &digests, tag).await?;
    let no_repository = read.is_none();
    let holds = read.unwrap_or_default();
    Ok(Seen {
        on: holds.tags.get(&target.tag).cloned(),
        began,
        holds,
        no_repository,
    })
}

/// What is looked for at the target: the root, and under a claim of an earlier invocation, which may have put some of
/// them, the manifests below it.
fn sought(job: &Job<'_>) -> Vec<Digest> {
    if job.claim.time < job.errand.began {
        subjects(job.tree)
    } else {
        vec![job.push.digest.clone()]
    }
}
