"""axe-core on every page of the site that can be opened, found by following every link that a role is shown."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest

from tests.e2e.axe import Look, barriers
from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.crawl import reachable
from tests.e2e.navigators import (
    Administrator,
    Auditor,
    Clerk,
    DiversionCaseManager,
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
from tests.test_permissions import TABLE
from waymark.web.clock import today

pytestmark = pytest.mark.browser

NOT_A_PAGE = {
    "document": "a file",
    "court_document": "a file",
    "mfa_download_recovery_codes": "a file",
    "day_positions": "data for a map",
    "alert_positions": "data for a map",
    "alcohol_readings": "data for a drawing",
    "message_content": "a file",
    "drive_by_worker": "a script",
    "home": "leads on",
    "term": "leads on",
    "mfa_login_webauthn": "answers the browser's script for passkeys",
}
PAGES = {name for name, row in TABLE.items() if row.post is None} - NOT_A_PAGE.keys()
OF_SIGNING_IN = {  # opened in test_signing_in.py, by an account that has a password
    *(name for name in PAGES if name.startswith("mfa_")),
    "account_reauthenticate",
    "account_change_password",
    "account_reset_password_from_key",
    "demo_unlock",
}
BEFORE_SIGNING_IN = ("/account/login/", "/account/inactive/", "/account/password/chosen/", "/demo/")
ALSO: dict[type[Visitor], tuple[str, ...]] = {
    Officer: ("/account/logout/",),
    Judge: ("/find/?q=no-such-case",),
    Administrator: ("/people/restrictions/",),
}


def test_it_puts_no_barrier_on_any_page(new_context: NewContext, product: Product):
    look = Look()

    def visit(visitor: Visitor, *also: str) -> None:
        of_a_kind = 4 if visitor is officer else 2
        reached = reachable(visitor, also=(*also, *ALSO.get(type(visitor), ())), of_a_kind=of_a_kind)
        visitor.go("/")
        look.at(visitor.page)
        for name in sorted(reached.keys() - look.names):
            for path in one_of_each(reached[name]):
                visitor.go(path)
                look.at(visitor.page)

    officer = Officer(new_context().new_page(), product.url)
    officer.sign_in()
    case = fill_a_case_file(officer, look)
    visit(officer, case, f"{case}terms/new/")

    supervisor, clerk = (role(new_context().new_page(), product.url) for role in (Supervisor, Clerk))
    supervisor.sign_in()
    clerk.sign_in()
    record = keep_from_the_clerk(supervisor)
    visit(supervisor, f"{record}restrictions/")
    visit(clerk)
    assert clerk.go(record).status == 403
    assert "Ask Harlan Whitcombe." in clerk.page.get_by_role("main").inner_text()
    look.at(clerk.page)
    assert clerk.go("/there/is/no/such/page/").status == 404
    look.at(clerk.page)

    staff = MonitoringStaff(new_context().new_page(), product.url)
    staff.sign_in()
    alcohol = order_of_first(staff, "Alcohol bracelet")
    visit(staff, "/monitoring/fleet/?show=stock", set_up_monitoring(staff, look), alcohol)

    for role in (Evaluator, DiversionCaseManager, Judge, Participant, Auditor, Administrator):
        visitor = role(new_context().new_page(), product.url)
        visitor.sign_in()
        visit(visitor)
    nobody = Visitor(new_context().new_page(), product.url)
    for path in BEFORE_SIGNING_IN:
        nobody.go(path)
        look.at(nobody.page)

    assert not look.found, "\n".join(look.found)
    assert sorted(PAGES - OF_SIGNING_IN - look.names) == [], "no link leads there, and no test opened it"


@pytest.mark.parametrize("path", ["/demo/", "/account/login/"])
def test_it_signs_people_in_on_a_phone(path: str, new_context: NewContext, product: Product):
    visitor = Visitor(new_context(viewport=PHONE).new_page(), product.url)
    visitor.go(path)
    assert barriers(visitor.page) == []
    assert visitor.fits


def test_it_puts_no_barrier_before_a_participant_in_either_language(new_context: NewContext, product: Product):
    participant = Participant(new_context(viewport=PHONE).new_page(), product.url)
    participant.sign_in()
    for _ in range(2):
        assert barriers(participant.page) == [], participant.language
        participant.switch_language()
    assert participant.go("/there/is/no/such/page/").status == 404
    assert barriers(participant.page) == []


def fill_a_case_file(officer: Officer, look: Look) -> str:
    """A case with a row of everything, two records merged and two that look alike. Gives its path."""
    page, born_on = officer.page, date(1985, 2, 9)
    officer.open_new_case(Opened("Ulrich", "Dunmore", "26SL-CR90010-01"), born_on, a_year_ago())
    case = officer.path
    officer.follow("Enter what happened")
    officer.press("Check what it does")
    look.at(page)
    officer.fill(What_happened="Violation report submitted", On_what_day=f"{today()}")
    officer.press("Check what it does")
    look.at(page)
    officer.press("Save it")
    officer.region("Documents").get_by_role("link", name="Upload").click()
    officer.fill(Title="Letter of completion")
    letter = {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7"}
    page.get_by_label("File").set_input_files(letter)
    officer.press("Save")
    officer.region("Notes").get_by_role("link", name="Write a note").click()
    officer.fill(On_what_day=f"{today()}", Note="Came in on time.")
    officer.press("Save")
    officer.follow("Add a condition")
    officer.fill(General_or_special="Special", Counted_in="Hours", How_much_in_all="40")
    officer.fill_in("The condition, as ordered", "Forty hours of community service.")
    officer.press("Save")
    officer.follow("Enter a placement")
    officer.fill(Program="Long-term treatment", First_day=f"{today()}")
    officer.press("Save")

    for family_name in ("Dunmor", "Dunmoore"):
        officer.make_person("Ulrich", family_name, born_on)
        look.at(page)
        officer.fill_in("Why this is somebody else", "To be looked at later.")
        officer.press("Make the record anyway")
        page.wait_for_url(re.compile(r"/people/\d+/$"))
    officer.region("May be on record twice").get_by_role("link", name="Compare with Ulrich Dunmor,").click()
    look.at(page)
    officer.fill(Reason="The same birth date and fingerprint card.")
    officer.press("Merge the records")
    page.wait_for_url(re.compile(r"/people/\d+/$"))
    return case


def set_up_monitoring(staff: MonitoringStaff, look: Look) -> str:
    """An order with alerts suspended and a home unit being installed: not the participant's. Gives its path."""
    order = order_of_first(staff, "GPS bracelet", 1)
    staff.follow("Suspend alerts")
    staff.press("Save")
    look.at(staff.page)
    staff.fill(Until=f"{today() + timedelta(days=2)} 12:00", Why="In hospital; the ward confirmed.")
    staff.press("Save")
    staff.follow("Give out a device")
    device = staff.field("Device")
    device.select_option(label=next(o for o in device.locator("option").all_inner_texts() if o.startswith("Home unit")))
    staff.press("Save")
    staff.link("Write down the range test").wait_for()
    return order


