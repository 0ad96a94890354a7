"""What monitoring is for, told from the first reading to the judge, and from a wish on a phone to the schedule."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.navigators import Judge, MonitoringStaff, Participant
from tests.e2e.product import Product
from waymark.monitoring.keys import Posted, signature
from waymark.web.clock import now
from waymark.web.words import say

pytestmark = pytest.mark.browser

SECONDS = 1000.0  # of Playwright's waits


class Vendor:
    """Posts what devices say, signed with the key that the office was shown once."""

    def __init__(self, staff: MonitoringStaff, url: str, code: str) -> None:
        staff.go("/")
        staff.page.get_by_role("navigation").get_by_role("link", name="Monitoring").click()
        staff.follow("Feeds from vendors")
        staff.follow("Add a feed")
        staff.fill(Code=code, Name=f"Vendor {code}", How_it_comes_to_us="Posts to us")
        staff.field("Format").select_option("generic")
        staff.press("Save")
        self.key = staff.region("The key. It is shown this once.").get_by_role("code").inner_text()
        self.url, self.code = url, code

    def posts(self, readings: Iterable[dict[str, Any]]) -> None:
        body, timestamp = json.dumps(list(readings)).encode(), str(int(now().timestamp()))
        signed = {
            "Waymark-Timestamp": timestamp,
            "Waymark-Signature": signature(self.key, Posted(timestamp, "", "", body)),
        }
        address = urlsplit(self.url)
        connection = HTTPConnection(str(address.hostname), address.port, timeout=20)
        connection.request("POST", f"/feeds/{self.code}/", body, {"Content-Type": "application/json", **signed})
        answer = connection.getresponse()
        said = json.loads(answer.read())
        connection.close()
        assert (answer.status, said["refused"]) == (202, 0), said


@pytest.fixture
def staff(page: Page, product: Product) -> MonitoringStaff:
    staff = MonitoringStaff(page, product.url)
    staff.sign_in()
    return staff


@pytest.fixture
def phone(new_context: NewContext, product: Product) -> Participant:
    participant = Participant(new_context(viewport=PHONE).new_page(), product.url)
    participant.sign_in()
    if participant.language != "es":
        participant.switch_language()
    return participant


def family_name(staff: MonitoringStaff) -> str:
    """Of the participant of the demonstration's front page, who wears a GPS bracelet."""
    staff.go("/demo/")
    row = staff.page.get_by_role("row", name=re.compile("^Participant"))
    return row.get_by_role("button").first.inner_text().split()[-1]


def serial_of(staff: MonitoringStaff, name: str) -> str:
    staff.go("/monitoring/fleet/?show=worn")
    row = staff.page.get_by_role("row").filter(has_text=name).filter(has_text="GPS bracelet")
    return row.get_by_role("rowheader").inner_text()


def open_order(staff: MonitoringStaff, name: str) -> None:
    staff.go("/monitoring/fleet/?show=worn")
    row = staff.page.get_by_role("row").filter(has_text=name).filter(has_text="GPS bracelet")
    row.get_by_role("link", name=name).click()
    staff.page.wait_for_url(re.compile(r"/monitoring/orders/\d+/$"))


