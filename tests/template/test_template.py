"""The function, its tables and its alarms: that the parts of template.yaml fit each other and the code."""

import json
import pathlib
import re
import shlex
import tomllib

import botocore.session
import pytest
from botocore.validate import ParamValidator

import cloudformation

TABLES = json.loads((pathlib.Path(__file__).parent / "tables.json").read_text())
# What the function reads at its start, and where the value has to come from.
ENVIRONMENT = {
    "POLICIES_TABLE": "Policies",
    "PROMOTIONS_TABLE": "Promotions",
    "PROMOTION_PATHS": "dev/* => qa/*",
    "QUEUE_URL": "Queue",
    "EVENT_BUS": "default",
    "SETTLE_SECONDS": "120",
    "PUT_IMAGE_RATE": "5",
    "MAX_CONCURRENCY": "10",
    "SCAN_MAX_AGE": "30",
    "SCAN_ON_DEMAND": "true",
    "CREATE_TARGETS": "false",
    "UNSCANNABLE": "hold",
}


def toml(name):
    return tomllib.loads((cloudformation.ROOT / name).read_text())


def test_the_environment_is_the_functions(stack):
    assert stack.properties("Function")["Environment"]["Variables"] == ENVIRONMENT


def test_the_function_is_the_binary_that_cargo_builds():
    function = cloudformation.source()["Resources"]["Function"]
    binaries = [binary["name"] for binary in toml("Cargo.toml")["bin"]]
    assert function["Metadata"]["BuildMethod"] == "rust-cargolambda"
    assert [function["Metadata"]["BuildProperties"]["Binary"]] == binaries == [function["Properties"]["Handler"]]


def test_a_panic_costs_its_own_record_in_the_artefact_too():
    # Where the profile says nothing, cargo-lambda builds with "abort".
    assert toml("Cargo.toml")["profile"]["release"]["panic"] == "unwind"


def test_the_function_runs_as_it_was_measured(stack):
    function = stack.properties("Function")
    assert (function["Runtime"], function["Architectures"]) == ("provided.al2023", ["arm64"])
    assert (function["MemorySize"], function["Timeout"]) == (512, "900")
    assert function["RecursiveLoop"] == "Terminate", "no chain of its own messages comes near the limit"
    assert function["LoggingConfig"]["LogFormat"] == "JSON"
    assert function["LoggingConfig"]["LogGroup"] == "LogGroup"
    assert "VpcConfig" not in function


def mapping_of(stack, arn):
    mappings = stack.of_type("AWS::Lambda::EventSourceMapping").values()
    assert {one["Properties"]["EventSourceArn"] for one in mappings} == {"Queue.Arn", "Policies.StreamArn"}
    (mapping,) = [one for one in mappings if one["Properties"]["EventSourceArn"] == arn]
    return mapping


def test_edited_policies_come_from_the_tables_stream_and_a_failed_one_is_kept(stack):
    mapping = mapping_of(stack, "Policies.StreamArn")["Properties"]
    assert mapping["StartingPosition"] == "TRIM_HORIZON"
    assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["DestinationConfig"] == {"OnFailure": {"Destination": "DeadLetterQueue.Arn"}}
    assert (mapping["MaximumRetryAttempts"], mapping["MaximumRecordAgeInSeconds"]) == (20, 3600)
    (filtered,) = mapping["FilterCriteria"]["Filters"]
    assert json.loads(filtered["Pattern"]) == {"eventName": ["INSERT", "MODIFY"]}


