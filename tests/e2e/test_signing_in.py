"""Outside the demonstration: a password, a second factor, the lockout and the lock of a session left alone."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import struct
import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.axe import Look
from tests.e2e.conftest import NewContext
from tests.e2e.navigators import Administrator, Officer, Staff, Visitor
from tests.e2e.product import Product
from tests.e2e.test_accessible import OF_SIGNING_IN

pytestmark = pytest.mark.browser

PASSWORD = "correct horse battery staple"
PLATFORM_KEY = {  # a fingerprint reader in the device, touched whenever it is asked
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
LEAVE_ALONE = """
from django.contrib.sessions.models import Session
from django.contrib.sessions.backends.db import SessionStore
session = SessionStore({key!r})
session["active_at"] -= 31 * 60
session.save()
"""

MakeAccount = Callable[[str], str]


@pytest.fixture
def make_account(new_context: NewContext, product: Product) -> MakeAccount:
    """Has the administrator make an account. Gives the path of its link."""

    def make_account(username: str) -> str:
        administrator = Administrator(new_context().new_page(), product.url)
        administrator.sign_in()
        return administrator.make_account(username, username.title(), "Garrick")

    return make_account


class NewOfficer(Staff):
    role = "Officer"

    def choose_password(self, link: str) -> None:
        self.go(link)
        self.page.get_by_label("Password").first.fill(PASSWORD)
        self.page.get_by_label("Password").last.fill(PASSWORD)
        self.press("Save password")
        self.follow("Sign in")

    def give_password(self, username: str, password: str = PASSWORD) -> None:
        self.fill_in("User name or e-mail", username)
        self.fill(Password=password)
        self.page.get_by_role("button", name="Sign in", exact=True).click()


def test_it_takes_a_new_officer_from_a_link_to_a_passkey(new_context: NewContext, product: Product, make_account):
    officer, look = NewOfficer(new_context().new_page(), product.real_url), Look()
    page, link = officer.page, make_account("isolde")
    officer.go(link)
    look.at(page)
    officer.choose_password(link)

    officer.give_password("isolde")
    assert officer.headline == "Add a second factor to your account."
    look.at(page)
    officer.go("/caseload/")
    assert officer.headline == "Add a second factor to your account.", "no page opens before"
    officer.follow("Add an authenticator app")
    look.at(page)
    officer.fill_in("Authenticator code", "000000")
    officer.press("Turn it on")
    expect(page.get_by_role("main")).to_contain_text("was not accepted")
    secret = page.get_by_role("main").locator("code").inner_text()
    officer.fill_in("Authenticator code", totp(secret, time.time()))
    officer.press("Turn it on")
    officer.go("/caseload/")
    assert "cannot wait" in officer.headline
    for path in ("", "totp/deactivate/", "recovery-codes/", "recovery-codes/generate/", "reauthenticate/"):
        officer.go(f"/account/second-factor/{path}")
        look.at(page)
    for path in ("/account/password/", "/account/reauthenticate/"):
        officer.go(path)
        look.at(page)

    officer.sign_out()
    officer.go("/account/login/")
    officer.give_password("isolde")
    assert officer.headline == "Now your second factor"
    look.at(page)
    officer.fill_in("Code", totp(secret, time.time()))
    officer.page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/caseload/")

    tell_of_a_key(page)
    officer.go("/account/second-factor/")
    officer.follow("Add a passkey")
    look.at(page)
    officer.fill_in("Name of the key", "Work phone")
    page.get_by_text("Let it sign me in without my password").click()
    page.get_by_role("button", name="Add", exact=True).click()
    page.wait_for_url(lambda address: not address.endswith("/add/"))
    officer.go("/account/second-factor/webauthn/")
    look.at(page)
    for act in ("Rename", "Remove"):
        officer.follow(f"{act} Work phone")
        look.at(page)
        officer.go("/account/second-factor/webauthn/")
    officer.go("/account/second-factor/webauthn/reauthenticate/")
    look.at(page)
    officer.go("/")

    officer.sign_out()
    officer.go("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url("**/caseload/")

    visitor = Officer(new_context().new_page(), product.url)
    visitor.sign_in()
    leave_alone(product, visitor)
    visitor.go("/people/")
    look.at(visitor.page)
    assert not look.found, "\n".join(look.found)
    assert sorted(OF_SIGNING_IN - look.names) == []


def test_it_locks_an_account_after_five_failures(page: Page, product: Product, make_account: MakeAccount):
    officer, link = NewOfficer(page, product.real_url), make_account("leander")
    officer.choose_password(link)
    for _ in range(5):
        officer.give_password("leander", "not this one, surely")
        expect(page.get_by_role("alert").first).to_be_visible()
    officer.give_password("leander")
    assert officer.path == "/account/login/", "the right password does not open a locked account"
    expect(page.get_by_role("main")).to_contain_text(re.compile("locked|too many", re.IGNORECASE))


def test_it_locks_a_session_left_alone_and_loses_nothing(page: Page, product: Product, make_account: MakeAccount):
    officer, link = NewOfficer(page, product.real_url), make_account("merrick")
    officer.choose_password(link)
    officer.give_password("merrick")
    officer.follow("Add an authenticator app")
    officer.fill_in("Authenticator code", totp(page.get_by_role("main").locator("code").inner_text(), time.time()))
    officer.press("Turn it on")

    officer.go("/people/new/")
    officer.fill(Given_name="Xanthe", Family_name="Hollingberry", Birth_date="03/04/1995")
    leave_alone(product, officer)
    officer.press("Make the record")
    assert officer.headline == "Your session is locked, because it was left alone for a while."
    officer.fill(Password="a wrong one")
    officer.press("Go on")
    assert officer.headline == "Your session is locked, because it was left alone for a while."
    officer.go("/caseload/")
    assert "locked" in officer.headline
    officer.fill(Password=PASSWORD)
    officer.press("Go on")
    assert "locked" not in officer.headline
    officer.search("Hollingberry")


def test_it_locks_a_session_of_the_demonstration(page: Page, product: Product):
    officer = Officer(page, product.url)
    officer.sign_in()
    leave_alone(product, officer)
    officer.go("/people/")
    assert officer.headline == "Your session is locked, because it was left alone for a while."
    officer.press("Go on")
    assert officer.path == "/people/"


def leave_alone(product: Product, visitor: Visitor) -> None:
    """As if nobody had touched the session for half an hour."""
    (key,) = [c["value"] for c in visitor.page.context.cookies(visitor.url) if c["name"] == "sessionid"]
    product.command("manage", "shell", "-v", "0", "-c", LEAVE_ALONE.format(key=key))


def tell_of_a_key(page: Page) -> None:
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    device.send("WebAuthn.addVirtualAuthenticator", {"options": PLATFORM_KEY})


def totp(secret: str, at: float) -> str:
    """The six digits an authenticator app shows (RFC 6238, with SHA-1 and steps of 30 seconds)."""
    counter = struct.pack(">Q", int(at) // 30)
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, counter, hashlib.sha1).digest()
    start = mac[-1] & 0x0F
    number = struct.unpack(">I", mac[start : start + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def test_it_shows_the_digits_of_rfc_6238():
    secret = base64.b32encode(b"12345678901234567890").decode()
    assert totp(secret, 59) == "287082"
    assert totp(secret, 1_111_111_109) == "081804"
