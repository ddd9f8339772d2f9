use ecr_promoter_local::{Clock, Fault};

use super::*;
use crate::image::{Image, layout::tests::write};

/// Plays the story.
async fn played(image: &Image) -> (String, Result<(), Failed>) {
    played_with(image, Vec::new()).await
}

/// Plays the story at a time that stands still, with faults on order; ports are taken out.
async fn played_with(image: &Image, faults: Vec<Fault>) -> (String, Result<(), Failed>) {
    let options = Options {
        clock: Clock::manual("2026-03-07T09:05:03Z".parse().unwrap()),
        ..Options::default()
    };
    let registry = Registry::new(&options.account, &options.region).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let account = Account::open(options, registry, listener).unwrap();
    account.local.set_faults(faults);
    let mut page = print::Page::new(Vec::new());
    let ended = story::play(&account, image, &mut page).await;
    print::next(&mut page, "promoter", false).unwrap();
    let text = String::from_utf8(page.into_inner()).unwrap();
    let port = account.url.rsplit_once(':').unwrap().1;
    let text = text.replace(&format!(":{port}"), ":PORT");
    (text, ended.map_err(Into::into))
}

#[tokio::test]
async fn it_reads_like_a_story() {
    let (text, ended) = played(&sample::image(story::VERSION).unwrap()).await;
    ended.unwrap();
    assert!(text.contains('\u{1b}'), "a terminal gets colours");
    let plain = anstream::adapter::strip_str(&text).to_string();
    insta::assert_snapshot!(plain, @r#"
    ecr-promoter: images go from one ECR repository to another by policy

    The place
      AWS         embedded in this process, at http://127.0.0.1:PORT
      registry    000000000000/us-east-1, all of it temporary
      created     dev/website and qa/website
      allowed     dev/* => qa/*, whatever a policy says

    The policy "stable-to-qa"
      source      a tag that is pushed to dev/website
      criterion   tag ends_with "stable"
      target      qa/website:%Y%m%d-%H%M%S

    A stable build is pushed
      push        dev/website:1.4-stable
      digest      sha256:57ff7ea94cbbaed231a1d3d50b8a08766f3a3fcb3a7c73fe9686581b5f6715eb
      contents    linux/amd64, linux/arm64: 3 manifests, 5 blobs, 7.3 KB
      event       ECR Image Action, PUSH SUCCESS, 2026-03-07T09:05:03Z
      policy      stable-to-qa of dev/website
      criterion   tag: wanted ends_with "stable", seen "1.4-stable": met
      decision    promote
      promotion   dev/website:1.4-stable -> qa/website:20260307-090503
      copy        5 blobs copied (7.3 KB), 2 child manifests, the tag last
      from        dev/website@sha256:57ff7ea94cbbaed231a1d3d50b8a08766f3a3fcb3a7c73fe9686581b5f6715eb
      to          qa/website@sha256:57ff7ea94cbbaed231a1d3d50b8a08766f3a3fcb3a7c73fe9686581b5f6715eb

    A release candidate is pushed
      push        dev/website:1.5-rc1
      digest      sha256:0c50772fd9f5d19bc6e98f6fe9ba209775518c636d507eb97bb814017315bac3
      contents    linux/amd64, linux/arm64: 3 manifests, 5 blobs, 7.3 KB
      event       ECR Image Action, PUSH SUCCESS, 2026-03-07T09:05:03Z
      policy      stable-to-qa of dev/website
      criterion   tag: wanted ends_with "stable", seen "1.5-rc1": not met
      decision    hold: tag ends_with "stable": saw "1.5-rc1"

    What qa/website holds now
      tag         20260307-090503
      digest      sha256:57ff7ea94cbbaed231a1d3d50b8a08766f3a3fcb3a7c73fe9686581b5f6715eb
      read back   3 manifests and 5 blobs, 7.3 KB: every digest is right
      absent      sha256:0c50772fd9f5d19bc6e98f6fe9ba209775518c636d507eb97bb814017315bac3 (1.5-rc1)

    Try next
      your image  promoter demo --image DIR
      your ECR    promoter local --repositories dev/website,qa/website --policies policies
    "#);
    let longest = plain
        .lines()
        .map(|line| line.chars().count())
        .max()
        .unwrap();
    assert!(longest <= 100, "{longest}");
}

#[tokio::test]
async fn an_image_of_a_folder_goes_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let image = sample::image("of a folder").unwrap();
    write(folder.path(), &image);
    let read = layout::read(folder.path()).unwrap();
    let (text, ended) = played(&read).await;
    ended.unwrap();
    assert!(text.matches(image.digest().as_str()).count() >= 4, "{text}");
}

#[tokio::test]
async fn it_does_not_end_well_where_the_target_does_not_hold_the_image() {
    let fault =
        r#"[{"operation": "registry:PUT blob", "code": "DENIED", "status": 403, "times": 100}]"#;
    let faults = serde_json::from_str(fault).unwrap();
    let (text, ended) = played_with(&sample::image(story::VERSION).unwrap(), faults).await;
    let error = ended.unwrap_err().to_string();
    assert!(
        error.starts_with("dev/website:1.4-stable was to be promoted, and is failed: "),
        "{error}"
    );
    assert!(!text.contains("What qa/website holds now"), "{text}");
}
