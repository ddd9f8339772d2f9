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

/// The recording in the README, `docs/record-demo` makes it.
#[test]
fn the_recording_shows_what_the_demo_prints() {
    let svg = include_str!("../../../../docs/demo.svg");
    let shown = svg
        .split_once("<desc>")
        .unwrap()
        .1
        .split_once("</desc>")
        .unwrap()
        .0;
    let shown = shown
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&");
    let told = include_str!("snapshots/promoter__demo__tests__it_reads_like_a_story.snap");
    let told = told.split_once("\n---\n").unwrap().1;
    // Times, ports and who runs it are another's each time.
    let lines = |text: &str| -> Vec<String> {
        let text = text
            .replace("cargo run -p promoter --", "promoter")
            .replace("PORT", "0");
        let digits = text.replace(|c: char| c.is_ascii_digit(), "0");
        let port = |line: &str| match line.split_once("http://000.0.0.0:") {
            Some((before, _)) => before.to_owned(),
            None => line.to_owned(),
        };
        digits.trim().lines().map(port).collect()
    };
    let (shown, told) = (lines(&shown), lines(told));
    let differ = shown.iter().zip(&told).find(|(shown, told)| shown != told);
    assert_eq!(differ, None, "run docs/record-demo");
    assert_eq!(shown.len(), told.len(), "run docs/record-demo");
}

#[tokio::test]
async fn an_image_of_a_folder_goes_the_same_way() {
    let folder = tempfile::tempdir().unwrap();
    let image = sample::image("of a folder").unwrap();
    write(folder.path(), &image);
    let read = layout::read(folder.path()).unwrap();
    let (text, ended) = played(&cases::of_image(read)).await;
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
        error.starts_with("expected dev/website:1.4-stable to be promoted, found failed: "),
        "{error}"
    );
    assert!(!text.contains("What qa/website holds now"), "{text}");
}
