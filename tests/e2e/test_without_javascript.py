"""Without JavaScript everything can be read and followed, and facts can be entered."""

from __future__ import annotations

import re
from datetime import date

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import NewContext
from tests.e2e.crawl import reachable
from tests.e2e.navigators import (
    Administrator,
    Auditor,
    Evaluator,
    Judge,
    MonitoringStaff,
    Officer,
    Opened,
    Participant,
    Supervisor,
    Visitor,
    a_year_ago,
)
from tests.e2e.product import Product
from waymark.web.clock import today

pytestmark = pytest.mark.browser

ENTRIES = re.compile(r"_(new|edit|correct|void|remove|end|meet|close|lift|undo|merge)$")


@pytest.fixture
def page(new_context: NewContext) -> Page:
    return new_context(java_script_enabled=False).new_page()


@pytest.mark.parametrize(
    "role",
    [Officer, Supervisor, MonitoringStaff, Judge, Participant, Auditor, Administrator, Evaluator],
    ids=lambda role: role.role,
)
def test_it_shows_every_reading_page(role: type[Visitor], page: Page, product: Product):
    visitor = role(page, product.url)
    visitor.sign_in()
    for paths in reachable(visitor, of_a_kind=2, leave_out=ENTRIES).values():
        visitor.go(paths[0])
        assert visitor.headline.strip(), paths[0]
        regions = page.get_by_role("region", include_hidden=True).all()
        hidden = [region for region in regions if not region.is_visible() and not is_a_map(region)]
        assert not hidden, paths[0]
        waiting = page.get_by_role("main").get_by_text(re.compile(r"^(Loading|Please wait)")).count()
        assert not waiting, paths[0]


def is_a_map(region: Locator) -> bool:
    """Scripts draw it; what it shows stands beside it as a table or in words."""
    called = region.get_attribute("aria-label") or region.get_attribute("aria-labelledby") or ""
    return called.lower().startswith("map")


def test_it_tells_why_culp_s_probation_ended(page: Page, product: Product):
    officer = Officer(page, product.url)
    officer.sign_in()
    officer.search("Culp")
    officer.follow("Culp, Christopher")
    officer.follow("Cases, terms and timeline")
    officer.follow("WD82270")
    officer.follow("Credits, month by month")
    assert officer.headline == "C. Culp reached discharge on Friday, June 1, 2018."
    officer.open_square("March 2017")
    reason = page.get_by_text("March 2017 was not earned").locator("..")
    expect(reason).to_contain_text("a violation report was submitted on 2017-03-16")
    page.get_by_text("Findings, each with its place in the law").click()
    expect(officer.region("How this was decided").get_by_text("217.703.1", exact=True).first).to_be_visible()


def test_it_gives_every_list_as_a_file(page: Page, product: Product):
    supervisor = Supervisor(page, product.url)
    supervisor.sign_in()
    for link in page.get_by_role("link", name="Download as CSV").all():
        assert len(supervisor.download(link)) > 1
    supervisor.search("Culp")
    header, *rows = supervisor.download(supervisor.link("Download as CSV"))
    assert header
    assert any("Culp" in cell for row in rows for cell in row)


def test_it_lets_facts_be_entered(page: Page, product: Product):
    officer, opened = Officer(page, product.url), Opened("Wystan", "Fairley", "26SL-CR90030-01")
    officer.sign_in()
    officer.open_new_case(opened, date(1988, 5, 5), a_year_ago())
    officer.enter("Violation report submitted", "no day at all", "Sent by e-filing.")
    expect(page.get_by_role("alert")).to_contain_text("there is no such day")
    expect(officer.field("Remark")).to_have_value("Sent by e-filing.")
    expect(officer.field("On what day")).to_have_value("no day at all")
    officer.fill(On_what_day=f"{today()}")
    officer.press("Check what it does")
    assert "would be on" in officer.headline
    officer.press("Go back and change it")
    officer.fill(Remark="Sent by e-filing, twice.")
    officer.press("Check what it does")
    officer.press("Save it")
    expect(page.get_by_role("table", name="Events of this term")).to_contain_text("Sent by e-filing, twice.")

    officer.follow("Credits, month by month")
    officer.suppose("Notice of citation submitted", f"{today()}")
    assert "would stay on" in officer.headline, "the month is lost already"
