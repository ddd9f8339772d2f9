"""A browser, and the page to look at."""

import os

import pytest
import registry
from playwright.sync_api import sync_playwright


@pytest.fixture(scope="session")
def site():
    filled = registry.filled()
    yield filled
    filled.close()


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        # As root, as in a container, Chromium has no sandbox.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=arguments)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, site):
    context = chromium.new_context(base_url=site.url)
    page = context.new_page()
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    # Refused pages say so in the console; what the policy of contents forbids, or a script breaks on, is ours.
    assert [problem for problem in problems if "status of 4" not in problem] == []
