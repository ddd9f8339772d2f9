"""The script that proves a deployed stack, on the embedded AWS. What that does not speak, SAM and CloudFormation, is played by two
programs; the tables that they make are protected, as those of the template are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

PROMOTE = Path(__file__).parent.parent / "account" / "promote"
CLIENTS = Path(sys.executable).parent
TABLES = ["try-policies", "try-promotions"]

SAM = """#!/usr/bin/env bash
set -e
case "$1" in
deploy)
    [[ "$DEPLOYS" != never ]]
    for table in $TABLES; do
        "$CLIENTS/aws" dynamodb create-table --table-name "$table" --billing-mode PAY_PER_REQUEST \\
            --attribute-definitions AttributeName=pk,AttributeType=S --key-schema AttributeName=pk,KeyType=HASH \\
            --deletion-protection-enabled
    done
    touch "$PLAYED/stack"
    [[ "$DEPLOYS" == whole ]]
    ;;
delete)
    [[ "$STACK" == goes ]]
    rm "$PLAYED/stack"
    ;;
esac
"""

AWS = """#!/usr/bin/env bash
set -e
case "$1 $2" in
"cloudformation describe-stacks") echo policies ;;
"cloudformation describe-stack-resources")
    if [[ ! -e "$PLAYED/stack" ]]; then
        echo "An error occurred (ValidationError): Stack with id $4 does not exist" >&2
        exit 254
    fi
    printf '%s\\t' $TABLES
    ;;
"dynamodb update-table")
    [[ "$PROTECTION" == goes ]]
    exec "$CLIENTS/aws" "$@"
    ;;
*) exec "$CLIENTS/aws" "$@" ;;
esac
"""


class Account:
    """The embedded AWS, and the means to run the script there."""

    def __init__(self, aws, played: Path):
        self.aws = aws
        self.played = played
        for name, text in [("sam", SAM), ("aws", AWS)]:
            program = played / name
            program.write_text(text)
            program.chmod(0o755)

    def run(self, *command, **variables: str) -> subprocess.CompletedProcess:
        environment = {
            "PATH": f"{CLIENTS}:{os.environ['PATH']}",
            "AWS_ENDPOINT_URL": self.aws.url,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        } | variables
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)

    def play(self, deploys: str, stack: str, protection: str) -> subprocess.CompletedProcess:
        return self.run(
            PROMOTE,
            PATH=f"{self.played}:{os.environ['PATH']}",
            CLIENTS=str(CLIENTS),
            PLAYED=str(self.played),
            TABLES=" ".join(TABLES),
            DEPLOYS=deploys,
            STACK=stack,
            PROTECTION=protection,
        )

    def tables(self) -> list[str]:
        """Those that the stack made."""
        listed = self.run("aws", "dynamodb", "list-tables", "--query", "TableNames", "--output", "text")
        return [name for name in listed.stdout.split() if name in TABLES]

    def repositories(self) -> list[str]:
        listed = self.run(
            "aws", "ecr", "describe-repositories", "--query", "repositories[].repositoryName", "--output", "text"
        )
        return [name for name in listed.stdout.split() if name.startswith("ecr-promoter-try-")]


@pytest.fixture
def account(promoting, tmp_path):
    account = Account(promoting, tmp_path)
    yield account
    for table in account.tables():
        account.run("aws", "dynamodb", "update-table", "--table-name", table, "--no-deletion-protection-enabled")
        account.run("aws", "dynamodb", "delete-table", "--table-name", table)


def test_an_image_is_promoted_end_to_end_by_the_aws_cli(account):
    done = account.run(PROMOTE, "--deployed", POLICIES_TABLE="policies")
    assert done.returncode == 0, done.stderr
    assert "the same digest" in done.stderr
    assert account.repositories() == []
    policies = account.run("aws", "dynamodb", "scan", "--table-name", "policies", "--select", "COUNT", "--query", "Count")
    assert policies.stdout.strip() == "0", policies


@pytest.mark.parametrize(
    ("deploys", "stack", "protection", "promoted", "left"),
    [
        ("whole", "goes", "goes", True, []),
        ("in part", "goes", "goes", False, []),
        ("never", "goes", "goes", False, []),
        ("whole", "goes", "stays", True, ["the table try-policies", "the table try-promotions"]),
        ("in part", "goes", "stays", False, ["the table try-policies", "the table try-promotions"]),
        ("whole", "stays", "goes", True, ["the stack"]),
    ],
)
def test_protected_tables_of_a_stack_that_was_removed_stayed(account, deploys, stack, protection, promoted, left):
    done = account.play(deploys, stack, protection)
    assert ("the same digest" in done.stderr) == promoted, done.stderr
    assert (done.returncode == 0) == (promoted and not left), done.stderr
    named = [line for line in done.stderr.splitlines() if "not removed: " in line]
    assert len(named) == len(left), done.stderr
    assert all(what in line for what, line in zip(left, named)), done.stderr
    assert account.tables() == [name for name in TABLES if f"the table {name}" in left]
    assert account.repositories() == []


def test_a_protected_table_is_not_deleted(account):
    account.play("in part", "goes", "stays")
    refused = account.run("aws", "dynamodb", "delete-table", "--table-name", TABLES[0])
    assert "ValidationException" in refused.stderr and "protected against deletion" in refused.stderr, refused
    assert account.tables() == TABLES
