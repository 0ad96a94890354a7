"""How each role goes about its work: what is on the screen, by role, label and visible words only."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import ClassVar

from playwright.sync_api import Locator, Page, Response

from waymark.web.clock import today

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
NOTHING_HERE = "There is nothing here that you can open."


class Visitor:
    """Anybody with a browser. `role` is how the demonstration's front page calls the account."""

    role: ClassVar[str]

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url

    def go(self, path: str) -> Response:
        response = self.page.goto(self.url + path)
        assert response
        return response

    def sign_in(self, name: str = "") -> None:
        """As the first account of the role on the demonstration's front page, or the one of that name."""
        self.go("/demo/")
        row = self.page.get_by_role("row", name=re.compile(f"^{self.role}"))
        row.get_by_role("button", name=name).first.click()
        self.page.wait_for_url(lambda address: "/demo/" not in address)

    def sign_out(self) -> None:
        self.page.get_by_role("button", name=re.compile("Sign out|Cerrar sesión")).click()

    @property
    def path(self) -> str:
        return self.page.url.removeprefix(self.url).partition("?")[0]

    @property
    def headline(self) -> str:
        return self.page.get_by_role("heading", level=1).inner_text()

    @property
    def fits(self) -> bool:
        """Whether nothing has to be scrolled sideways."""
        return bool(
            self.page.evaluate("() => document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        )

    def type_into_search(self, words: str) -> None:
        box = self.page.get_by_role("banner").get_by_role("searchbox")
        box.fill(words)
        box.press("Enter")

    def link(self, words: str) -> Locator:
        return self.page.get_by_role("main").get_by_role("link", name=words)

    def follow(self, words: str) -> None:
        self.link(words).first.click()

    def press(self, words: str) -> None:
        self.page.get_by_role("main").get_by_role("button", name=words).click()

    def region(self, name: str) -> Locator:
        return self.page.get_by_role("region", name=name)

    def fill(self, **typed: str) -> None:
        """Each field by its label, written with underscores for spaces; in a list the choice of that name."""
        for label, value in typed.items():
            self.fill_in(label.replace("_", " "), value)

    def field(self, label: str, within: Locator | None = None) -> Locator:
        """By its whole label, which ends with “(optional)” where nothing has to be typed."""
        whole = re.compile(rf"^\s*{re.escape(label)}(\s*\(optional\))?\s*$")
        return (within or self.page.get_by_role("main")).get_by_label(whole)

    def fill_in(self, label: str, value: str) -> None:
        field = self.field(label)
        if field.evaluate("element => element.tagName") == "SELECT":
            field.select_option(label=value)
        else:
            field.fill(value)

    def rows(self, table: str) -> list[list[str]]:
        """What stands in the cells of a table, without its headings."""
        body = self.page.get_by_role("table", name=table, exact=True).get_by_role("row")
        cells = [
            [cell.inner_text() for cell in row.get_by_role("rowheader").or_(row.get_by_role("cell")).all()]
            for row in body.all()
        ]
        return [row for row in cells if row]

    def download(self, link: Locator) -> list[list[str]]:
        """The rows of a CSV file, the first being its headings."""
        with self.page.expect_download() as waiting:
            link.click()
        with Path(waiting.value.path()).open(newline="", encoding="utf-8-sig") as file:
            return list(csv.reader(file))


class Staff(Visitor):
    def search(self, words: str) -> None:
        self.type_into_search(words)
        self.page.wait_for_url("**/people/?q=*")

    def open_person(self, words: str, name: str) -> None:
        self.search(words)
        self.follow(name)
        self.page.wait_for_url(re.compile(r"/people/\d+/$"))

    def open_case(self, words: str, name: str, number: str) -> None:
        self.open_person(words, name)
        if self.page.evaluate("() => !window.htmx"):
            self.follow("Cases, terms and timeline")
        self.follow(number)
        self.page.wait_for_url(re.compile(r"/cases/\d+/$"))


@dataclass(frozen=True)
class Opened:
    """A case that a test opened for itself."""

    given_name: str
    family_name: str
    number: str

    @property
    def name(self) -> str:
        return f"{self.family_name}, {self.given_name}"


class Writer(Staff):
    """Staff who enter facts."""

    def make_person(self, given_name: str, family_name: str, born_on: date) -> None:
        self.go("/people/new/")
        self.fill(Given_name=given_name, Family_name=family_name, Birth_date=f"{born_on:%m/%d/%Y}")
        self.press("Make the record")

    def open_new_case(self, opened: Opened, born_on: date, began_on: date) -> None:
        """From nothing to five years of probation that earn credits: person, case, charge, term."""
        self.make_person(opened.given_name, opened.family_name, born_on)
        self.page.wait_for_url(re.compile(r"/people/\d+/$"))
        if self.page.evaluate("() => !window.htmx"):
            self.follow("Cases, terms and timeline")
        self.follow("Open a case")
        self.fill(Case_number=opened.number, Kind_of_case="Felony", Filed_on=f"{began_on}")
        self.page.get_by_label("Court").select_option(index=1)
        self.press("Save")
        self.page.get_by_role("region", name="Charges").get_by_role("link", name="Add a charge").click()
        self.fill(Section="570.030", Name_of_the_offense="Stealing", Level="Felony", Class="D")
        self.fill(Day_of_the_offense=f"{began_on}")
        self.press("Save")
        self.page.wait_for_url(re.compile(r"/cases/\d+/$"))
        self.go(f"{self.path}terms/new/")
        self.page.get_by_label("Charge").select_option(index=1)
        self.fill(Kind_of_supervision="Probation", First_day=f"{began_on}", Years="5", Day_of_sentence=f"{began_on}")
        self.fill_in("Supervised by the state Division of Probation and Parole", "Yes")
        self.fill(Lifetime_supervision="No", Restitution_ordered="No")
        self.press("Save")
        self.page.get_by_role("heading", name="Probation").first.wait_for()

    def enter(self, kind: str, on: str, remark: str = "") -> None:
        """An event, from the case page to the page that shows what it would do."""
        self.follow("Enter what happened")
        self.fill(What_happened=kind, On_what_day=on, Remark=remark)
        self.press("Check what it does")

    def dates_that_change(self) -> list[list[str]]:
        """Label, before, after and by how much, of the rows of the check page or of a what-if that change."""
        return [row for row in self.rows("The dates, side by side.") if row[3] not in ("unchanged", "")]


def a_year_ago() -> date:
    """A first of the month: a term of five years begun then has credits, and years to go."""
    return date(today().year - 1, today().month, 1)


class Officer(Writer):
    role = "Officer"

    def suppose(self, kind: str, on: str) -> None:
        event = self.page.get_by_role("group", name="An event")
        self.field("Suppose this happens", event).select_option(label=kind)
        self.field("On", event).fill(on)
        self.press("Show the dates")

    def open_square(self, month: str) -> None:
        self.link(f"{month}: ").click()

    @property
    def tasks(self) -> Locator:
        return self.region("Tasks")


class Supervisor(Writer):
    role = "Supervisor"


class Clerk(Writer):
    role = "Clerk"


class Reader(Staff):
    """Staff who look cases up and enter none."""


class MonitoringStaff(Reader):
    role = "Monitoring staff"


class Evaluator(Reader):
    role = "Evaluator"


class ProgramInstructor(Reader):
    role = "Program instructor"


class DiversionCaseManager(Reader):
    role = "Diversion case manager"


class OfCourt(Visitor):
    def cases(self) -> dict[str, str]:
        """The path of every case on the docket, by the name in its row."""
        self.go("/court/")
        links = self.page.get_by_role("table", name="Your cases").get_by_role("rowheader").get_by_role("link").all()
        return {str(link.get_attribute("href")): link.inner_text() for link in links}


class Judge(OfCourt):
    role = "Judge"


class Prosecutor(OfCourt):
    role = "Prosecutor"


class Defender(OfCourt):
    role = "Defender"


class Participant(Visitor):
    role = "Participant"

    @property
    def language(self) -> str:
        return str(self.page.evaluate("() => document.documentElement.lang"))

    def switch_language(self) -> None:
        before = self.language
        self.page.get_by_role("button", name=re.compile("Español|English")).click()
        self.page.wait_for_function("before => document.documentElement.lang !== before", arg=before)


class Auditor(Visitor):
    role = "Auditor"

    def entries(self) -> list[list[str]]:
        """Number, when, who, act, on, person, why, from where, detail; the latest first."""
        table = self.page.get_by_role("table", name=re.compile("^Entries"))
        rows = [
            row.get_by_role("rowheader").or_(row.get_by_role("cell")).all_inner_texts()
            for row in table.get_by_role("row").all()
        ]
        return [row for row in rows if row]


class Administrator(Visitor):
    role = "Administrator"

    def make_account(self, username: str, first_name: str, last_name: str) -> str:
        """An officer's account in the demo officer's unit. Gives the path of the link that opens it once."""
        self.go("/accounts/new/")
        self.fill(User_name=username, First_name=first_name, Last_name=last_name)
        self.fill(Role="Officer", Scope="Own caseload")
        self.page.get_by_label("Agency").select_option(label="Missouri Division of Probation and Parole")
        self.press("Make account")
        link = self.page.get_by_text(re.compile("http://.*/account/password/choose/")).inner_text()
        return "/" + link.split("/", 3)[3]


ROLES: list[type[Visitor]] = [
    Officer,
    Supervisor,
    Clerk,
    MonitoringStaff,
    Evaluator,
    ProgramInstructor,
    DiversionCaseManager,
    Judge,
    Prosecutor,
    Defender,
    Participant,
    Auditor,
    Administrator,
]