def written(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def test_a_cut_strap_goes_from_the_board_to_the_judge(
    staff: MonitoringStaff, new_context: NewContext, product: Product
):
    page, name = staff.page, family_name(staff)
    serial, vendor = serial_of(staff, name), Vendor(staff, product.url, "cut-strap")
    staff.go("/monitoring/")
    line = page.get_by_role("row").filter(has_text=name).filter(has_text="strap opened")
    expect(line).to_have_count(0)

    vendor.posts([{"activation": serial, "happened_at": written(now()), "kind": "status", "strap_ok": False}])
    expect(line).to_be_visible(timeout=15 * SECONDS)  # the board is not loaded again by hand
    expect(line).to_contain_text("P1 critical")
    assert re.search(r"\d+ alerts? needs? somebody now", staff.headline)
    line.get_by_role("button", name="Take").click()

    staff.go("/monitoring/")
    expect(line).to_contain_text("yours")
    line.get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("strap opened")
    staff.fill_in("Who was called, what was said", "Called, says the strap came off at work.")
    staff.press("Keep")
    expect(staff.region("What was done")).to_contain_text("says the strap came off at work")
    ending = staff.region("Conclude")
    staff.field("How did it end?", ending).select_option(label="Confirmed")
    staff.field("Reason", ending).select_option(label="Opened, cut or covered the device")
    staff.field("Note", ending).fill("Came in; both ends of the strap were cut.")
    ending.get_by_text("The tamper still lasts. I close it nevertheless.").click()
    ending.get_by_role("button", name="Conclude").click()

    staff.region("Notices").get_by_role("link", name="Court").click()
    staff.fill_in("Your name, typed, is your signature", "Somebody Else")
    staff.press("Sign and serve")
    expect(page.get_by_role("alert")).to_be_focused()
    staff.fill_in("Your name, typed, is your signature", "Angela Cheng")
    staff.press("Sign and serve")
    expect(page.get_by_role("heading", level=1)).to_contain_text("served")

    judge = Judge(new_context().new_page(), product.url)
    judge.sign_in()
    judge.page.get_by_role("navigation").get_by_role("link", name="Notices").click()
    waiting = judge.page.get_by_role("row").filter(has_text=name).filter(has_text="to be acknowledged")
    many = waiting.count()
    waiting.first.get_by_role("link").click()
    expect(judge.page.get_by_role("main")).to_contain_text("strap opened")
    expect(judge.page.get_by_role("main")).to_contain_text("Central Time")
    judge.press("Acknowledge")
    expect(judge.page.get_by_text("You acknowledged it")).to_be_visible()
    judge.page.get_by_role("navigation").get_by_role("link", name="Notices").click()
    expect(waiting).to_have_count(many - 1)


def test_leave_asked_for_in_spanish_holds_no_curfew(staff: MonitoringStaff, phone: Participant, product: Product):
    name = family_name(staff)
    serial, vendor = serial_of(staff, name), Vendor(staff, product.url, "on-leave")
    open_order(staff, name)
    staff.link("Home").first.click()
    staff.follow("Change where it is")
    lat, lon = (float(number) for number in staff.field("Center of the circle").input_value().split(","))
    before = alerts_of(staff, name)

    began = timezone.localtime(now() - timedelta(minutes=3)).replace(second=0, microsecond=0)
    until = began + timedelta(hours=2)
    phone.follow(say("schedule_title", "es"))
    phone.follow(say("ask_for_change", "es"))
    assert phone.fits
    for key, typed in (
        ("leave_on", f"{began:%Y-%m-%d}"),
        ("leave_from", f"{began:%H:%M}"),
        ("leave_until", f"{until:%H:%M}"),
        ("leave_why", "Cita con el dentista"),
        ("leave_where", "Clínica dental, Cherokee Street"),
    ):
        phone.fill_in(say(key, "es"), typed)
    phone.press(say("ask_send", "es"))
    expect(phone.page.get_by_text(say("asked", "es"))).to_be_visible()

    staff.go("/monitoring/leave/")
    asked = staff.page.get_by_role("table", name="Leave asked for").get_by_role("row").filter(has_text="dentista")
    asked.get_by_role("link", name=name).click()
    staff.fill_in("Answer", "Que le vaya bien.")
    staff.press("Approve")

    phone.page.reload()
    answered = phone.page.get_by_role("listitem").filter(has_text="dentista").filter(has_text="Que le vaya bien.")
    expect(answered).to_contain_text(say("change_approved", "es"))
    assert phone.fits

    # Away for seven minutes, some of them before the leave: more than the grace only where the leave does not count.
    at = now()
    away = [at - timedelta(seconds=second) for second in range(420, 0, -20)]
    spot = {"lat": lat + 0.0036, "lon": lon, "accuracy_m": 6, "source": "gps", "strap_ok": True}
    vendor.posts({"activation": serial, "happened_at": written(moment), "kind": "fix", **spot} for moment in away)
    open_order(staff, name)
    staff.follow("The day on the map")
    day = staff.page.get_by_role("table", name=re.compile("^Places of"))
    last = f"{timezone.localtime(away[-1]):%H:%M:%S}"
    for _ in range(30):
        if day.get_by_role("rowheader", name=last).count():
            break
        staff.page.wait_for_timeout(500)
        staff.page.reload()
    expect(day.get_by_role("rowheader", name=last)).to_have_count(1)
    staff.page.get_by_text("The same as a table").click()
    lanes = staff.page.get_by_role("table", name=re.compile("^What was asked"))
    expect(lanes).to_contain_text(re.compile("leave", re.IGNORECASE))
    assert alerts_of(staff, name) == before


def alerts_of(staff: MonitoringStaff, name: str) -> list[str]:
    """What open alerts say of the person's hours."""
    staff.go(f"/monitoring/alerts/?words={name}")
    rows = staff.page.get_by_role("row").filter(has_text=re.compile("required hours|came back late"))
    return [row.get_by_role("cell").nth(1).inner_text() for row in rows.all()]


def test_a_zone_drawn_on_the_map_is_in_the_day(staff: MonitoringStaff):
    page, name = staff.page, family_name(staff)
    open_order(staff, name)
    staff.follow("Draw a zone")
    staff.fill(What_the_zone_asks="Stay out", Name="Freight yard", Radius_in_meters="150", Why="Order of the court")
    page.get_by_role("region", name="Map").click(position={"x": 60, "y": 90})
    expect(staff.field("Center of the circle")).to_have_value(re.compile(r"^-?\d+\.\d+, -?\d+\.\d+$"))
    staff.press("Save")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Freight yard")
    drawn = staff.rows("Versions of this zone")
    assert len(drawn) == 1

    staff.follow("Change where it is")
    page.get_by_role("region", name="Map").click(position={"x": 120, "y": 120})
    staff.fill(Why="The yard is larger than drawn", Radius_in_meters="220")
    staff.press("Save")
    versions = staff.rows("Versions of this zone")
    assert [row[0].split()[0] for row in versions] == ["2", "1"]
    assert "220 m" in versions[0][3]

    open_order(staff, name)
    staff.follow("The day on the map")
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("table", name=re.compile("^What was asked"))).to_contain_text("Freight yard")
