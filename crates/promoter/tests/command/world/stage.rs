//! An AWS with a table of policies, and documents beside it.

use std::process::Output;

use aws_sdk_dynamodb::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
    types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
        ScalarAttributeType,
    },
};
use aws_smithy_runtime_api::client::http::http_client_fn;
use serde_json::Value;

use super::Aws;

/// An AWS with a table of policies, and a folder of documents.
pub(crate) struct Stage {
    pub(crate) aws: Aws,
    pub(crate) dynamodb: Client,
    pub(crate) folder: tempfile::TempDir,
}

impl Stage {
    pub(crate) async fn new() -> Self {
        let aws = Aws::new().await;
        let connector = aws.local.connector();
        let config = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("us-east-1"))
            .endpoint_url(format!("http://{}", ecr_promoter_local::HOST_IN_PROCESS))
            .credentials_provider(Credentials::new("local", "local", None, None, "test"))
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        let dynamodb = Client::from_conf(config);
        let mut create = dynamodb.create_table().table_name("policies");
        for (name, kind) in [("source", KeyType::Hash), ("name", KeyType::Range)] {
            let attribute = AttributeDefinition::builder().attribute_name(name);
            let attribute = attribute.attribute_type(ScalarAttributeType::S).build();
            let key = KeySchemaElement::builder()
                .attribute_name(name)
                .key_type(kind);
            create = create
                .attribute_definitions(attribute.unwrap())
                .key_schema(key.build().unwrap());
        }
        let create = create.billing_mode(BillingMode::PayPerRequest);
        create.send().await.unwrap();
        Self {
            aws,
            dynamodb,
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn file(&self, name: &str, document: &Value) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, document.to_string()).unwrap();
        path.to_str().unwrap().to_owned()
    }

    pub(crate) async fn run(&self, arguments: &[&str]) -> Output {
        self.aws.promoter(&[&["policy"], arguments].concat()).await
    }

    /// How many policies the table holds.
    pub(crate) async fn count(&self) -> i32 {
        let scan = self.dynamodb.scan().table_name("policies");
        scan.consistent_read(true).send().await.unwrap().count
    }

    /// Writes an item as the console would, valid or not.
    pub(crate) async fn item(&self, name: &str, more: &[(&str, AttributeValue)]) {
        let mut put = self.dynamodb.put_item().table_name("policies");
        put = put.item("source", AttributeValue::S("dev/website".to_owned()));
        put = put.item("name", AttributeValue::S(name.to_owned()));
        for (key, value) in more {
            put = put.item(*key, value.clone());
        }
        put.send().await.unwrap();
    }
}
