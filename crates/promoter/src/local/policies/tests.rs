use ecr_promoter_core::Registry;
use ecr_promoter_local::Options;
use tokio::net::TcpListener;

use super::*;
use crate::local::{account::Account, function::Environment};

async fn account() -> Account {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let registry = Registry::new("000000000000", "us-east-1").unwrap();
    let account = Account::open(Options::default(), registry, listener).unwrap();
    let config = Environment::of(&account.queue_url(), |_| None)
        .config()
        .unwrap();
    account.make_tables(&config).await.unwrap();
    account
}

async fn names(account: &Account) -> Vec<String> {
    let scan = account
        .aws
        .dynamodb
        .scan()
        .table_name("policies")
        .send()
        .await
        .unwrap();
    let mut names: Vec<String> = scan
        .items()
        .iter()
        .map(|item| item["name"].as_s().unwrap().clone())
        .collect();
    names.sort();
    names
}

fn policy(name: &str) -> String {
    format!(r#"{{"source": "dev/a", "name": "{name}", "target": {{"repository": "qa/a"}}}}"#)
}

#[tokio::test]
async fn the_table_follows_the_files() {
    let account = account().await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.json", &format!("[{}, {}]", policy("one"), policy("two")));
    write(
        "b.yaml",
        "source: dev/b\nname: three\ntarget: {repository: qa/b}\n",
    );
    let paths = Paths::parse("dev/* => qa/*").unwrap();
    let mut follower = Folder::new(folder.path().to_owned(), "policies", paths);
    follower.open(None).unwrap();

    let loaded = follower.load(&account.aws).await;
    assert_eq!(loaded.to_string(), "3 policies loaded");
    assert_eq!(names(&account).await, ["one", "three", "two"]);
    assert!(!follower.has_changed());

    write("a.json", &policy("one-renamed"));
    write("c.json", "{ broken");
    write("d.json", &policy("outside").replace("qa/a", "prod/a"));
    assert!(follower.has_changed());
    let loaded = follower.load(&account.aws).await;
    assert_eq!(
        loaded.to_string(),
        "3 policies loaded (2 written, 2 deleted)"
    );
    assert_eq!(loaded.mistakes.len(), 1, "{loaded:?}");
    assert_eq!(loaded.warnings.len(), 1, "{loaded:?}");
    assert!(
        loaded.warnings[0].contains("inside the paths"),
        "{loaded:?}"
    );
    assert_eq!(names(&account).await, ["one-renamed", "outside", "three"]);

    std::fs::remove_file(folder.path().join("b.yaml")).unwrap();
    follower.load(&account.aws).await;
    assert_eq!(names(&account).await, ["one-renamed", "outside"]);
}

#[tokio::test]
async fn of_two_documents_with_one_key_the_first_stands_until_it_goes() {
    let account = account().await;
    let folder = tempfile::tempdir().unwrap();
    let second = policy("one").replace("qa/a", "qa/second");
    std::fs::write(folder.path().join("a.json"), policy("one")).unwrap();
    std::fs::write(folder.path().join("b.json"), second).unwrap();
    let paths = Paths::parse("*").unwrap();
    let mut follower = Folder::new(folder.path().to_owned(), "policies", paths);
    let loaded = follower.load(&account.aws).await;
    assert_eq!(
        (loaded.policies, loaded.mistakes.len()),
        (1, 1),
        "{loaded:?}"
    );
    std::fs::remove_file(folder.path().join("a.json")).unwrap();
    let loaded = follower.load(&account.aws).await;
    assert_eq!(
        (loaded.written, loaded.mistakes.len()),
        (1, 0),
        "{loaded:?}"
    );
}

#[tokio::test]
async fn a_file_that_went_while_nobody_looked_takes_its_policies_along() {
    let account = account().await;
    let (folder, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let file = folder.path().join("a.json");
    std::fs::write(&file, policy("one")).unwrap();
    let follower = || {
        Folder::new(
            folder.path().to_owned(),
            "policies",
            Paths::parse("*").unwrap(),
        )
    };
    let mut before = follower();
    before.open(Some(data.path())).unwrap();
    before.load(&account.aws).await;
    std::fs::remove_file(&file).unwrap();
    let mut after = follower();
    after.open(Some(data.path())).unwrap();
    let loaded = after.load(&account.aws).await;
    assert_eq!(
        loaded.to_string(),
        "0 policies loaded (0 written, 1 deleted)"
    );
    assert_eq!(names(&account).await, [""; 0]);
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let paths = Paths::parse("*").unwrap();
    let mut folder = Folder::new("/none/at/all".into(), "policies", paths);
    let error = folder.open(None).unwrap_err().to_string();
    assert!(
        error.starts_with("cannot read the policies in \"/none/at/all\": "),
        "{error}"
    );
}

#[test]
fn a_document_keeps_its_types_as_an_item() {
    let node = Node::from_json(r#"{"a": [1, "1", true, null, {"b": 0}]}"#).unwrap();
    insta::assert_debug_snapshot!(item(&node)["a"], @r#"
    L(
        [
            N(
                "1",
            ),
            S(
                "1",
            ),
            Bool(
                true,
            ),
            Null(
                true,
            ),
            M(
                {
                    "b": N(
                        "0",
                    ),
                },
            ),
        ],
    )
    "#);
}
