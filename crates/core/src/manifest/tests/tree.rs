//! Trees: what is lacking, what an image consists of, and the order in which it is put.

use super::*;

pub(super) fn stored(value: &Value) -> Stored {
    Stored::read(value.to_string(), None).unwrap()
}

pub(super) fn child(word: &str, platform: &str) -> Value {
    let mut child = descriptor(media::OCI_MANIFEST, word);
    if let Some((os, architecture)) = platform.split_once('/') {
        child["platform"] = json!({"os": os, "architecture": architecture});
    }
    child
}

pub(super) fn nested(word: &str) -> Value {
    descriptor(media::OCI_INDEX, word)
}

/// A tree from its documents, the first being the root, added as they are asked for.
pub(super) fn tree(documents: &[(&str, Value)]) -> Result<Tree, ManifestError> {
    let (root, document) = &documents[0];
    let mut tree = Tree::new(digest(root), stored(document))?;
    loop {
        let lacking = tree.lacking();
        let next = documents
            .iter()
            .find(|(word, _)| lacking.contains(&digest(word)));
        let Some((word, document)) = next else {
            return Ok(tree);
        };
        tree.add(&digest(word), stored(document))?;
    }
}

pub(super) fn bare(config: &str) -> Value {
    with(
        image(LAYER),
        &json!({"config": descriptor(config, "config"), "layers": []}),
    )
}

#[test]
fn the_tree_tells_what_is_lacking_next() {
    let root = index(&[nested("inner"), child("amd", ""), child("amd", "")]);
    let mut tree = Tree::new(digest("root"), stored(&root)).unwrap();
    assert_eq!(tree.lacking(), [digest("inner"), digest("amd")]);
    let inner = index(&[child("arm", ""), child("amd", "")]);
    tree.add(&digest("inner"), stored(&inner)).unwrap();
    assert_eq!(tree.lacking(), [digest("arm"), digest("amd")]);
    for word in ["amd", "arm"] {
        tree.add(&digest(word), stored(&image(LAYER))).unwrap();
    }
    assert_eq!(tree.lacking(), []);
    let stray = tree.add(&digest("x"), stored(&image(LAYER))).unwrap_err();
    assert_eq!(stray, ManifestError::Stray(digest("x")));
}

#[test]
fn children_are_put_before_their_parents_and_the_root_last() {
    // "shared" is a child of the root and of the inner index, below which it has to come first.
    let documents = [
        (
            "root",
            index(&[child("shared", ""), nested("inner"), child("amd", "")]),
        ),
        ("inner", index(&[nested("deep"), child("shared", "")])),
        ("deep", index(&[child("shared", "")])),
        ("shared", image(LAYER)),
        ("amd", bare(media::DOCKER_CONFIG)),
    ];
    let tree = tree(&documents).unwrap();
    let order: Vec<&str> = tree
        .manifests_leaves_first()
        .into_iter()
        .map(|(known, stored)| {
            let (word, document) = documents
                .iter()
                .find(|(word, _)| digest(word) == *known)
                .unwrap();
            assert_eq!(stored.bytes, document.to_string(), "the bytes are kept");
            *word
        })
        .collect();
    assert_eq!(order, ["shared", "deep", "inner", "amd", "root"]);
    let blobs: Vec<&Digest> = tree.blobs().iter().map(|blob| &blob.digest).collect();
    assert_eq!(blobs, [&digest("config"), &digest("layer")]);
}

#[test]
fn the_limits_of_an_image_are_kept_while_it_is_read() {
    let deep = |levels: usize| {
        let words = ["root", "one", "two", "three", "four"];
        let mut documents: Vec<(&str, Value)> = (1..levels)
            .map(|level| (words[level - 1], index(&[nested(words[level])])))
            .collect();
        documents.push((words[levels - 1], index(&[])));
        tree(&documents)
    };
    assert!(deep(LEVELS_MAX).is_ok());
    assert_eq!(deep(LEVELS_MAX + 1), Err(ManifestError::TooDeep));

    let crowd = |names: std::ops::Range<usize>| {
        let children: Vec<Value> = names.map(|name| child(&format!("{name}"), "")).collect();
        index(&children)
    };
    let mut children = crowd(0..50)["manifests"].as_array().unwrap().clone();
    children.push(nested("inner"));
    let root = index(&children);
    let fits = tree(&[("root", root.clone()), ("inner", crowd(50..98))]);
    assert_eq!(fits.unwrap().lacking().len(), 98);
    let error = tree(&[("root", root), ("inner", crowd(50..99))]).unwrap_err();
    assert_eq!(error, ManifestError::TooManyManifests(101));
}

