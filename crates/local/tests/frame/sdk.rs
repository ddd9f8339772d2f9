//! The real SDK, in the same process: what it sends is understood, what comes back is typed as on AWS.

use aws_credential_types::Credentials;
use aws_sdk_dynamodb::{
    error::SdkError,
    types::{
        AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType,
        ScalarAttributeType,
    },
};
use aws_smithy_runtime_api::client::http::{SharedHttpClient, http_client_fn};
use ecr_promoter_local::{Fault, Local, Options};

fn client(local: &Local) -> SharedHttpClient {
    let connector = local.connector();
    http_client_fn(move |_, _| connector.clone())
}

fn credentials() -> Credentials {
    Credentials::new("key", "secret", None, None, "test")
}

fn dynamodb(local: &Local) -> aws_sdk_dynamodb::Client {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Builder, Region, retry::RetryConfig};
    let config = Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials())
        .retry_config(RetryConfig::disabled())
        .endpoint_url("http://local")
        .http_client(client(local));
    aws_sdk_dynamodb::Client::from_conf(config.build())
}

fn sqs(local: &Local) -> aws_sdk_sqs::Client {
    use aws_sdk_sqs::config::{BehaviorVersion, Builder, Region};
    let config = Builder::new()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("us-east-1"))
        .credentials_provider(credentials())
        .endpoint_url("http://local")
        .http_client(client(local));
    aws_sdk_sqs::Client::from_conf(config.build())
}

async fn make_table(client: &aws_sdk_dynamodb::Client) {
    let key = KeySchemaElement::builder()
        .attribute_name("pk")
        .key_type(KeyType::Hash);
    let attribute = AttributeDefinition::builder()
        .attribute_name("pk")
        .attribute_type(ScalarAttributeType::S);
    let request = client
        .create_table()
        .table_name("things")
        .billing_mode(BillingMode::PayPerRequest);
    let request = request
        .key_schema(key.build().unwrap())
        .attribute_definitions(attribute.build().unwrap());
    request.send().await.unwrap();
}

fn put(
    client: &aws_sdk_dynamodb::Client,
    key: &str,
) -> aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder {
    let item = AttributeValue::S(key.to_owned());
    client
        .put_item()
        .table_name("things")
        .item("pk", item)
        .condition_expression("attribute_not_exists(pk)")
}

#[tokio::test]
async fn a_conditional_write_fails_when_its_answer_was_lost() {
    let local = Local::open(Options::default()).unwrap();
    let client = dynamodb(&local);
    make_table(&client).await;
    let lost = Fault::refuse("dynamodb:PutItem", "ConnectionReset", 0, 1)
        .after_effect()
        .matching("first");
    local.set_faults(vec![lost]);
    put(&client, "other").send().await.unwrap();
    let error = put(&client, "first").send().await.unwrap_err();
    assert!(matches!(error, SdkError::DispatchFailure(failure) if failure.is_io()));
    let error = put(&client, "first")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_conditional_check_failed_exception(), "{error:?}");
    assert_eq!(local.requests()["dynamodb:PutItem"], 3);
}

#[tokio::test]
async fn a_fault_is_the_error_that_it_names_and_has_no_effect() {
    let local = Local::open(Options::default()).unwrap();
    let client = dynamodb(&local);
    make_table(&client).await;
    local.set_faults(vec![Fault::refuse(
        "dynamodb:PutItem",
        "ThrottlingException",
        400,
        1,
    )]);
    let error = put(&client, "first")
        .send()
        .await
        .unwrap_err()
        .into_service_error();
    assert!(error.is_throttling_exception(), "{error:?}");
    put(&client, "first").send().await.unwrap();
}

#[tokio::test]
async fn messages_pass_and_errors_are_typed() {
    let local = Local::open(Options::default()).unwrap();
    let client = sqs(&local);
    let url = client
        .get_queue_url()
        .queue_name("promoter")
        .send()
        .await
        .unwrap();
    let url = url.queue_url().unwrap();
    assert_eq!(url, local.queue_url("http://local"));
    client
        .send_message()
        .queue_url(url)
        .message_body("hello")
        .send()
        .await
        .unwrap();
    let received = client
        .receive_message()
        .queue_url(url)
        .send()
        .await
        .unwrap();
    let message = &received.messages()[0];
    assert_eq!(message.body(), Some("hello"));
    let handle = message.receipt_handle().unwrap();
    client
        .delete_message()
        .queue_url(url)
        .receipt_handle(handle)
        .send()
        .await
        .unwrap();

    let other = url.replace("promoter", "other");
    let error = client
        .send_message()
        .queue_url(other)
        .message_body("x")
        .send()
        .await
        .unwrap_err();
    assert!(error.into_service_error().is_queue_does_not_exist());
    let error = client
        .send_message()
        .queue_url(url)
        .message_body("\u{1}")
        .send()
        .await
        .unwrap_err();
    assert!(error.into_service_error().is_invalid_message_contents());
    let change = client
        .change_message_visibility()
        .queue_url(url)
        .receipt_handle("x")
        .visibility_timeout(1);
    let error = change.send().await.unwrap_err();
    assert!(error.into_service_error().is_receipt_handle_is_invalid());
}
