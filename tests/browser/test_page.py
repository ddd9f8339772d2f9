"""The page in a real browser, as a person uses it."""

import subprocess

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from registry import HOSTILE

SCREENS = [
    "/ui/",
    "/ui/waiting",
    "/ui/image?name=dev/website:1.0-stable",
    "/ui/image?name=qa/website:1.1-stable",
    "/ui/repository?name=dev/website",
    "/ui/repository?name=qa/website",
    "/ui/policy?source=dev/website&name=clean",
    "/ui/policy?source=dev/website&name=broken",
    "/ui/image?name=dev/website:none",
]


def test_from_the_search_to_the_broken_criterion_of_a_held_image(page):
    page.goto("/ui/")
    page.get_by_role("searchbox").fill("dev/website:1.0-stable")
    page.get_by_role("button", name="Look").click()
    expect(page.get_by_text("CVE-2026-0042").first).to_be_visible()
    expect(page.get_by_text("update openssl 3.0.13 → 3.0.14")).to_be_visible()
    expect(page.get_by_text("promoter retry dev/website:1.0-stable").first).to_be_visible()


def test_from_a_tile_to_the_image(page):
    page.goto("/ui/")
    page.get_by_role("link", name="1 held").click()
    expect(page.locator("table.outcomes tbody tr")).to_have_count(1)
    page.get_by_role("link", name="dev/website:1.0-stable").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("dev/website:1.0-stable")


def test_outcomes_are_filtered(page):
    page.goto("/ui/")
    rows = page.locator("table.outcomes tbody tr")
    expect(rows).to_have_count(3)
    page.get_by_label("Outcome").select_option("promoted")
    page.get_by_label("Since").fill("24h")
    page.get_by_role("button", name="Filter").click()
    expect(rows).to_have_count(1)
    assert "outcome=promoted" in page.url and "since=24h" in page.url
    page.get_by_role("link", name="Show all").click()
    expect(rows).to_have_count(3)


def test_a_promoted_tag_says_where_it_came_from(page):
    page.goto("/ui/repository?name=qa/website")
    page.get_by_role("link", name="qa/website:1.1-stable").first.click()
    expect(page.get_by_role("heading", name="Where it came from")).to_be_visible()
    expect(page.get_by_role("link", name="dev/website:1.1-stable").first).to_be_visible()


def test_what_waits_says_for_what(page):
    page.goto("/ui/")
    page.get_by_role("link", name="1 waiting now").click()
    expect(page.get_by_role("row", name="dev/website:1.2-stable")).to_contain_text("evidence")


def test_a_policy_with_a_mistake_is_shown_at_its_place(page):
    page.goto("/ui/")
    strip = page.get_by_role("alert")
    expect(strip).to_contain_text("2 policies have a mistake")
    strip.get_by_role("link", name="dev/website broken").click()
    expect(page.get_by_role("alert")).to_contain_text("criteria[0].attribute")
    expect(page.get_by_role("alert")).to_contain_text("tag")


def test_hostile_names_are_words(page):
    page.goto("/ui/")
    page.get_by_role("link", name="dev/api <script>").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("<script>document.title='hostile'</script>\\u{202e}\\u{9b}31m")
    assert "hostile" != page.title()
    assert HOSTILE not in page.content()


def test_the_keyboard_is_enough(page):
    page.goto("/ui/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("dev/website:1.0-stable")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1.0-stable")
    met = page.locator(".criteria .met summary").first
    for _ in range(40):
        if met.evaluate("one => one === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(met).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".criteria .met details").first).to_have_attribute("open", "")


@pytest.mark.parametrize("screen", SCREENS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1920])
def test_everybody_can_read_it(page, screen, scheme, width):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(screen)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width, f"{wide} pixels in a window of {width}"
    # axe is a script of the test's own, which the page rightly keeps out: it is asked in a page that takes it.
    page.context.new_cdp_session(page).send("Page.setBypassCSP", {"enabled": True})
    page.goto(screen)
    found = Axe().run(page).response["violations"]
    serious = [one["id"] for one in found if one["impact"] in ("serious", "critical")]
    assert serious == []


def test_it_is_complete_without_a_script(chromium, site):
    context = chromium.new_context(base_url=site.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/ui/")
    page.get_by_role("searchbox").fill("dev/website:1.0-stable")
    page.get_by_role("button", name="Look").click()
    expect(page.get_by_text("CVE-2026-0042").first).to_be_visible()
    context.close()


# The last one: the others count what there was before.
def test_the_first_screen_shows_a_push_by_itself(page, site):
    page.goto("/ui/")
    row = page.get_by_role("link", name="dev/website:2.0-stable")
    expect(row).to_have_count(0)
    host = site.url.removeprefix("http://")
    copied = subprocess.run(
        ["skopeo", "copy", "--src-tls-verify=false", "--dest-tls-verify=false", "--src-creds=AWS:x", "--dest-creds=AWS:x"]
        + [f"docker://{host}/dev/website:{tag}" for tag in ("1.1-stable", "2.0-stable")],
        capture_output=True, check=False, timeout=120,
    )
    assert copied.returncode == 0, copied.stderr
    expect(row.first).to_be_visible(timeout=30_000)
