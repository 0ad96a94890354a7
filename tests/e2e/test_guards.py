"""The guards of these tests bite: on foreign hosts, inline code, barriers and a focus that is not shown."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.axe import barriers
from tests.e2e.chromium_watch import Watch
from tests.e2e.keyboard import check_seen, round_trip
from tests.e2e.product import Product

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("act", "words"),
    [
        ("document.head.append(Object.assign(document.createElement('script'), {text: 'go()'}))", "script-src"),
        ("document.body.setAttribute('style', 'color: red')", "style-src"),
        ("fetch('https://elsewhere.example/').catch(() => {})", "connect-src"),
        ("setTimeout(() => { throw new Error('broken') })", "broken"),
        ("fetch('/no/such/file.js')", "404"),
    ],
)
def test_they_hear_what_a_page_may_not_do(act: str, words: str, chromium_browser: Browser, product: Product):
    with chromium_browser.new_context() as context:
        watch = Watch(context, [product.url])
        page = context.new_page()
        page.goto(product.url + "/demo/")
        assert watch.faults == []
        page.evaluate(f"() => {{ {act} }}")
        page.wait_for_timeout(300)
        assert any(words in fault for fault in watch.faults), watch.faults


def test_they_see_a_request_to_another_host(chromium_browser: Browser, product: Product):
    with chromium_browser.new_context(bypass_csp=True) as context:
        watch = Watch(context, [product.url])
        page = context.new_page()
        page.goto(product.url + "/demo/")
        page.evaluate("() => fetch('https://elsewhere.example/').catch(() => {})")
        assert "A request to another host: https://elsewhere.example/" in watch.faults


def test_they_see_a_field_without_a_label(page: Page, product: Product):
    page.goto(product.url + "/demo/")
    page.evaluate("() => document.querySelector('main').append(document.createElement('input'))")
    assert any("label" in barrier for barrier in barriers(page))


def test_they_see_a_focus_that_is_not_shown(page: Page, product: Product):
    page.goto(product.url + "/account/login/")
    name = page.get_by_label("User name or e-mail")
    name.focus()
    check_seen(page)
    name.evaluate("element => element.style.setProperty('outline', 'none', 'important')")
    with pytest.raises(AssertionError, match="is not shown"):
        check_seen(page)


def test_they_see_a_page_that_keeps_the_focus(page: Page, product: Product):
    page.goto(product.url + "/account/login/")
    name = page.get_by_label("User name or e-mail")
    name.evaluate("element => element.addEventListener('blur', () => element.focus())")
    name.focus()
    expect(name).to_be_focused()
    with pytest.raises(AssertionError, match="does not come round"):
        round_trip(page)
