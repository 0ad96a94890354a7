"""Takes the pictures of the README anew: python -m tests.e2e.pictures

From a county of 4,000 people, so that a caseload is as full as an officer's.
"""

from __future__ import annotations

import sys

from playwright.sync_api import Page, sync_playwright

from tests import chromium
from tests.e2e.conftest import PHONE, QUIET, WIDE
from tests.e2e.navigators import Officer, Participant
from tests.e2e.product import HOME, running

IMAGES = HOME / "docs" / "images"
PEOPLE = 4000
SEED = 1  # as `waymark run` loads it
HEIGHT = 800


def main() -> None:
    program = chromium.program()
    if not program:
        sys.exit(f"The pictures are taken with Chromium. Install it: {chromium.INSTALL}")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with running(PEOPLE, SEED) as product, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)

        officer = Officer(browser.new_context(viewport=WIDE).new_page(), product.url)
        officer.sign_in()
        take(officer.page, "officer-home", HEIGHT)
        officer.open_case("Culp", "Culp, Christopher", "WD82270")
        officer.follow("Credits, month by month")
        officer.open_square("April 2017")
        officer.page.get_by_text("April 2017 was not earned").wait_for()
        officer.page.mouse.move(0, 0)
        officer.page.evaluate("() => { document.activeElement.blur(); scrollTo(0, 0); }")
        take(officer.page, "credits", HEIGHT)

        participant = Participant(browser.new_context(viewport=PHONE).new_page(), product.url)
        participant.sign_in()
        take(participant.page, "participant", PHONE["height"])
        browser.close()


def take(page: Page, name: str, height: int) -> None:
    width = page.viewport_size["width"]
    page.screenshot(path=IMAGES / f"{name}.png", clip={"x": 0, "y": 0, "width": width, "height": height})
    print(f"docs/images/{name}.png")


if __name__ == "__main__":
    main()
