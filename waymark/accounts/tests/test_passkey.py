"""Passkeys need a real browser; Chromium's virtual authenticator stands for the finger on the sensor."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests import chromium
from waymark.accounts.models import Role
from waymark.accounts.tests.make import make_user
from waymark.audit.models import Entry

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "long enough to be hard"


@pytest.fixture
def page(live_server, monkeypatch):
    """A browser page with a passkey device. Fails when anything is written to the console, such as a refusal by the
    Content-Security-Policy."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # playwright runs an event loop beside the test
    complaints: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.program(), args=["--no-sandbox"])
        page = browser.new_page(base_url=live_server.url)
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        devices = page.context.new_cdp_session(page)
        devices.send("WebAuthn.enable")
        device = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        devices.send("WebAuthn.addVirtualAuthenticator", {"options": device})
        yield page
        browser.close()
    assert complaints == []


@pytest.fixture
def boss(db):
    return make_user(Role.ADMINISTRATOR, username="boss", first_name="Ines", last_name="Okafor", password=PASSWORD)


def test_a_newcomer_enrols_a_passkey_and_signs_in_with_nothing_else(page, boss):
    enrol_passkey(page)
    page.get_by_role("button", name="Sign out").click()
    page.goto("/account/login/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_role("link", name="Accounts")).to_be_visible()
    assert Entry.objects.filter(verb="account.second_factor_enrolled", actor_id=boss.pk).count() == 1
    assert Entry.objects.filter(verb="account.signed_in").last().detail == {"how": ["mfa"]}


def test_the_passkey_is_the_second_factor_after_the_password(page, boss):
    enrol_passkey(page)
    page.get_by_role("button", name="Sign out").click()
    type_password(page)
    expect(page.get_by_role("heading", name="Now your second factor")).to_be_visible()
    page.get_by_role("button", name="Use a passkey or security key").click()
    expect(page.get_by_role("link", name="Accounts")).to_be_visible()
    assert Entry.objects.filter(verb="account.signed_in").last().detail == {"how": ["password", "mfa"]}


def test_the_passkey_opens_a_locked_session(page, boss, settings):
    enrol_passkey(page)
    settings.SESSION_LOCK_SECONDS = 0
    page.goto("/accounts/")
    expect(page.get_by_role("heading", name="Your session is locked")).to_be_visible()
    settings.SESSION_LOCK_SECONDS = 1800
    page.get_by_role("link", name="Use your passkey").click()
    page.get_by_role("button", name="Use your passkey").click()
    expect(page.get_by_role("heading", name="1 account")).to_be_visible()
    assert Entry.objects.filter(verb="session.unlocked").count() == 1


def enrol_passkey(page: Page) -> None:
    page.goto("/account/login/")
    type_password(page)
    page.get_by_role("link", name="Add a passkey").click()
    page.get_by_text("Let it sign me in without my password").click()
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="recovery codes")).to_be_visible()


def type_password(page: Page) -> None:
    page.goto("/account/login/")
    page.get_by_label("User name or e-mail").fill("boss")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
