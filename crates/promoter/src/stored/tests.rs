use ecr_promoter_core::{node::Node, policy::PolicyKey};

use super::table::{Table, Written};
use crate::local::{account::tests::with_repository, tables};

fn node(suffix: &str, more: &str) -> Node {
    let text = format!(
        r#"{{"source": "dev/website", "name": "stable", "criteria": [{{"attribute": "tag",
            "operator": "ends_with", "value": "{suffix}"}}], "target": {{"repository": "qa/website"}}{more}}}"#
    );
    Node::from_json(&text).unwrap()
}

#[tokio::test]
async fn a_newer_edit_keeps_the_upper_hand() {
    let (account, ..) = with_repository().await;
    tables::make(&account.aws, "policies", "promotions")
        .await
        .unwrap();
    let table = Table::new(account.aws.dynamodb.clone(), "policies");
    let key = PolicyKey {
        source: "dev/website".to_owned(),
        name: "stable".to_owned(),
    };
    let first = node("stable", "");
    assert_eq!(table.put(&key, &first, None).await.unwrap(), Written::Done);
    let again = table.put(&key, &first, None).await.unwrap();
    assert_eq!(again, Written::Changed, "somebody made it meanwhile");
    let seen = table.get(&key).await.unwrap().unwrap();

    for (case, edit, written) in [
        ("another value", node("release", ""), Written::Changed),
        (
            "a key more",
            node("stable", r#", "enabled": false"#),
            Written::Changed,
        ),
        ("the same again", node("stable", ""), Written::Done),
    ] {
        let now = table.get(&key).await.unwrap();
        assert_eq!(
            table.put(&key, &edit, now.as_ref()).await.unwrap(),
            Written::Done
        );
        let over = table
            .put(&key, &node("mine", ""), Some(&seen))
            .await
            .unwrap();
        assert_eq!(over, written, "{case}");
    }
    let deleted = table.delete(&key, &seen).await.unwrap();
    assert_eq!(deleted, Written::Changed, "it is mine by now");
    let seen = table.get(&key).await.unwrap().unwrap();
    assert_eq!(table.delete(&key, &seen).await.unwrap(), Written::Done);
    assert!(table.get(&key).await.unwrap().is_none());
}
