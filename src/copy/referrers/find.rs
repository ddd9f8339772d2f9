//! What is attached to some manifests of the source: by ECR's list, and by the tags of cosign and of the OCI referrers
//! tag schema; and what is attached to that. Bounded in number, in depth and in bytes, what indexes list included.

use std::collections::HashSet;

use ecr_promoter_core::{
    Digest, Tag,
    manifest::{Bulk, MANIFESTS_BYTES_MAX, ManifestError, Stored, Tree},
};
use futures_util::future::join;

use super::{
    found::{Brought, Late, Left, Referrer, Sought, left, own_type, types},
    named::{ByTags, Named, by_digest, by_tags},
};
use crate::{
    copy::Route,
    ecr::{
        images::{self, Holds, Raw},
        referrers::{self, Listed, Listing, PAGES_MAX},
    },
    failure::{Failure, Remedy},
};

/// The most referrers that go along with one image, its platforms included.
const REFERRERS_MAX: usize = 100;
/// All that goes along: the referrers, and where one is an index, what that lists.
const IN_ALL_MAX: Bulk = Bulk {
    manifests: 200,
    bytes: MANIFESTS_BYTES_MAX,
};
/// What is attached to what is attached, and so on, is followed so deep.
const LEVELS_MAX: usize = 4;

/// Finds what is sought, each behind its subject.
pub(super) async fn find(
    route: Route<'_>,
    sought: Sought<'_>,
    brought: &mut Brought,
) -> Result<Vec<Referrer>, Failure> {
    let mut search = Search {
        route,
        sought,
        brought,
        found: Vec::new(),
        seen: HashSet::new(),
        room: IN_ALL_MAX,
    };
    let mut subjects = sought.subjects.to_vec();
    let mut first = 0;
    if let Some(late) = sought.late {
        first = late.chain.len();
        if search.goes(late).await? && !subjects.contains(late.beside) {
            subjects.push(late.beside.clone());
        }
    }
    for level in first..first + LEVELS_MAX {
        if subjects.is_empty() {
            break;
        }
        subjects = search.level(&subjects, level).await?;
    }
    Ok(search.found)
}

/// What was found so far, within its bounds.
struct Search<'s> {
    route: Route<'s>,
    sought: Sought<'s>,
    brought: &'s mut Brought,
    found: Vec<Referrer>,
    seen: HashSet<(Digest, Option<Tag>)>,
    /// What there is room for.
    room: Bulk,
}

