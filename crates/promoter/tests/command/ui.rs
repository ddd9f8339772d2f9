//! `promoter ui` as a process, on a deployment of the embedded AWS, asked as a browser asks.

use crate::world::{deployed::Deployed, ui::Ui};
use ecr_promoter_local::Fault;
use serde_json::{Value, json};

fn clean(name: &str) -> Value {
    json!({
        "source": "dev/website", "name": name,
        "criteria": [
            {"attribute": "tag", "operator": "ends_with", "value": "stable"},
            {"attribute": "vulnerabilities.critical", "operator": "=", "value": 0},
        ],
        "target": {"repository": "qa/website"},
    })
}

const CRITICAL: [&str; 5] = ["CVE-2026-0042", "CRITICAL", "openssl", "3.0.13", "3.0.14"];

/// One image that is held, and one that is promoted.
async fn held_and_promoted() -> Deployed {
    let world = Deployed::new().await;
    world.policy(&clean("clean")).await;
    for (content, tag, findings) in [("a", "1-stable", &[CRITICAL][..]), ("b", "2-stable", &[])] {
        let digest = world.aws.bare("dev/website", content, tag).await;
        world.aws.scan("dev/website", &digest, findings);
    }
    world.settle().await;
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn the_screens_lead_from_the_outcome_to_the_finding() {
    let world = held_and_promoted().await;
    let ui = Ui::of(&world, &[]).await;
    for (path, words) in [
        (
            "/ui/",
            vec![
                ">held<",
                ">promoted<",
                "dev/website:1-stable",
                "qa/website:2-stable",
                "vulnerabilities.critical",
            ],
        ),
        ("/ui/?outcome=held", vec!["dev/website:1-stable"]),
        (
            "/ui/?repository=dev/website&since=24h",
            vec!["dev/website:1-stable"],
        ),
        (
            "/ui/?policy=dev/website+clean",
            vec!["dev/website:1-stable"],
        ),
        ("/ui/waiting", vec!["Nothing waits"]),
        (
            "/ui/image?name=dev/website:1-stable",
            vec![
                "CVE-2026-0042",
                "3.0.13",
                "3.0.14",
                "promoter retry dev/website:1-stable",
            ],
        ),
        (
            "/ui/image?name=qa/website:2-stable",
            vec!["Where it came from", "dev/website:2-stable"],
        ),
        (
            "/ui/repository?name=dev/website",
            vec!["enabled", "dev/website:1-stable"],
        ),
        (
            "/ui/repository?name=qa/website",
            vec!["dev/website:2-stable", "stands on sha256:"],
        ),
        (
            "/ui/policy?source=dev/website&name=clean",
            vec!["ends_with", ">enabled<", "dev/website:2-stable"],
        ),
    ] {
        let page = ui.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.body);
        for word in words {
            assert!(
                page.body.contains(word),
                "{path}: no {word:?} in {}",
                page.body
            );
        }
        for header in ["default-src 'none'", "nosniff", "no-referrer", "no-store"] {
            assert!(page.head.contains(header), "{path}: {}", page.head);
        }
        assert!(
            !page.body.contains("<style") && !page.body.contains(" style="),
            "{path}"
        );
    }
    let filtered = ui.get("/ui/?outcome=held").await.body;
    assert!(!filtered.contains("dev/website:2-stable"), "{filtered}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_search_finds_the_screen() {
    let world = held_and_promoted().await;
    let ui = Ui::of(&world, &[]).await;
    let uri = "000000000000.dkr.ecr.us-east-1.amazonaws.com/dev/website:1-stable";
    for (words, to) in [
        (
            "dev/website:1-stable",
            "/ui/image?name=dev/website:1-stable",
        ),
        (uri, "/ui/image?name=dev/website:1-stable"),
        ("dev/website", "/ui/repository?name=dev/website"),
        (
            "dev/website+clean",
            "/ui/policy?source=dev/website&name=clean",
        ),
        ("", "/ui/"),
    ] {
        let page = ui.get(&format!("/ui/search?q={words}")).await;
        assert_eq!(page.status, 303, "{words}: {}", page.body);
        assert!(
            page.head.contains(&format!("location: {to}\r\n")),
            "{words}: {}",
            page.head
        );
    }
    let digest = world.aws.bare("dev/website", "a", "other").await;
    let found = ui.get(&format!("/ui/search?q={}", &digest[..20])).await;
    assert_eq!(found.status, 200, "{}", found.body);
    assert!(
        found.body.contains("dev/website:1-stable"),
        "{}",
        found.body
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_shown_is_a_page_with_the_right_status() {
    let world = held_and_promoted().await;
    let ui = Ui::of(&world, &[]).await;
    for (path, status, words) in [
        ("/ui/image?name=dev/website:none", 404, "no tag"),
        ("/ui/image?name=dev/none:1", 404, "there is no repository"),
        ("/ui/image?name=a/../b:1", 400, "cannot be looked for"),
        ("/ui/image", 400, "cannot be looked for"),
        ("/ui/repository?name=dev/none", 404, "Not found"),
        (
            "/ui/policy?source=dev/website&name=none",
            404,
            "there is no policy",
        ),
        ("/ui/policy", 400, "source and name"),
        ("/ui/?outcome=lost", 400, "expected an outcome"),
        ("/ui/?since=yesterday", 400, "expected a time"),
        ("/ui/?policy=x", 400, "source and name"),
        ("/ui/search?q=sha256:12", 400, "digits"),
        ("/ui/search?q=sha256:123456", 404, "REPOSITORY@"),
        (
            "/ui/search?q=999999999999.dkr.ecr.us-east-1.amazonaws.com/dev/website:1",
            400,
            "is in the registry",
        ),
        ("/ui/nothing", 404, "there is no page"),
    ] {
        let page = ui.get(path).await;
        assert_eq!(page.status, status, "{path}: {}", page.body);
        assert!(page.body.contains(words), "{path}: {}", page.body);
        assert!(
            page.body.ends_with("</html>"),
            "{path}: half a page: {}",
            page.body
        );
    }
    for (method, host, status) in [
        ("GET", "evil.example", 403),
        ("POST", "", 405),
        ("DELETE", "", 405),
    ] {
        let own = format!("127.0.0.1:{}", ui.port);
        let page = ui
            .ask(method, "/ui/", if host.is_empty() { &own } else { host })
            .await;
        assert_eq!(page.status, status, "{method} {host}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tables_that_cannot_be_read_say_what_to_do() {
    let world = held_and_promoted().await;
    for table in ["--promotions-table", "--policies-table"] {
        let none = Ui::of(&world, &[table, "other"]).await;
        let page = none.get("/ui/").await;
        assert_eq!(
            (page.status, page.body.contains(table)),
            (404, true),
            "{}",
            page.body
        );
    }
    let ui = Ui::of(&world, &[]).await;
    // The ledger is queried, the policies are scanned.
    for operation in ["dynamodb:Query", "dynamodb:Scan"] {
        for (code, status, words) in [
            ("AccessDeniedException", 403, "docs/command.md"),
            ("ExpiredTokenException", 403, "Sign in again"),
            ("ValidationException", 502, "AWS refused this"),
        ] {
            let fault = Fault::refuse(operation, code, 400, 99);
            world.aws.local.set_faults(vec![fault]);
            let page = ui.get("/ui/").await;
            assert_eq!(page.status, status, "{operation} {code}: {}", page.body);
            assert!(
                page.body.contains(words),
                "{operation} {code}: {}",
                page.body
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_words_stay_words() {
    let world = held_and_promoted().await;
    let hostile = "<script>alert(1)</script>\u{202e}\u{9b}31m";
    world
        .policy(&json!({"source": "dev/website", "name": hostile}))
        .await;
    world
        .policy(&json!({"source": "\"><img src=x>", "name": "n"}))
        .await;
    let ui = Ui::of(&world, &[]).await;
    let escaped = "%3Cscript%3Ealert%281%29%3C/script%3E%E2%80%AE%C2%9B31m";
    for path in [
        "/ui/".to_owned(),
        "/ui/repository?name=dev/website".to_owned(),
        format!("/ui/policy?source=dev/website&name={escaped}"),
        format!("/ui/image?name={escaped}"),
        format!("/ui/search?q={escaped}"),
        format!("/ui/?repository={escaped}"),
        format!("/ui/{escaped}"),
    ] {
        let page = ui.get(&path).await;
        for word in ["<script>alert", "<img", "\u{202e}", "\u{9b}"] {
            assert!(
                !page.body.contains(word),
                "{path}: {word:?} in {}",
                page.body
            );
        }
    }
    assert!(ui.get("/ui/").await.body.contains("2 policies have"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_screen_costs_a_bounded_number_of_requests() {
    let world = held_and_promoted().await;
    let ui = Ui::of(&world, &[]).await;
    for (path, most) in [
        ("/ui/", 100),
        ("/ui/?outcome=held", 100),
        ("/ui/waiting", 10),
        ("/ui/image?name=dev/website:1-stable", 25),
        ("/ui/repository?name=dev/website", 10),
        ("/ui/policy?source=dev/website&name=clean", 10),
    ] {
        world.aws.local.reset_requests();
        assert_eq!(ui.get(path).await.status, 200, "{path}");
        let requests = world.aws.local.requests();
        let all: u64 = requests.values().sum();
        assert!(all <= most, "{path}: {all} requests: {requests:?}");
    }
}