/// Of several trees each took what one image may take.
#[test]
fn a_tree_that_shares_its_limits_with_others_took_as_much_as_if_it_were_alone() {
    let mut large = child("large", "");
    large["size"] = json!(1_000);
    let root = stored(&index(&[large, child("other", "")]));
    let alone = Tree::new(digest("root"), root.clone()).unwrap().bulk();
    assert_eq!(alone.manifests, 3);
    assert!(alone.bytes > 1_000 + root.bytes.len() as u64);
    let within = |manifests: usize, bytes: u64| {
        let most = Bulk { manifests, bytes };
        Tree::within(digest("root"), root.clone(), most).map(|tree| tree.bulk())
    };
    let Bulk { manifests, bytes } = alone;
    assert_eq!(within(manifests, bytes), Ok(alone));
    assert_eq!(within(usize::MAX, u64::MAX), Ok(alone));
    assert_eq!(
        within(manifests - 1, bytes),
        Err(ManifestError::TooManyManifests(manifests))
    );
    assert_eq!(
        within(manifests, bytes - 1),
        Err(ManifestError::TooManyBytes(bytes))
    );
    // What it may take of others' does not let it take more than an image may.
    let crowd: Vec<Value> = (0..60)
        .map(|n| descriptor(media::OCI_INDEX, &format!("{n}")))
        .collect();
    let children: Vec<Value> = (60..110).map(|n| child(&format!("{n}"), "")).collect();
    let most = Bulk {
        manifests: 1_000,
        bytes: u64::MAX,
    };
    let mut tree = Tree::within(digest("root"), stored(&index(&crowd)), most).unwrap();
    let error = tree.add(&digest("0"), stored(&index(&children)));
    assert_eq!(error, Err(ManifestError::TooManyManifests(111)));
}

#[test]
fn an_image_has_so_many_bytes_of_manifests_and_that_is_known_before_they_are_read() {
    let large = |word: &str, megabytes: u64| {
        let mut child = child(word, "");
        child["size"] = json!(megabytes * 1024 * 1024);
        child
    };
    let children: Vec<Value> = (0..60).map(|n| large(&format!("{n}"), 4)).collect();
    let error = Tree::new(digest("root"), stored(&index(&children))).unwrap_err();
    assert!(matches!(error, ManifestError::TooManyBytes(_)), "{error}");
    assert!(Tree::new(digest("root"), stored(&index(&children[..3]))).is_ok());
    // One digest is one manifest, however often it is named.
    let same = vec![large("same", 4); 60];
    assert!(Tree::new(digest("root"), stored(&index(&same))).is_ok());
    // What an index says too little of counts once it was read.
    let liars: Vec<Value> = (0..6).map(|n| child(&format!("{n}"), "")).collect();
    let padded = format!("{}{}", image(LAYER), " ".repeat(3 * 1024 * 1024));
    let mut tree = Tree::new(digest("root"), stored(&index(&liars))).unwrap();
    let added: Vec<bool> = (0..6)
        .map(|n| {
            let stored = Stored::read(padded.clone(), None).unwrap();
            tree.add(&digest(&format!("{n}")), stored).is_ok()
        })
        .collect();
    assert_eq!(added, [true, true, true, true, true, false]);
}

#[test]
fn what_is_refused_leaves_the_tree_as_it_was() {
    let root = index(&[child("amd", "")]);
    let mut tree = Tree::new(digest("root"), stored(&root)).unwrap();
    let before = tree.clone();
    let error = tree.add(&digest("amd"), stored(&index(&[]))).unwrap_err();
    assert!(matches!(error, ManifestError::MediaTypesDiffer { .. }));
    assert_eq!(tree, before);
}

#[test]
fn a_cycle_ends() {
    let root = index(&[nested("root")]);
    let error = Tree::new(digest("root"), stored(&root)).unwrap_err();
    assert_eq!(error, ManifestError::TooDeep);
}
