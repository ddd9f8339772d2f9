"""The way in: which events the rule lets through, and what may be sent to the queue."""

import json

import pytest

import cloudformation
from pattern import matches
from policy import lets

DIGEST = "sha256:" + "5e" * 32
OTHER_TAGS = {"cosign": f"sha256-{'5e' * 32}.att", "none": "", "plain": "1.2-stable"}

# Files of events/ that no row of the triggers' table names, and those that never come by a rule: direct requests.
NOT_FOR_US = {
    "archive.json",
    "artifact-action.json",
    "cloudtrail-call.json",
    "console-test.json",
    "image-promoted.json",
    "inspector-finding.json",
    "inspector-scan-ec2.json",
    "inspector-scan-lambda.json",
    "pull-through-cache-failed.json",
    "push-failure.json",
    "replication-failed.json",
    "request-digest.json",
    "request-tag.json",
    "scan-resource-change.json",
    "schedule.json",
}


def event(source, detail_type, **detail):
    return {"version": "0", "source": source, "detail-type": detail_type, "resources": [], "detail": detail}


def image_action(**detail):
    return event("aws.ecr", "ECR Image Action", **({"result": "SUCCESS", "repository-name": "dev/website", "image-digest": DIGEST} | detail))


@pytest.fixture(scope="module")
def rule():
    return cloudformation.source()["Resources"]["Rule"]["Properties"]


PASSING = {
    "push with a tag": image_action(**{"action-type": "PUSH", "image-tag": OTHER_TAGS["plain"]}),
    "push with cosign's tag": image_action(**{"action-type": "PUSH", "image-tag": OTHER_TAGS["cosign"]}),
    "push with an empty tag": image_action(**{"action-type": "PUSH", "image-tag": OTHER_TAGS["none"]}),
    "push without a tag": image_action(**{"action-type": "PUSH", "artifact-media-type": "application/spdx+json"}),
    "delete": image_action(**{"action-type": "DELETE", "image-tag": OTHER_TAGS["plain"]}),
    "restored from the archive": image_action(**{"action-type": "UPDATE_STORAGE_CLASS", "target-storage-class": "STANDARD"}),
    "referrer restored": event(
        "aws.ecr", "ECR Referrer Action", **{"action-type": "UPDATE_STORAGE_CLASS", "target-storage-class": "STANDARD", "result": "SUCCESS"}
    ),
    "referrer pushed": event("aws.ecr", "ECR Referrer Action", **{"action-type": "PUSH", "result": "SUCCESS", "image-digest": DIGEST}),
    "basic scan complete": event("aws.ecr", "ECR Image Scan", **{"scan-status": "COMPLETE", "image-digest": DIGEST}),
    "basic scan failed": event("aws.ecr", "ECR Image Scan", **{"scan-status": "FAILED", "image-digest": DIGEST}),
    "enhanced scan": event(
        "aws.inspector2",
        "Inspector2 Scan",
        **{
            "scan-status": "INITIAL_SCAN_COMPLETE",
            "repository-name": "arn:aws:ecr:eu-central-1:123456789012:repository/dev/website",
            "image-digest": DIGEST,
        },
    ),
    "replicated": event("aws.ecr", "ECR Replication Action", **{"action-type": "REPLICATE", "result": "SUCCESS"}),
    "pulled through the cache": event("aws.ecr", "ECR Pull Through Cache Action", **{"sync-status": "SUCCESS"}),
}
STOPPED = {
    "failed push": image_action(**{"action-type": "PUSH", "result": "FAILURE"}),
    "sent to the archive": image_action(**{"action-type": "UPDATE_STORAGE_CLASS", "target-storage-class": "ARCHIVE"}),
    "referrer archived": event(
        "aws.ecr", "ECR Referrer Action", **{"action-type": "UPDATE_STORAGE_CLASS", "target-storage-class": "ARCHIVE", "result": "SUCCESS"}
    ),
    "scan of an instance": event("aws.inspector2", "Inspector2 Scan", **{"scan-status": "INITIAL_SCAN_COMPLETE", "instance-id": "i-0123"}),
    "a finding": event("aws.inspector2", "Inspector2 Finding", severity="HIGH"),
    "replication failed": event("aws.ecr", "ECR Replication Action", **{"action-type": "REPLICATE", "result": "FAILED"}),
    "cache failed": event("aws.ecr", "ECR Pull Through Cache Action", **{"sync-status": "FAILED"}),
    "scanning switched": event("aws.ecr", "ECR Scan Resource Change", **{"action-type": "SCAN_FREQUENCY_CHANGE"}),
    "our own announcement": event("ecr-promoter", "Image Promoted", version=1),
    "another source's push": event("dev.example", "ECR Image Action", **{"action-type": "PUSH", "result": "SUCCESS"}),
    "no envelope": {"action-type": "PUSH", "result": "SUCCESS"},
}


