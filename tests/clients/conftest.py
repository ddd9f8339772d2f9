"""An embedded AWS for the tests: `promoter local` as a process, found by its first line on stdout."""

import os
import subprocess
import urllib.request

import pytest

PROMOTER = os.environ["PROMOTER"]
REPOSITORY = "dev/website"


class Aws:
    """The address of a running `promoter local`, and the command pointed at it."""

    def __init__(self, url: str):
        self.url = url
        self.host = url.removeprefix("http://")

    def promoter(self, *arguments: str) -> subprocess.CompletedProcess:
        environment = {
            "PATH": os.environ["PATH"],
            "AWS_ENDPOINT_URL": self.url,
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "x",
            "AWS_SECRET_ACCESS_KEY": "x",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        return subprocess.run(
            [PROMOTER, *arguments], env=environment, capture_output=True, text=True, check=False
        )


    def settled(self):
        """Waits until nothing is under way."""
        with urllib.request.urlopen(f"{self.url}/_local/idle?timeout=60", timeout=90) as answer:
            assert answer.status == 200


def serve(*arguments: str, **variables: str):
    """The embedded AWS, until the tests end. The function gets these variables."""
    command = [PROMOTER, "local", "--listen", "127.0.0.1:0", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | variables)
    try:
        ready, url = process.stdout.readline().split()
        assert ready == "ready"
        yield Aws(url)
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture(scope="session")
def aws():
    """Without the function: what is pushed stays as it is."""
    yield from serve("--no-function", "--repositories", REPOSITORY)


@pytest.fixture(scope="session")
def promoting():
    """With the function."""
    yield from serve()


@pytest.fixture(scope="session")
def making():
    """With the function, which makes target repositories that are missing."""
    yield from serve("--repositories", REPOSITORY, CREATE_TARGETS="true")
