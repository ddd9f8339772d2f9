"""The template, read and translated once for all tests."""

import pytest

import cloudformation


@pytest.fixture(scope="session")
def template():
    return cloudformation.translated()


@pytest.fixture(scope="session")
def stack(template):
    """The stack under the parameters that `sam deploy` has from samconfig.toml."""
    return cloudformation.Stack(template, PromotionPaths="dev/* => qa/*")
