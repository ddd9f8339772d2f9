use ecr_promoter_local::{Clock, Fault};

use super::*;
use crate::image::{layout::tests::write, sample};

/// Plays the story.
async fn played(plan: &cases::Plan) -> (String, Result<(), Failed>) {
    played_with(plan, Vec::new()).await
}

/// Plays the story at a time that stands still, with faults on order; ports are taken out.
async fn played_with(plan: &cases::Plan, faults: Vec<Fault>) -> (String, Result<(), Failed>) {
    let options = Options {
        clock: Clock::manual("2026-03-07T09:05:03Z".parse().unwrap()),
        ..Options::default()
    };
    let registry = Registry::new(&options.account, &options.region).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let account = Account::open(options, registry, listener).unwrap();
    account.local.set_faults(faults);
    let mut page = Page::new(Vec::new(), 80);
    let ended = story::play(&account, plan, &mut page).await;
    print::next(&mut page, "promoter", false).unwrap();
    let text = String::from_utf8(page.into_inner()).unwrap();
    let port = account.url.rsplit_once(':').unwrap().1;
    let text = text.replace(&format!(":{port}"), ":PORT");
    (text, ended.map_err(Into::into))
}

#[tokio::test]
async fn it_reads_like_a_story() {
    let (text, ended) = played(&cases::of_samples().unwrap()).await;
    ended.unwrap();
    assert!(text.contains('\u{1b}'), "a terminal gets colours");
    let plain = anstream::adapter::strip_str(&text).to_string();
    insta::assert_snapshot!(plain);
    let wide = plain.lines().find(|line| line.chars().count() > 80);
    assert_eq!(wide, None);
}

#[tokio::test]
async fn an_image_of_a_folder_goes_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let image = sample::image("of a folder").unwrap();
    write(folder.path(), &image);
    let read = layout::read(folder.path()).unwrap();
    let (text, ended) = played(&cases::of_image(read).unwrap()).await;
    ended.unwrap();
    assert_eq!(text.matches(image.digest().as_str()).count(), 1, "{text}");
}

#[tokio::test]
async fn it_does_not_end_well_where_the_target_does_not_hold_the_image() {
    let fault =
        r#"[{"operation": "registry:PUT blob", "code": "DENIED", "status": 403, "times": 100}]"#;
    let faults = serde_json::from_str(fault).unwrap();
    let (text, ended) = played_with(&cases::of_samples().unwrap(), faults).await;
    let error = ended.unwrap_err().to_string();
    assert!(
        error.starts_with("dev/website:1.4-stable was to be promoted, and is failed: "),
        "{error}"
    );
    assert!(!text.contains("What qa/website holds now"), "{text}");
}
