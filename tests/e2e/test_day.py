"""A day of a bracelet in the browser: the slider by keyboard moves band and table; the curve is drawn; no barrier."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import barriers
from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.navigators import MonitoringStaff
from tests.e2e.product import HOME, Product, environment
from waymark.web.clock import today

pytestmark = pytest.mark.browser

ON = today() - timedelta(days=5)  # the demo's own days begin later
NOON = datetime.combine(ON, time(12), ZoneInfo("America/Chicago"))
STORE = """
from datetime import datetime, timedelta
from waymark.cli import set_up_django
set_up_django()
from waymark.monitoring.models import Activation, Device
from waymark.monitoring.tests.trail import drinking, fix_at, store
from waymark.telemetry.instants import DAY_MS
worn = Activation.objects.filter(state="active", protected=False).order_by("pk")
gps = worn.filter(device__kind=Device.Kind.GPS)[0]
noon = datetime.fromisoformat("{noon}")
sources = ["gps", "wifi", "cell"]
store(gps, [
    fix_at(noon + timedelta(minutes=n + (20 if n > 15 else 0)), 38.65 + n / 5000, source=sources[n % 3])
    for n in range(30)
])
scram = worn.filter(device__kind=Device.Kind.ALCOHOL)[0]
store(scram, drinking())
print(gps.pk, scram.pk)
"""


@pytest.fixture(scope="module")
def worn(product: Product) -> tuple[int, int]:
    """The numbers of a GPS bracelet with thirty fixes on that day, and of an alcohol bracelet with a curve."""
    done = subprocess.run(
        [sys.executable, "-c", STORE.format(noon=NOON.isoformat())],
        cwd=HOME,
        env=environment(product.var, demo=True),
        capture_output=True,
        text=True,
        check=True,
    )
    gps, scram = done.stdout.split()[-2:]
    return int(gps), int(scram)


def opened(page: Page, product: Product, path: str) -> MonitoringStaff:
    staff = MonitoringStaff(page, product.url)
    staff.sign_in()
    staff.go(path)
    return staff


def test_it_goes_through_the_day_by_keyboard(page: Page, product: Product, worn: tuple[int, int]):
    opened(page, product, f"/monitoring/activations/{worn[0]}/day/?on={ON}")
    slider, said = page.get_by_label("Moment of the day"), page.locator("#moment-said")
    marked = page.locator("#fixes tr[aria-current]")
    expect(said).to_contain_text("12:00: fix of 12:00:00 · GPS")
    expect(marked).to_contain_text(f"12:00:00 {NOON:%z}")

    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(said).to_contain_text("12:01: fix of 12:01:00 · Wi-Fi")
    expect(marked).to_contain_text(f"12:01:00 {NOON:%z}")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^12:01, "))
    page.keyboard.press("End")
    expect(said).to_contain_text("minutes before")
    expect(marked).to_contain_text(f"12:49:00 {NOON:%z}")
    expect(marked).to_have_count(1)
    assert barriers(page) == []


def test_it_fits_a_phone(new_context: NewContext, product: Product, worn: tuple[int, int]):
    page = new_context(viewport=PHONE).new_page()
    opened(page, product, f"/monitoring/activations/{worn[0]}/day/?on={ON}")
    expect(page.locator("#moment-said")).not_to_be_empty()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= PHONE["width"]


def test_it_draws_the_curve_of_tac(page: Page, product: Product, worn: tuple[int, int]):
    opened(page, product, f"/monitoring/activations/{worn[1]}/alcohol/")
    expect(page.locator("#curve canvas")).to_have_count(3)
    expect(page.locator(".wm-curve__drawn")).to_be_hidden()
    assert barriers(page) == []
    page.emulate_media(media="print")
    expect(page.locator(".wm-curve__drawn svg")).to_be_visible()


def test_it_shows_band_table_and_curve_without_scripts(
    new_context: NewContext, product: Product, worn: tuple[int, int]
):
    page = new_context(java_script_enabled=False).new_page()
    opened(page, product, f"/monitoring/activations/{worn[0]}/day/?on={ON}")
    expect(page.locator("#day-map")).to_be_hidden()
    expect(page.locator("#fixes tbody tr")).to_have_count(30)
    page.goto(f"{product.url}/monitoring/activations/{worn[1]}/alcohol/")
    expect(page.locator(".wm-curve__drawn svg")).to_be_visible()
