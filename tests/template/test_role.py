"""The function's role: nothing that it does not need, and never more than the paths."""

import importlib.resources
import json
import re

import pytest

import cloudformation

# The only statements that may name every resource, for AWS knows no narrower one.
EVERYTHING = {"RegistryPassword": ["ecr:GetAuthorizationToken"], "ReadEnhancedFindings": ["inspector2:ListCoverage", "inspector2:ListFindings"]}
EVIDENCE = {
    "ecr:DescribeImageScanFindings",
    "ecr:StartImageScan",
    "inspector2:ListCoverage",
    "inspector2:ListFindings",
}
READ = {"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"}
WRITE = {
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:DescribeImages",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
}


def listed(value):
    return value if isinstance(value, list) else [value]


def statements(stack):
    (policy,) = stack.properties("Role")["Policies"]
    return {one["Sid"]: one for one in policy["PolicyDocument"]["Statement"]}


def actions(statement):
    return listed(statement["Action"])


def with_parameters(template, **parameters):
    return cloudformation.Stack(template, **({"PromotionPaths": "dev/* => qa/*"} | parameters))


def test_there_is_one_role_and_no_managed_policy(stack):
    assert list(stack.of_type("AWS::IAM::Role")) == ["Role"]
    assert stack.properties("Function")["Role"] == "Role.Arn"
    assert "ManagedPolicyArns" not in stack.properties("Role")
    assert not stack.of_type("AWS::IAM::Policy") and not stack.of_type("AWS::IAM::ManagedPolicy")
    (trust,) = stack.properties("Role")["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}


def test_every_resource_is_named_but_where_aws_knows_none(stack):
    unnarrowed = {sid: actions(one) for sid, one in statements(stack).items() if "*" in listed(one["Resource"])}
    assert unnarrowed == EVERYTHING


def test_actions_are_spelled_out(template):
    stack = with_parameters(template, TablesKeyArn="arn:aws:kms:eu-central-1:123456789012:key/0f3c")
    wild = [action for one in statements(stack).values() for action in actions(one) if "*" in action]
    # The DynamoDB developer guide's own words for a customer managed key.
    assert wild == ["kms:GenerateDataKey*", "kms:ReEncrypt*"]
    assert all(one["Effect"] == "Allow" and "NotAction" not in one for one in statements(stack).values())


def test_nothing_in_ecr_is_deleted_or_made(stack):
    text = json.dumps(statements(stack))
    for forbidden in ["ecr:BatchDelete", "ecr:Delete", "ecr:Create", "ecr:Put(?!Image\")", "dynamodb:Delete", "iam:", "sts:"]:
        assert not re.search(forbidden, text), forbidden


def test_sources_are_read_and_targets_written(stack):
    assert set(actions(statements(stack)["ReadSources"])) == READ | {one for one in EVIDENCE if one.startswith("ecr:")}
    assert set(actions(statements(stack)["WriteTargets"])) == WRITE


def test_targets_are_made_where_the_parameter_says_so_and_nowhere_else(template):
    on, off = (statements(with_parameters(template, CreateTargets=switch)) for switch in ("true", "false"))
    assert set(actions(on["WriteTargets"])) == WRITE | {"ecr:CreateRepository", "ecr:TagResource"}
    assert set(on["WriteTargets"]["Resource"]) == {"arn:aws:ecr:eu-central-1:123456789012:repository/qa/*"}
    assert {sid: one for sid, one in on.items() if sid != "WriteTargets"} == {sid: one for sid, one in off.items() if sid != "WriteTargets"}
    assert off == statements(with_parameters(template)), "off by default"


def test_evidence_has_its_switch(template):
    def granted(stack):
        return {action for one in statements(stack).values() for action in actions(one)}

    on, off = (granted(with_parameters(template, ReadEvidence=switch)) for switch in ("true", "false"))
    assert on - off == EVIDENCE and off < on


@pytest.mark.parametrize(
    "sid, resource, wanted",
    [
        ("ReadPolicies", "Policies.Arn", {"dynamodb:ConditionCheckItem", "dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"}),
        ("WriteStatus", "Policies.Arn", {"dynamodb:UpdateItem"}),
        ("ReadEdits", "Policies.StreamArn", {f"dynamodb:{verb}" for verb in ["DescribeStream", "GetRecords", "GetShardIterator"]}),
        ("ListEdits", "Policies.Arn/stream/*", {"dynamodb:ListStreams"}),
        ("ListRepositories", "arn:aws:ecr:eu-central-1:123456789012:repository/*", {"ecr:DescribeRepositories"}),
        (
            "KeepLedger",
            "Promotions.Arn",
            {f"dynamodb:{verb}" for verb in ["BatchGetItem", "ConditionCheckItem", "GetItem", "PutItem", "Query", "UpdateItem"]},
        ),
        (
            "WorkQueue",
            "Queue.Arn",
            {f"sqs:{verb}" for verb in ["ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage", "SendMessage"]},
        ),
        ("ReadDueWork", "Promotions.Arn/index/due", {"dynamodb:Query"}),
        ("KeepFailures", "DeadLetterQueue.Arn", {"sqs:SendMessage"}),
        ("Announce", "arn:aws:events:eu-central-1:123456789012:event-bus/default", {"events:PutEvents"}),
        ("WriteLog", "LogGroup.Arn", {"logs:CreateLogStream", "logs:PutLogEvents"}),
    ],
)
def test_its_own_things_and_no_more(stack, sid, resource, wanted):
    statement = statements(stack)[sid]
    assert listed(statement["Resource"]) == [resource]
    assert set(actions(statement)) == wanted


def test_it_announces_under_its_own_name(stack):
    assert statements(stack)["Announce"]["Condition"] == {"ForAllValues:StringEquals": {"events:source": "ecr-promoter"}}


def test_of_a_policy_it_writes_the_status_alone(stack):
    # A condition expression counts, too, and a request without attributes must not pass for one that names none other.
    assert statements(stack)["WriteStatus"]["Condition"] == {
        "ForAllValues:StringEquals": {"dynamodb:Attributes": ["source", "name", "status"]},
        "Null": {"dynamodb:Attributes": "false"},
    }
    on_policies = {action for one in statements(stack).values() if "Policies.Arn" in listed(one["Resource"]) for action in actions(one)}
    assert not {"dynamodb:PutItem", "dynamodb:DeleteItem", "dynamodb:BatchWriteItem"} & on_policies


EIGHT = [(f"team{n}/dev/*", f"team{n}/qa/*") for n in range(8)]
PATHS = {
    "one": ([("dev/*", "qa/*")], {"dev/*"}, {"qa/*"}),
    "a chain": ([("dev/*", "qa/*"), ("qa/*", "prod/*")], {"dev/*", "qa/*"}, {"qa/*", "prod/*"}),
    "the same rest on both sides": ([("dev/{rest}", "qa/{rest}")], {"dev/*"}, {"qa/*"}),
    "one repository": ([("dev/website", "qa/website")], {"dev/website"}, {"qa/website"}),
    "everything": ([("*", "*")], {"*"}, {"*"}),
    "three": ([("a/*", "b/*"), ("c/*", "d/*"), ("e/*", "f/*")], {"a/*", "c/*", "e/*"}, {"b/*", "d/*", "f/*"}),
    "eight": (EIGHT, {source for source, _ in EIGHT}, {target for _, target in EIGHT}),
}


@pytest.mark.parametrize("name", PATHS)
def test_the_paths_are_the_roles_repositories(template, name):
    pairs, sources, targets = PATHS[name]
    paths = ", ".join(f"{source} => {target}" for source, target in pairs)
    assert re.search(template["Parameters"]["PromotionPaths"]["AllowedPattern"], paths)
    stack = with_parameters(template, PromotionPaths=paths)
    prefix = "arn:aws:ecr:eu-central-1:123456789012:repository/"
    for sid, wanted in [("ReadSources", sources), ("WriteTargets", targets)]:
        assert set(statements(stack)[sid]["Resource"]) == {prefix + pattern for pattern in wanted}, sid


@pytest.mark.parametrize(
    "paths",
    [
        "",
        "dev/*",
        "dev/*=>qa/*",
        "dev/* => qa/*,qa/* => prod/*",
        "dev/* => qa/*, ",
        "dev* => qa/*",
        "Dev/* => qa/*",
        "dev/* => qa/*; prod/* => x/*",
        ", ".join(f"a{n}/* => b{n}/*" for n in range(9)),
    ],
)
def test_paths_that_the_role_could_not_take_apart_are_refused(template, paths):
    assert not re.search(template["Parameters"]["PromotionPaths"]["AllowedPattern"], paths)


def test_reading_an_image_is_no_use_of_it_unless_the_account_has_no_room(template, stack):
    assert stack.properties("PullTimeExclusion") == {"PrincipalArn": "Role.Arn"}
    assert "PullTimeExclusion" not in with_parameters(template, ExcludePullTimes="false").resources


def test_it_signs_with_the_profile_that_is_named_and_else_not_at_all(template, stack):
    profile = "arn:aws:signer:eu-central-1:123456789012:/signing-profiles/containers"
    assert re.search(template["Parameters"]["SigningProfileArn"]["AllowedPattern"], profile)
    sign = statements(with_parameters(template, SigningProfileArn=profile))["Sign"]
    assert (actions(sign), sign["Resource"]) == (["signer:SignPayload"], profile)
    assert "Sign" not in statements(stack)


def test_every_action_of_ecr_is_one_that_iam_knows(stack):
    known = json.loads((importlib.resources.files("cfnlint.data.AdditionalSpecs") / "Policies.json").read_text())["ecr"]["Actions"]
    used = {action for one in statements(stack).values() for action in actions(one) if action.startswith("ecr:")}
    assert {action.removeprefix("ecr:").lower() for action in used} <= {action.lower() for action in known}
