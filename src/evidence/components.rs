//! The components of every platform, from the SBOMs that are attached to it: in attestations in the index,
//! in referrers, under cosign's tags.
//!
//! Several SBOMs of one platform add up. One that exists and cannot be read makes the list of its platforms
//! unknown, never shorter. An SBOM of the index counts for every platform.

use std::collections::HashMap;

use aws_smithy_types::body::SdkBody;
use ecr_promoter_contents::{
    limits::BLOB_BYTES_MAX,
    sbom::{Documents, Label, Reader},
};
use ecr_promoter_core::{
    Digest, Image, Time,
    evidence::{Components, Known, Platform},
    manifest::Tree,
};
use futures_util::{StreamExt as _, stream};

use super::{
    candidates::{self, Candidate},
    lists::Lists,
    referrers,
};
use crate::{
    ecr::{arriving::beside, downloads},
    failure::{Failure, Remedy},
    function::Function,
};

/// How many documents of one image and its platforms are looked into.
const DOCUMENTS_MAX: usize = 100;
/// How many downloads are open at once: one is read, the others wait unread.
const OPEN_AT_ONCE: usize = 4;

/// What is known of each platform's components.
pub(super) async fn of_platforms(
    function: &Function,
    image: &Image,
    tree: &Tree,
    platforms: &[Platform],
    now: Time,
) -> Result<HashMap<Digest, Known<Components>>, Failure> {
    let mut lists = Lists::new(image.digest.clone(), platforms, now);
    let mut candidates = candidates::in_the_index(tree, &mut lists);
    for attached in referrers::attached(function, image, &mut lists).await? {
        candidates.extend(candidates::attached(&attached, &mut lists));
    }
    if candidates.len() > DOCUMENTS_MAX {
        lists.exceed(format!(
            "limit: expected at most {DOCUMENTS_MAX} attached documents, found more"
        ));
        candidates.clear();
    }
    let mut reader = Reader::new(lists.subjects.clone());
    // Collected first: a stream that maps by reference would not be `Send`.
    let opens: Vec<_> = candidates
        .iter()
        .map(|candidate| open(function, image, candidate))
        .collect();
    let mut opened = stream::iter(opens).buffered(OPEN_AT_ONCE);
    while let Some((candidate, opened)) = opened.next().await {
        let look = read(function, image, (candidate, opened), reader, &mut lists);
        reader = look.await?;
    }
    let known = platforms
        .iter()
        .map(|platform| (platform.digest.clone(), lists.of(platform)));
    Ok(known.collect())
}

/// What became of the download of a candidate; `None` if it is too large to look into.
type Opened = Option<Result<SdkBody, Failure>>;

async fn open<'c>(
    function: &Function,
    image: &Image,
    candidate: &'c Candidate,
) -> (&'c Candidate, Opened) {
    let blob = &candidate.blob;
    if blob.size > BLOB_BYTES_MAX {
        return (candidate, None);
    }
    let body = downloads::open(&function.aws, blob, &image.repository).await;
    (candidate, Some(body))
}

/// Reads one blob as it arrives, and gives the reader back for the next one.
async fn read(
    function: &Function,
    image: &Image,
    (candidate, opened): (&Candidate, Opened),
    mut reader: Reader,
    lists: &mut Lists,
) -> Result<Reader, Failure> {
    let (aws, blob, label) = (&function.aws, &candidate.blob, candidate.label);
    let repository = &image.repository;
    let body = match opened {
        None => {
            too_large(candidate, lists);
            return Ok(reader);
        }
        Some(Ok(body)) => body,
        Some(Err(failure)) => return refused(failure, candidate, lists).map(|()| reader),
    };
    let read = move |arriving| (reader.read(arriving, label), reader);
    let hand_on = async |frames| downloads::feed(aws, blob, repository, body, frames).await;
    let ((read, reader), fed) = beside(read, hand_on).await;
    match (fed, read) {
        (Err(failure), _) => refused(failure, candidate, lists)?,
        (Ok(()), Ok(documents)) => take(documents, candidate, lists),
        (Ok(()), Err(error)) => {
            let words = format!("{}: {error}", blob.digest);
            lists.break_off(candidate.subject.as_ref(), candidate.origin, &words);
        }
    }
    Ok(reader)
}

fn take(documents: Documents, candidate: &Candidate, lists: &mut Lists) {
    let (origin, subject) = (candidate.origin, candidate.subject.as_ref());
    for attested in documents.sboms {
        let about = attested.subjects.or(subject.map(|of| vec![of.clone()]));
        let Some(about) = about else {
            lists.break_off(None, origin, "it does not say which image it is about");
            continue;
        };
        if let Some(partial) = attested.sbom.partial {
            let words = format!("{}: {partial}", candidate.blob.digest);
            for of in &about {
                lists.break_off(Some(of), origin, &words);
            }
        }
        lists.add(&about, attested.sbom.components, origin);
    }
    for why in documents.others {
        lists.pass_over(subject, &candidate.kind, Some(&why.to_string()));
    }
}

/// A blob that can never be read.
fn refused(failure: Failure, candidate: &Candidate, lists: &mut Lists) -> Result<(), Failure> {
    if failure.remedy() != Remedy::Never {
        return Err(failure);
    }
    let words = failure.to_string();
    lists.break_off(candidate.subject.as_ref(), candidate.origin, &words);
    Ok(())
}

/// A blob that is too large to look into, and does not claim to be a document, counts as something else.
fn too_large(candidate: &Candidate, lists: &mut Lists) {
    let blob = &candidate.blob;
    let words = format!(
        "limit: expected at most {BLOB_BYTES_MAX} bytes, found {}",
        blob.size
    );
    let subject = candidate.subject.as_ref();
    if candidate.label == Label::Open && !blob.media_type.contains("json") {
        lists.pass_over(subject, &candidate.kind, Some(&words));
    } else {
        let words = format!("{}: {words}", blob.digest);
        lists.break_off(subject, candidate.origin, &words);
    }
}
