"""The daily work with the keyboard alone. The focus is seen at every stop, and no page keeps it."""

from __future__ import annotations

from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.keyboard import check_seen, has_focus, round_trip, tab_to
from tests.e2e.navigators import (
    Administrator,
    Auditor,
    Judge,
    MonitoringStaff,
    Officer,
    Opened,
    Participant,
    Supervisor,
    a_year_ago,
)
from tests.e2e.product import Product
from waymark.web.clock import today

pytestmark = pytest.mark.browser


def test_it_lets_an_officer_work_by_keyboard_alone(page: Page, new_context: NewContext, product: Product):
    opened = Opened("Verity", "Eastlake", "26SL-CR90020-01")
    before = Officer(new_context().new_page(), product.url)
    before.sign_in()
    before.open_new_case(opened, date(1992, 8, 30), a_year_ago())

    officer = Officer(page, product.url)
    officer.go("/demo/")
    enter(page, page.get_by_role("button", name="Rosa Alvarez"))
    page.wait_for_url("**/caseload/")

    page.keyboard.press("Tab")
    assert has_focus(page.get_by_role("link", name="Skip to main content"))
    check_seen(page)
    page.keyboard.press("Enter")
    assert has_focus(page.get_by_role("main"))
    page.keyboard.press("Tab")
    assert page.evaluate("() => Boolean(document.activeElement.closest('main'))"), "the next stop is in the main part"

    page.keyboard.press("/")
    assert has_focus(page.get_by_role("banner").get_by_role("searchbox"))
    check_seen(page)
    page.keyboard.type("Eastlake")
    page.keyboard.press("Enter")
    page.wait_for_url("**/people/?q=Eastlake")
    enter(page, officer.link(opened.name))
    expect(officer.link(opened.number).first).to_be_visible()
    enter(page, officer.region("Cases and terms").get_by_role("link", name=opened.number))
    enter(page, officer.link("Credits, month by month"))

    first = f"{a_year_ago():%B %Y}"
    enter(page, officer.link(f"{first}: "))
    expect(page.get_by_text(f"{first} was")).to_be_visible()
    page.keyboard.press("Tab")
    check_seen(page)

    event = page.get_by_role("group", name="An event")
    choose_first(page, officer.field("Suppose this happens", event))
    type_in(page, officer.field("On", event), f"{today()}")
    enter(page, page.get_by_role("button", name="Show the dates"))
    page.wait_for_url("**/what-if/**")
    assert "would be on" in officer.headline

    enter(page, officer.link(f"Case {opened.number}"))
    enter(page, officer.link("Enter what happened"))
    choose_first(page, officer.field("What happened"))
    type_in(page, officer.field("On what day"), f"{today()}")
    enter(page, page.get_by_role("button", name="Check what it does"))
    enter(page, page.get_by_role("button", name="Save it"))
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()


def test_it_lets_a_participant_change_the_language_by_keyboard(new_context: NewContext, product: Product):
    participant = Participant(new_context(viewport=PHONE).new_page(), product.url)
    participant.sign_in()
    page = participant.page
    for _ in range(2):
        before = participant.language
        enter(page, page.get_by_role("button", name="English" if before == "es" else "Español"))
        page.wait_for_function("before => document.documentElement.lang !== before", arg=before)


@pytest.mark.parametrize(
    ("role", "path"),
    [
        (Officer, "/caseload/"),
        (Officer, "/people/"),
        (Officer, "/people/new/"),
        (Supervisor, "/unit/"),
        (Judge, "/court/"),
        (MonitoringStaff, "/monitoring/"),
        (MonitoringStaff, "/monitoring/drive-by/"),
        (Participant, "/my/"),
        (Participant, "/my/schedule/ask/"),
        (Auditor, "/audit/"),
        (Administrator, "/accounts/new/"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.role,
)
def test_it_never_keeps_the_focus(role, path: str, page: Page, product: Product):
    visitor = role(page, product.url)
    visitor.sign_in()
    visitor.go(path)
    stops = round_trip(page)
    assert len(stops) > 3, stops


def test_it_never_keeps_the_focus_on_a_case(page: Page, product: Product):
    officer = Officer(page, product.url)
    officer.sign_in()
    officer.open_case("Culp", "Culp, Christopher", "WD82270")
    assert round_trip(page)
    officer.follow("Credits, month by month")
    stops = round_trip(page)
    assert sum("2017" in stop for stop in stops) == 12, "each month's square is a stop"


def test_it_never_keeps_the_focus_on_a_map(page: Page, product: Product):
    staff = MonitoringStaff(page, product.url)
    staff.sign_in()
    staff.go("/monitoring/fleet/?show=worn")
    page.get_by_role("row").filter(has_text="GPS bracelet").first.get_by_role("link").nth(1).click()
    staff.follow("Draw a zone")
    expect(page.get_by_role("button", name="Zoom in")).to_be_visible()
    assert "a +" in round_trip(page), "the map is among the stops"
    page.go_back()
    staff.follow("The day on the map")
    expect(page.get_by_role("button", name="Zoom in")).to_be_visible()
    assert {"a +", "input moment"} <= set(round_trip(page))


def enter(page: Page, target: Locator) -> None:
    expect(target).to_be_visible()
    tab_to(page, target)
    page.keyboard.press("Enter")


def type_in(page: Page, field: Locator, words: str) -> None:
    tab_to(page, field)
    page.keyboard.type(words)


def choose_first(page: Page, field: Locator) -> None:
    """The first thing in a list after “choose one” or “nothing”: a violation report, both times."""
    tab_to(page, field)
    page.keyboard.press("ArrowDown")
    expect(field.locator("option:checked")).to_have_text("Violation report submitted")