def test_one_message_at_a_time_and_only_the_failed_come_back(stack):
    mapping = mapping_of(stack, "Queue.Arn")
    assert mapping["Properties"]["BatchSize"] == 1
    assert mapping["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
    assert mapping["Properties"]["ScalingConfig"] == {"MaximumConcurrency": "10"}


@pytest.mark.parametrize("name, resource", [("policies", "Policies"), ("promotions", "Promotions")])
def test_the_tables_are_those_of_the_code(stack, name, resource):
    keys = ["BillingMode", "KeySchema", "AttributeDefinitions", "GlobalSecondaryIndexes"]
    table = stack.properties(resource)
    wanted = dict(TABLES[name])
    stream = wanted.pop("StreamSpecification", None)
    assert {key: table[key] for key in keys if key in table} == wanted
    # CloudFormation enables a stream by naming its view.
    assert table.get("StreamSpecification") == (stream and {"StreamViewType": stream["StreamViewType"]})
    assert not {"ProvisionedThroughput", "LocalSecondaryIndexes", "TableName"} & set(table)


def test_the_policies_alone_have_a_stream():
    assert TABLES["policies"]["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert "StreamSpecification" not in TABLES["promotions"]


@pytest.mark.parametrize("name", TABLES)
def test_the_tables_are_requests_that_dynamodb_takes(name):
    shape = botocore.session.get_session().get_service_model("dynamodb").operation_model("CreateTable").input_shape
    request = TABLES[name] | {"TableName": name}
    report = ParamValidator().validate(request, shape)
    assert not report.has_errors(), report.generate_report()
    used = [key["AttributeName"] for index in [request, *request.get("GlobalSecondaryIndexes", [])] for key in index["KeySchema"]]
    assert used == [one["AttributeName"] for one in request["AttributeDefinitions"]], "DynamoDB refuses attributes that no key uses"


def test_the_ledger_has_its_four_indexes():
    indexes = {index["IndexName"]: index for index in TABLES["promotions"]["GlobalSecondaryIndexes"]}
    assert list(indexes) == ["due", "by_repository", "by_policy", "by_target"]
    for name, index in indexes.items():
        assert [key["AttributeName"] for key in index["KeySchema"]] == [f"{name}_pk", f"{name}_sk"]
        assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["summary"]}


@pytest.mark.parametrize("name", ["Policies", "Promotions"])
def test_the_tables_outlive_mistakes(template, stack, name):
    table = stack.resources[name]
    assert table["DeletionPolicy"] == table["UpdateReplacePolicy"] == "Retain"
    assert table["Properties"]["DeletionProtectionEnabled"] is True
    assert table["Properties"]["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] is True
    assert table["Properties"]["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS"}
    key = "arn:aws:kms:eu-central-1:123456789012:key/0f3c"
    keyed = cloudformation.Stack(template, PromotionPaths="dev/* => qa/*", TablesKeyArn=key)
    assert keyed.properties(name)["SSESpecification"]["KMSMasterKeyId"] == key


def test_history_alone_expires(stack):
    assert "TimeToLiveSpecification" not in stack.properties("Policies")
    assert stack.properties("Promotions")["TimeToLiveSpecification"] == {"AttributeName": "expires_at", "Enabled": True}


@pytest.mark.parametrize("seconds", [900, 1800])
def test_somebody_is_told(template, seconds):
    stack = cloudformation.Stack(template, PromotionPaths="dev/* => qa/*", Timeout=str(seconds))
    alarms = [alarm["Properties"] for alarm in stack.of_type("AWS::CloudWatch::Alarm").values()]
    watched = {(alarm["MetricName"], alarm["Dimensions"][0]["Value"], alarm["Threshold"]) for alarm in alarms}
    assert watched == {
        ("ApproximateNumberOfMessagesVisible", "DeadLetterQueue.QueueName", 0),
        ("ApproximateAgeOfOldestMessage", "Queue.QueueName", 4 * seconds),
        ("Errors", "Function", 0),
        ("Throttles", "Function", 0),
        ("Duration", "Function", 900 * seconds),
    }
    assert all(alarm["TreatMissingData"] == "notBreaching" and "AlarmActions" not in alarm for alarm in alarms)
    topic = "arn:aws:sns:eu-central-1:123456789012:alarms"
    told = cloudformation.Stack(template, PromotionPaths="dev/* => qa/*", AlarmTopicArn=topic)
    for alarm in told.of_type("AWS::CloudWatch::Alarm").values():
        assert alarm["Properties"]["AlarmActions"] == alarm["Properties"]["OKActions"] == [topic]


def test_samconfig_sets_parameters_that_there_are(template):
    given = toml("samconfig.toml")["default"]["deploy"]["parameters"]["parameter_overrides"]
    overrides = dict(word.split("=", 1) for word in shlex.split(given))
    for name, value in overrides.items():
        assert re.search(template["Parameters"][name].get("AllowedPattern", ""), value), f"{name}={value}"
    required = {name for name, parameter in template["Parameters"].items() if "Default" not in parameter}
    assert required <= set(overrides)


def test_every_parameter_says_what_it_is_and_its_default_is_allowed(template):
    for name, parameter in template["Parameters"].items():
        assert parameter["Description"], name
        if "Default" in parameter and "AllowedPattern" in parameter:
            assert re.search(parameter["AllowedPattern"], parameter["Default"]), name