def order_of_first(staff: MonitoringStaff, kind: str, number: int = 0) -> str:
    """The page of the order under which such a device is worn. Gives its path."""
    staff.go("/monitoring/fleet/?show=worn")
    staff.page.get_by_role("row").filter(has_text=kind).nth(number).get_by_role("link").nth(1).click()
    staff.page.wait_for_url(re.compile(r"/monitoring/orders/\d+/$"))
    return staff.path


def keep_from_the_clerk(supervisor: Supervisor) -> str:
    """One person's record. Gives its path."""
    supervisor.open_person("Culp", "Culp, Christopher")
    record = supervisor.path
    supervisor.follow("Who may not see it")
    account = supervisor.field("Account")
    account.select_option(label=next(o for o in account.locator("option").all_inner_texts() if "Nandakumar" in o))
    supervisor.fill(List="Excluded from this record", Reason="A cousin of the clerk.")
    supervisor.fill_in("Words for somebody turned away", "Ask Harlan Whitcombe.")
    supervisor.press("Add")
    return record


def one_of_each(paths: list[str]) -> list[str]:
    """The first path of an address, and the first with each set of questions."""
    asked: dict[str, str] = {}
    for path in paths:
        asked.setdefault("&".join(sorted(pair.partition("=")[0] for pair in path.partition("?")[2].split("&"))), path)
    return list(asked.values())
