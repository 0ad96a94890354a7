from __future__ import annotations

import pytest

from waymark.accounts.models import Role
from waymark.accounts.tests.make import make_user
from waymark.audit.models import Entry


@pytest.fixture
def demo(settings):
    settings.DEMO = True
    settings.SECOND_FACTOR_REQUIRED = False


def test_it_lists_accounts_of_every_role(client, demo, db):
    for role in Role:
        make_user(role, last_name=f"of {role}")
    page = client.get("/demo/").content.decode()
    for role in Role:
        assert f"of {role}" in page


def test_one_click_signs_in_and_is_on_record(client, demo, administrator):
    answer = client.post("/demo/", {"account": administrator.pk, "next": "/accounts/"})
    assert answer.url == "/accounts/"
    assert client.get("/accounts/").status_code == 200
    assert Entry.objects.get().detail == {"how": ["demonstration"]}


def test_it_leads_to_no_other_host(client, demo, administrator):
    answer = client.post("/demo/", {"account": administrator.pk, "next": "https://example.org/"})
    assert answer.url == "/"


@pytest.mark.parametrize("account", ["", "0", "x", "999999"])
def test_an_unknown_account_signs_nobody_in(client, demo, db, account):
    assert client.post("/demo/", {"account": account}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_a_closed_account_is_not_offered(client, demo, administrator):
    administrator.is_active = False
    administrator.save()
    assert client.post("/demo/", {"account": administrator.pk}).status_code == 404


@pytest.mark.parametrize("path", ["/demo/", "/demo/unlock/"])
def test_outside_demo_mode_there_is_no_such_page(client, administrator, path):
    assert client.get(path).status_code == 404
    assert client.post(path, {"account": administrator.pk}).status_code == 404
    assert "_auth_user_id" not in client.session


def test_it_says_when_nothing_is_loaded(client, demo, db):
    assert "waymark demo load" in client.get("/demo/").content.decode()
