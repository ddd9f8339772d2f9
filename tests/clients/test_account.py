"""The script that proves a deployed stack, on the embedded AWS: all of it but the deployment itself."""

import os
import subprocess
import sys
from pathlib import Path

PROMOTE = Path(__file__).parent.parent / "account" / "promote"


def test_an_image_is_promoted_end_to_end_by_the_aws_cli(promoting):
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "AWS_ENDPOINT_URL": promoting.url,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "POLICIES_TABLE": "policies",
    }
    done = subprocess.run(
        [PROMOTE, "--deployed"], env=environment, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "the same digest" in done.stderr
    listed = promoting.promoter("explain", "ecr-promoter-try-0/dev/website:1.0-stable")
    assert listed.returncode != 0, "nothing is left"