impl Search<'_> {
    /// Whether all go along that lead to what an event told of: what is gone, or what the policy does not take, takes
    /// nothing behind it either.
    async fn goes(&mut self, late: Late<'_>) -> Result<bool, Failure> {
        for (level, digest) in late.chain.iter().enumerate() {
            let named = vec![Named::told(digest)];
            if self.read(named, level).await?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// What is attached to some subjects; the digests of those that go along.
    async fn level(&mut self, subjects: &[Digest], level: usize) -> Result<Vec<Digest>, Failure> {
        let (route, taken) = (self.route, self.sought.taken);
        let may_go = |listed: &Listed| {
            let own = own_type(listed.artifact_type.as_deref());
            own.is_none_or(|own| taken.takes([own]))
        };
        let list = referrers::list(route.aws, route.source, subjects, REFERRERS_MAX, may_go);
        let tags = by_tags(route, subjects, self.room.bytes);
        let (listing, tagged) = join(list, tags).await;
        let tagged = tagged?;
        self.compare(subjects, &tagged);
        let mut named = self.listed(listing);
        for (tag, why) in tagged.inaccessible {
            self.meets(tag.as_str());
            self.brought.left.push(Left::tag(&tag, why));
        }
        named.extend(tagged.named);
        self.read(named, level).await
    }

    /// What the list names. One that cannot be read does not hold up what is attached by tags.
    fn listed(&mut self, listing: Result<Listing, Failure>) -> Vec<Named> {
        match listing {
            Ok(Listing { wanted, unread }) => {
                // Of more than go along, those that do not are counted.
                if let Some(subject) = unread.filter(|_| wanted.len() <= REFERRERS_MAX) {
                    let why = format!(
                        "limit: expected at most {PAGES_MAX} pages of referrers of {subject}, found more; what is on the others is not known"
                    );
                    self.brought.left.push(Left {
                        again: false,
                        ..Left::all(why)
                    });
                }
                wanted.into_iter().map(Named::listed).collect()
            }
            Err(failure) => {
                self.brought.left.push(Left::all(failure.to_string()));
                Vec::new()
            }
        }
    }

    /// Notes whether the tag of an event is where the event says.
    fn compare(&mut self, subjects: &[Digest], tagged: &ByTags) {
        let Some((tag, digest)) = self.sought.late.and_then(|late| late.tag) else {
            return;
        };
        let asked = subjects.iter().flat_map(Tag::of_referrers);
        let is_asked = asked.into_iter().any(|asked| asked == *tag);
        self.brought.contradicted |= is_asked && tagged.contradict(tag, digest);
    }

    fn meets(&mut self, referrer: &str) {
        let name = Left::name(referrer).to_owned();
        self.brought.met.insert(name);
    }

    /// Reads referrers of one level; the digests of those that go along.
    async fn read(&mut self, named: Vec<Named>, level: usize) -> Result<Vec<Digest>, Failure> {
        let named = self.within_bounds(named);
        let unread = named.iter().filter(|named| named.raw.is_none());
        let unread: Vec<Digest> = unread.map(|named| named.digest.clone()).collect();
        let holds = by_digest(self.route, &unread).await?;
        let mut going = Vec::new();
        for mut named in named {
            // What it takes is known now.
            self.room = self.room.plus(named.bulk());
            let read = || holds.manifests.get(&named.digest).cloned();
            match named.raw.take().or_else(read) {
                Some(raw) => going.extend(self.take(named, raw, level).await?),
                None => self.unreadable(&named, &holds),
            }
        }
        Ok(going)
    }

    /// Those that the policy may take, as far as number and bytes allow; for these there is room.
    fn within_bounds(&mut self, named: Vec<Named>) -> Vec<Named> {
        let mut within = Vec::new();
        for named in named {
            let own = own_type(named.artifact_type.as_deref());
            let unwanted = own.is_some_and(|own| !self.sought.taken.takes([own]));
            if unwanted || !self.seen.insert((named.digest.clone(), named.tag.clone())) {
                continue;
            }
            let tag = named.tag.as_ref();
            self.meets(tag.map_or(named.digest.as_str(), Tag::as_str));
            if named.archived {
                // It is told of once more when it is restored.
                let why = "it is archived at the source: restore it".to_owned();
                self.leave(&named, why, false);
            } else if self.found.len() + within.len() >= REFERRERS_MAX {
                self.brought.more += 1;
            } else if let Some(room) = self.room.checked_sub(named.bulk()) {
                self.room = room;
                within.push(named);
            } else {
                self.leave(&named, limit(), false);
            }
        }
        within
    }

    fn leave(&mut self, named: &Named, why: String, again: bool) {
        let kind = named.artifact_type.as_deref();
        let left = left(&named.digest, named.tag.as_ref(), kind, why, again);
        self.brought.left.push(left);
    }

    /// One that ECR names and does not return.
    fn unreadable(&mut self, named: &Named, holds: &Holds) {
        let why = holds.inaccessible.get(&named.digest);
        let why = why.map_or("ECR names it, but does not return it", String::as_str);
        self.leave(named, why.to_owned(), true);
    }

    /// Takes one that was read, with the children that it may have.
    async fn take(
        &mut self,
        named: Named,
        raw: Raw,
        level: usize,
    ) -> Result<Option<Digest>, Failure> {
        let (digest, listed) = (&named.digest, named.artifact_type.as_deref());
        let stored = Stored::read(raw.bytes, raw.media_type.as_deref());
        let tree = match stored {
            Ok(stored) => {
                let types = types(listed, &stored.manifest);
                if !self.sought.taken.takes(types.iter().map(String::as_str)) {
                    return Ok(None);
                }
                let tree = Tree::within(digest.clone(), stored, self.room);
                let tree = self.whole(tree).await?;
                tree.map(|tree| (tree, types))
            }
            Err(error) => Err(error.to_string()),
        };
        let (tree, types) = match tree {
            Ok(whole) => whole,
            Err(why) => {
                self.leave(&named, why, false);
                return Ok(None);
            }
        };
        self.room = self.room.checked_sub(tree.bulk()).unwrap_or(Bulk::NONE);
        let kind = types.into_iter().next().unwrap_or_default();
        let Named { digest, tag, .. } = named;
        self.found.push(Referrer {
            tree,
            tag,
            kind,
            level,
        });
        Ok(Some(digest))
    }

    /// A tree with all its manifests, or why it does not go along.
    async fn whole(
        &self,
        tree: Result<Tree, ManifestError>,
    ) -> Result<Result<Tree, String>, Failure> {
        let mut tree = match tree {
            Ok(tree) => tree,
            Err(error) => return Ok(Err(refused(&error))),
        };
        Ok(
            match images::complete(self.route.aws, self.route.source, &mut tree).await {
                Ok(Ok(())) => Ok(tree),
                Ok(Err(error)) => Err(refused(&error)),
                Err(failure) if failure.remedy() == Remedy::Wait => return Err(failure),
                Err(failure) => Err(failure.to_string()),
            },
        )
    }
}

/// Why a tree is refused: by what it is itself, or because others took the room.
fn refused(error: &ManifestError) -> String {
    let Bulk { manifests, bytes } = Bulk::OF_AN_IMAGE;
    match error {
        ManifestError::TooManyManifests(found) if *found <= manifests => limit(),
        ManifestError::TooManyBytes(found) if *found <= bytes => limit(),
        error => error.to_string(),
    }
}

fn limit() -> String {
    let Bulk { manifests, bytes } = IN_ALL_MAX;
    format!(
        "limit: expected at most {manifests} manifests of {bytes} bytes in all attached to one image, found more"
    )
}