@pytest.mark.parametrize("name", PASSING)
def test_every_row_of_the_triggers_passes(rule, name):
    assert matches(rule["EventPattern"], PASSING[name])


@pytest.mark.parametrize("name", STOPPED)
def test_anything_else_is_stopped(rule, name):
    assert not matches(rule["EventPattern"], STOPPED[name])


def sample_events():
    return sorted((cloudformation.ROOT / "events").glob("*.json"))


@pytest.mark.parametrize("path", sample_events(), ids=lambda path: path.name)
def test_the_sample_events_pass_unless_they_are_listed(rule, path):
    assert matches(rule["EventPattern"], json.loads(path.read_text())) == (path.name not in NOT_FOR_US)


@pytest.mark.skipif(not sample_events(), reason="no sample events")
def test_the_list_names_files_that_there_are():
    assert NOT_FOR_US <= {path.name for path in sample_events()}


def test_the_pattern_depends_on_nothing_of_the_account(rule):
    text = json.dumps(rule["EventPattern"])
    assert "Fn::" not in text and '"Ref"' not in text


def test_the_pattern_is_no_longer_than_eventbridge_takes(rule):
    # EventBridge quotas, "Event pattern size".
    assert len(json.dumps(rule["EventPattern"])) <= 2048


def test_what_cannot_be_delivered_is_kept(stack):
    (target,) = stack.properties("Rule")["Targets"]
    assert target["Arn"] == "Queue.Arn"
    assert target["DeadLetterConfig"] == {"Arn": "DeadLetterQueue.Arn"}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}


def test_the_queue_gives_the_function_time_and_chances(stack):
    queue, dead = stack.properties("Queue"), stack.properties("DeadLetterQueue")
    assert queue["RedrivePolicy"]["deadLetterTargetArn"] == "DeadLetterQueue.Arn"
    assert queue["RedrivePolicy"]["maxReceiveCount"] >= 5
    assert dead["MessageRetentionPeriod"] > queue["MessageRetentionPeriod"]
    assert queue["SqsManagedSseEnabled"] and dead["SqsManagedSseEnabled"]


@pytest.mark.parametrize("seconds", [900, 1800])
def test_a_message_is_hidden_for_six_invocations(template, seconds):
    assert seconds in template["Parameters"]["Timeout"]["AllowedValues"]
    stack = cloudformation.Stack(template, PromotionPaths="dev/* => qa/*", Timeout=str(seconds))
    assert stack.properties("Function")["Timeout"] == str(seconds)
    assert stack.properties("Queue")["VisibilityTimeout"] == 6 * seconds


def test_the_schedule_invokes_the_function_once_a_minute(stack):
    schedule = stack.properties("Schedule")
    assert schedule["ScheduleExpression"] == "rate(1 minute)"
    (target,) = schedule["Targets"]
    assert target["Arn"] == "Function.Arn"
    assert "Input" not in target, "the function knows a schedule by the event that EventBridge makes"
    permission = stack.properties("ScheduleInvokes")
    assert permission == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "Function",
        "Principal": "events.amazonaws.com",
        "SourceArn": "Schedule.Arn",
    }


