"""Takes the pictures of docs/ui.md: docs/record-ui runs it."""

import os
import sys

import registry
from playwright.sync_api import sync_playwright

PICTURES = {
    "ui-overview": ("/ui/", "light", 1100, 760),
    "ui-image": ("/ui/image?name=dev/website:1.0-stable", "light", 1100, 900),
    "ui-dark": ("/ui/", "dark", 400, 800),
}


def main(folder: str):
    site = registry.filled()
    with sync_playwright() as playwright:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=os.environ["CHROMIUM"], args=arguments)
        for name, (screen, scheme, width, height) in PICTURES.items():
            page = browser.new_page(color_scheme=scheme, viewport={"width": width, "height": height})
            page.goto(f"{site.url}{screen}")
            page.screenshot(path=f"{folder}/{name}.png")
    site.close()


main(sys.argv[1])
