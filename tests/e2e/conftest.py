"""A running product and a browser; each test gets a browser context of its own, watched for what may not happen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests import chromium
from tests.e2e import product as products
from tests.e2e.chromium_watch import Watch
from tests.e2e.product import Product

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
QUIET = [  # of a browser's own wishes to telephone home
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
]
WAIT_MS = 20_000

NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="package")
def product() -> Iterator[Product]:
    with products.running() as running:
        yield running


@pytest.fixture(scope="package")  # not longer: while it runs, Django takes the thread for an asynchronous one
def chromium_browser() -> Iterator[Browser]:
    program = chromium.program()
    assert program, f"These tests drive Chromium. Install it: {chromium.INSTALL}"
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def new_context(chromium_browser: Browser, product: Product) -> Iterator[NewContext]:
    """Makes watched contexts. What the watch heard fails the test at its end."""
    made: list[tuple[BrowserContext, Watch]] = []

    def new_context(**options: Any) -> BrowserContext:
        context = chromium_browser.new_context(**{"viewport": WIDE, "accept_downloads": True, **options})
        context.set_default_timeout(WAIT_MS)
        made.append((context, Watch(context, [product.url, product.real_url])))
        return context

    yield new_context
    for context, _ in made:
        context.close()
    faults = [fault for _, watch in made for fault in watch.faults]
    assert not faults, "\n".join(faults)


@pytest.fixture
def page(new_context: NewContext) -> Page:
    return new_context().new_page()
