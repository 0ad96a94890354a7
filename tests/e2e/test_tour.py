"""What a newcomer finds who signs in as each role in turn."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import NewContext
from tests.e2e.navigators import (
    DAY,
    NOTHING_HERE,
    ROLES,
    Administrator,
    Auditor,
    Clerk,
    Defender,
    Evaluator,
    Judge,
    OfCourt,
    Officer,
    Opened,
    Participant,
    Prosecutor,
    Supervisor,
    Visitor,
    a_year_ago,
)
from tests.e2e.product import Product
from waymark.web.clock import today

pytestmark = pytest.mark.browser

HOMES = {
    "/caseload/": r"\d+ things? cannot wait, \d+ more closes? this week, and \d+ (person|people) could be discharged",
    "/unit/": r"\d+ clocks? ha(s|ve) been missed, .* discharges? falls? due within 120 days",
    "/monitoring/": r"^(\d+ alerts? needs? somebody now|Nobody|Nothing|No alert)",
    "/court/": r"You take part in \d+ cases?",
    "/my/": r"^(Your supervision|You|Su supervisión)",
    "/audit/": r"[\d,]+ entries",
    "/accounts/": r"[\d,]+ accounts",
}
HOME_OF = {
    "Supervisor": "/unit/",
    "Monitoring staff": "/monitoring/",
    "Judge": "/court/",
    "Prosecutor": "/court/",
    "Defender": "/court/",
    "Participant": "/my/",
    "Auditor": "/audit/",
    "Administrator": "/accounts/",
}


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.role)
def test_it_shows_each_role_its_own_home(role: type[Visitor], page: Page, product: Product):
    visitor = role(page, product.url)
    visitor.sign_in()
    home = HOME_OF.get(role.role, "/caseload/")
    assert visitor.path == home
    assert re.search(HOMES[home], visitor.headline), visitor.headline
    visitor.sign_out()
    visitor.go(home)
    assert visitor.path == "/demo/", "whoever has signed out is asked who he is"


def test_it_tells_an_officer_why_culp_s_probation_ended(page: Page, product: Product):
    officer = Officer(page, product.url)
    officer.sign_in()
    officer.open_case("Culp", "Culp, Christopher", "WD82270")
    expect(officer.region("Probation, SES")).to_contain_text("2018-06-01 Fri")
    officer.follow("Credits, month by month")
    assert officer.headline == "C. Culp reached discharge on Friday, June 1, 2018."
    expect(page.get_by_text("29 months earned · 3 lost · 870 days off")).to_be_visible()

    officer.open_square("March 2017")
    reason = page.get_by_text("March 2017 was not earned").locator("..")
    expect(reason).to_contain_text("a violation report was submitted on 2017-03-16")
    expect(reason).to_contain_text("217.703.5")
    expect(officer.link("March 2017: ")).to_have_attribute("aria-current", "true")
    officer.open_square("May 2017")
    expect(page.get_by_text("May 2017 was earned").locator("..")).to_contain_text("217.703")

    expect(officer.region("How the dates come about")).to_contain_text("2018-06-01 Fri")
    page.get_by_text("Findings, each with its place in the law").click()
    expect(officer.region("How this was decided").get_by_text("217.703.1", exact=True).first).to_be_visible()


def test_it_finds_a_case_by_its_number_from_any_page(page: Page, product: Product):
    for role in (Officer, Judge):
        visitor = role(page, product.url)
        visitor.sign_in()
        visitor.type_into_search("WD82270")
        page.wait_for_url(re.compile(r"/cases/\d+/$"))
        assert "Culp" in visitor.headline


def test_it_compares_a_what_if_and_saves_nothing(page: Page, product: Product):
    officer, opened = Officer(page, product.url), Opened("Quillan", "Ashgrove", "26SL-CR90001-01")
    officer.sign_in()
    officer.open_new_case(opened, date(1981, 3, 14), a_year_ago())
    officer.follow("Credits, month by month")
    promised = officer.headline
    assert re.match(r"Q\. Ashgrove may be discharged on \w+, \w+ \d+, \d{4}", promised)
    officer.suppose("Violation report submitted", f"{today()}")
    assert "would be on" in officer.headline
    assert "later" in officer.headline
    assert officer.dates_that_change()
    expect(page.get_by_text("Nothing is saved.").first).to_be_visible()
    officer.follow("Credits")
    assert officer.headline == promised


def test_it_says_what_an_event_does_before_it_is_saved_and_after(page: Page, product: Product):
    officer, opened = Officer(page, product.url), Opened("Tamsin", "Birchall", "26SL-CR90002-01")
    officer.sign_in()
    officer.open_new_case(opened, date(1979, 11, 2), a_year_ago())

    officer.enter("Violation report submitted", "2026-13-45", "Sent after the home visit.")
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("This was not saved.")
    day = page.get_by_label("On what day")
    expect(day).to_have_value("2026-13-45")
    expect(day).to_have_attribute("aria-invalid", "true")
    described_by = str(day.get_attribute("aria-describedby")).split()
    beside = [page.locator(f"[id='{name}']").inner_text() for name in described_by]
    assert any("there is no such day" in words for words in beside), beside
    expect(page.get_by_label("Remark")).to_have_value("Sent after the home visit.")
    expect(page.get_by_label("What happened").locator("option:checked")).to_have_text("Violation report submitted")
    summary.get_by_role("link").click()
    expect(day).to_be_focused()

    day.fill(f"{today()}")
    officer.press("Check what it does")
    assert "would be on" in officer.headline
    (discharge,) = [row for row in officer.dates_that_change() if "if every month" in row[0] or "goes well" in row[0]]
    before, after = (DAY.findall(cell)[0] for cell in discharge[1:3])
    assert before < after
    officer.press("Save it")
    expect(page.get_by_role("status").filter(has_text="Saved.")).to_be_visible()
    expect(page.get_by_role("table", name="Events of this term")).to_contain_text("Sent after the home visit.")

    officer.go("/")
    task = officer.tasks.get_by_role("listitem").filter(has_text=opened.name)
    expect(task).to_contain_text(before)
    expect(task).to_contain_text(after)
    expect(officer.region("Changed since yesterday")).to_contain_text(opened.name)


def test_it_tells_the_second_of_two_writers_what_changed(new_context: NewContext, product: Product):
    opened = Opened("Ottilie", "Crane", "26SL-CR90003-01")
    first, second = (Officer(new_context().new_page(), product.url) for _ in range(2))
    first.sign_in()
    first.open_new_case(opened, date(1990, 7, 21), a_year_ago())
    second.sign_in()
    second.go(first.path)
    second.follow("Enter what happened")
    first.enter("Notice of citation submitted", f"{today()}")
    first.press("Save it")
    second.fill(What_happened="Violation report submitted", On_what_day=f"{today()}", Remark="Seen at the office.")
    second.press("Check what it does")
    assert "Somebody else changed case" in second.headline
    expect(second.page.get_by_role("alert")).to_contain_text("Rosa Alvarez")
    expect(second.page.get_by_label("Remark")).to_have_value("Seen at the office.")


def test_it_shows_a_supervisor_what_falls_due_and_gives_it_as_a_file(page: Page, product: Product):
    supervisor = Supervisor(page, product.url)
    supervisor.sign_in()
    due = supervisor.rows("Discharges due within 120 days")
    assert due
    for row in due:
        day = DAY.search(row[2])
        assert day is None or date.fromisoformat(day[0]) <= today() + timedelta(days=120), row
    clocks = supervisor.rows("Clocks about to be missed")
    assert clocks
    for row in clocks:
        assert date.fromisoformat(DAY.findall(row[3])[0]) <= today() + timedelta(days=7), row
    for region, shown in (("Discharges due within 120 days", due), ("Clocks missed or about to be", clocks)):
        file = supervisor.download(supervisor.region(region).get_by_role("link", name="Download as CSV"))
        assert len(file) == len(shown) + 1
    supervisor.follow("Rosa Alvarez")
    assert supervisor.path.startswith("/unit/officers/")
    expect(page.get_by_role("table", name="Running terms on this caseload")).to_be_visible()


def test_it_gives_a_judge_the_determination_fit_for_print(page: Page, product: Product):
    judge = Judge(page, product.url)
    judge.sign_in()
    judge.follow("Culp, Christopher")
    expect(page.get_by_role("table", name="Each line can be checked by hand.")).to_contain_text("2018-06-01 Fri")
    assert not page.get_by_role("link", name=re.compile("Enter|Correct|Void|Add")).count(), "a court reads"
    judge.follow("on a page of its own")
    assert judge.path.startswith("/court/determinations/")
    assert judge.headline == "C. Culp reached discharge on Friday, June 1, 2018."
    expect(page.get_by_role("button", name="Print")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("a violation report was submitted on 2017-03-16").first).to_be_visible()
    for on_screen_only in (page.get_by_role("button"), page.get_by_role("navigation"), page.get_by_role("searchbox")):
        assert [part for part in on_screen_only.all() if part.is_visible()] == []


@pytest.mark.parametrize("role", [Prosecutor, Defender], ids=lambda role: role.role)
def test_it_shows_a_party_its_own_cases_and_no_other(role: type[OfCourt], new_context: NewContext, product: Product):
    judge, party = (of(new_context().new_page(), product.url) for of in (Judge, role))
    judge.sign_in()
    all_of_judge = judge.cases()
    party.sign_in()
    own = party.cases()
    others = sorted(set(all_of_judge) - set(own))
    assert own
    assert others
    assert party.go(next(iter(own))).status == 200
    unknown = party.go("/court/cases/987654321/")
    assert unknown.status == 404
    nothing = page_words(party)
    for path in others:
        assert party.go(path).status == 404
        assert page_words(party) == nothing


def test_it_shows_a_clerk_whom_a_new_person_may_be(page: Page, product: Product):
    clerk = Clerk(page, product.url)
    clerk.sign_in()
    clerk.search("Jon Smyth, 1981")
    found = [row for row in clerk.rows("People found, the likest first") if row[0].startswith("Smith, John")]
    assert found, "“Jon Smyth, 1981” finds John Smith"
    born_on = date.fromisoformat(found[0][1])
    clerk.make_person("Jon", "Smyth", born_on)
    assert clerk.headline == "Is it one of these people?" or clerk.headline == "Is it one of these?", clerk.headline
    expect(page.get_by_role("alert")).to_be_focused()
    expect(clerk.region("On record already").get_by_role("link", name=re.compile("Smith, John"))).to_be_visible()
    expect(page.get_by_label("Given name")).to_have_value("Jon")
    clerk.fill_in("Why this is somebody else", "His brother, of the same day.")
    clerk.press("Make the record anyway")
    page.wait_for_url(re.compile(r"/people/\d+/$"))
    assert clerk.headline.startswith("Jon Smyth")


def test_it_shows_an_auditor_who_looked_at_whom(new_context: NewContext, product: Product):
    officer, auditor = (of(new_context().new_page(), product.url) for of in (Officer, Auditor))
    officer.sign_in()
    officer.open_person("Culp", "Culp, Christopher")
    number = officer.path.split("/")[2]
    auditor.sign_in()
    auditor.fill_in("Person number", number)
    auditor.press("Show")
    looked = [row for row in auditor.entries() if row[3] == "person.viewed"]
    assert any(row[2].startswith("Rosa Alvarez") for row in looked)
    assert all(row[5] == number for row in auditor.entries())
    assert auditor.go(officer.path).status == 404, "an auditor reads the chain, not the record"
    product.command("audit", "verify")


def test_it_lets_an_administrator_change_an_account_only_with_a_reason(page: Page, product: Product):
    administrator = Administrator(page, product.url)
    administrator.sign_in()
    administrator.make_account("wcarver", "Wilma", "Carver")
    administrator.follow("Done")
    administrator.fill(Title="Probation and Parole Officer II")
    administrator.press("Save")
    reason = administrator.region("Change").get_by_label("Reason")
    expect(reason).to_be_focused()  # the browser itself asks for it
    expect(page.get_by_label("Title")).to_have_value("Probation and Parole Officer II")
    reason.fill("Promoted in October.")
    administrator.press("Save")
    expect(page.get_by_role("status").filter(has_text="wcarver was changed.")).to_be_visible()
    expect(administrator.region("History")).to_contain_text("Promoted in October.")


def test_it_says_the_same_of_the_forbidden_and_the_unknown(new_context: NewContext, product: Product):
    officer = Officer(new_context().new_page(), product.url)
    officer.sign_in()
    officer.open_case("Culp", "Culp, Christopher", "WD82270")
    case = officer.path
    person = str(
        officer.page.get_by_role("navigation", name="Breadcrumbs").get_by_role("link").first.get_attribute("href")
    )
    officer.follow("Credits, month by month")
    closed = [case, person, officer.path, "/people/", "/unit/", "/people/new/"]
    for role in (Auditor, Administrator, Participant):
        visitor = role(new_context().new_page(), product.url)
        visitor.sign_in()
        assert visitor.go("/there/is/no/such/page/").status == 404
        nothing = page_words(visitor)
        assert NOTHING_HERE in nothing
        for path in closed:
            assert visitor.go(path).status == 404, (role.role, path)
            assert page_words(visitor) == nothing, (role.role, path)
    evaluator = Evaluator(new_context().new_page(), product.url)  # may read people, but has not this one in reach
    evaluator.sign_in()
    for path in (case, person):
        assert evaluator.go(path).status == 404
    nobody = Visitor(new_context().new_page(), product.url)
    for path in closed:
        nobody.go(path)
        assert nobody.path == "/demo/", path


def page_words(visitor: Visitor) -> str:
    return visitor.page.get_by_role("main").inner_text()
