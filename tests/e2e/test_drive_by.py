"""The drive-by page on a phone that loses its network: it opens, keeps what was heard, and sends it once later."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.e2e.conftest import WAIT_MS
from tests.e2e.navigators import Visitor
from tests.e2e.product import Product

pytestmark = pytest.mark.browser

PHONE = {"width": 360, "height": 780}
PATH = "/monitoring/drive-by/"


class MonitoringStaff(Visitor):
    role = "Monitoring"

    def check_first(self, place: str) -> None:
        """Write down that the first person on the list was heard."""
        self.page.get_by_role("link", name="Check").first.click()
        self.page.get_by_text("Heard", exact=True).click()
        self.page.get_by_label("Place").fill(place)
        self.press("Save the visit")


@pytest.fixture
def phone(chromium_browser: Browser, product: Product) -> Iterator[BrowserContext]:
    """Not watched: a phone without a network reports every request it cannot make."""
    spot = {"latitude": 38.6501, "longitude": -90.3302, "accuracy": 9}
    context = chromium_browser.new_context(viewport=PHONE, geolocation=spot, permissions=["geolocation"])
    context.set_default_timeout(WAIT_MS)
    yield context
    context.close()


@pytest.fixture
def staff(phone: BrowserContext, product: Product) -> MonitoringStaff:
    staff = MonitoringStaff(phone.new_page(), product.url)
    staff.sign_in()
    staff.go(PATH)
    staff.page.locator("[data-ready=offline]").wait_for()
    return staff


def unsent(page: Page) -> int:
    return int(
        page.evaluate("() => Object.keys(localStorage).reduce((n, k) => n + JSON.parse(localStorage[k]).length, 0)")
    )


def test_it_keeps_visits_without_a_network_and_sends_each_once(staff: MonitoringStaff, phone: BrowserContext):
    page, place = staff.page, "In front of the bakery"
    phone.set_offline(True)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("drive-by check")
    staff.check_first(place)
    expect(page.get_by_role("status").first).to_contain_text("1 visit on this phone, not yet sent")
    page.reload()
    assert unsent(page) == 1
    kept = page.evaluate("() => JSON.stringify(localStorage)")
    phone.set_offline(False)
    expect(page.get_by_role("status").first).to_contain_text("Sent: 1 visit")
    assert unsent(page) == 0
    # The answer was lost on the way, so the phone sends it again.
    page.evaluate("(kept) => Object.entries(JSON.parse(kept)).forEach(([k, v]) => localStorage.setItem(k, v))", kept)
    staff.go(PATH)
    expect(page.get_by_role("status").first).to_contain_text("Sent: 1 visit")
    staff.go(PATH)
    assert page.get_by_text(place).count() == 1
    assert staff.fits


def test_it_adds_the_position_when_asked(staff: MonitoringStaff):
    page = staff.page
    page.get_by_role("button", name="Add my position").click()
    expect(page.get_by_text("Added, within 9 m.")).to_be_visible()
    staff.check_first("By the river")
    expect(page.get_by_role("status").first).to_contain_text("Sent: 1 visit")


def test_it_says_what_is_missing_before_anything_is_kept(staff: MonitoringStaff):
    staff.press("Save the visit")
    expect(staff.page.get_by_role("alert")).to_contain_text("choose a person")
    assert unsent(staff.page) == 0


def test_it_takes_the_list_off_the_phone_when_its_reader_signs_out(staff: MonitoringStaff, phone: BrowserContext):
    staff.sign_out()
    staff.page.wait_for_url(lambda address: PATH not in address)
    phone.set_offline(True)
    response = staff.go(PATH)
    assert response.status == 503
    assert "no list of today" in staff.page.content()