def test_a_schedule_that_fails_is_kept_and_not_repeated(stack):
    (target,) = stack.properties("Schedule")["Targets"]
    assert target["DeadLetterConfig"] == {"Arn": "DeadLetterQueue.Arn"}
    assert target["RetryPolicy"] == {"MaximumEventAgeInSeconds": 60, "MaximumRetryAttempts": 0}
    (invocations,) = stack.of_type("AWS::Lambda::EventInvokeConfig").values()
    assert invocations["Properties"]["MaximumRetryAttempts"] == 0
    assert invocations["Properties"]["DestinationConfig"] == {"OnFailure": {"Destination": "DeadLetterQueue.Arn"}}


OPERATOR = "arn:aws:iam::123456789012:role/operator"
SENDERS = {
    "the rule": (dict(principal="events.amazonaws.com", source_arn="Rule.Arn"), True),
    "another rule": (dict(principal="events.amazonaws.com", source_arn="arn:aws:events:eu-central-1:123456789012:rule/other"), False),
    "the function": (dict(principal="Role.Arn", principal_arn="Role.Arn"), True),
    "another role": (dict(principal=OPERATOR, principal_arn=OPERATOR), False),
    "another service": (dict(principal="sns.amazonaws.com", source_arn="arn:aws:sns:eu-central-1:123456789012:topic"), False),
}


@pytest.mark.parametrize("name", SENDERS)
def test_only_the_rule_and_the_function_send(stack, name):
    caller, may = SENDERS[name]
    policy = stack.properties("QueuePolicy")
    assert policy["Queues"] == ["Queue"]
    assert lets(policy["PolicyDocument"], "sqs:SendMessage", **caller) == may


def test_a_role_of_ones_own_is_denied_whatever_its_own_policies_say_unless_it_redrives(template):
    def denied(**parameters):
        stack = cloudformation.Stack(template, PromotionPaths="dev/* => qa/*", **parameters)
        document = stack.properties("QueuePolicy")["PolicyDocument"]
        own = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}
        return not lets({"Statement": [*document["Statement"], own]}, "sqs:SendMessage", principal=OPERATOR, principal_arn=OPERATOR)

    assert denied()
    assert not denied(RedrivePrincipal="arn:aws:iam::123456789012:role/oper*")
    assert denied(RedrivePrincipal="arn:aws:iam::123456789012:role/else")


# Identity Center's roles have the Region in their path, but not where Identity Center lives in us-east-1.
ROLES = "arn:aws:iam::123456789012:role"
SSO = f"{ROLES}/aws-reserved/sso.amazonaws.com"


@pytest.mark.parametrize("path, may", [(f"{SSO}/eu-central-1", True), (SSO, True), (ROLES, False)])
def test_who_signs_in_by_single_sign_on_can_redrive(template, path, may):
    pattern = f"{SSO}*/AWSReservedSSO_Operator_*"
    assert pattern in template["Parameters"]["RedrivePrincipal"]["Description"]
    stack = cloudformation.Stack(template, PromotionPaths="dev/* => qa/*", RedrivePrincipal=pattern)
    role = f"{path}/AWSReservedSSO_Operator_0f3c"
    own = {"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage"}
    document = {"Statement": [*stack.properties("QueuePolicy")["PolicyDocument"]["Statement"], own]}
    assert lets(document, "sqs:SendMessage", principal=role, principal_arn=role) == may


def test_only_the_rules_send_dead_letters(stack):
    (statement,) = stack.properties("DeadLetterQueuePolicy")["PolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "events.amazonaws.com"}
    assert statement["Condition"] == {"ArnEquals": {"aws:SourceArn": ["Rule.Arn", "Schedule.Arn"]}}
