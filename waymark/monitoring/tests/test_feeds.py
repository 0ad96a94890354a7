"""Vendors' ways to us: signed posts, files, fetched pages; and the office's pages about them."""

from __future__ import annotations

import os
import threading
import time
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from waymark.audit.models import Entry
from waymark.monitoring.actions.feeds import add_feed, renew_key
from waymark.monitoring.actions.receive import receive
from waymark.monitoring.feeds import folder_of, look_everywhere
from waymark.monitoring.keys import Posted, key_of, signature
from waymark.monitoring.models import Feed, LogRecord, RawMessage
from waymark.monitoring.tests.feed import START, body_of, fix, make_feed, make_worn, send
from waymark.people.models import AccessRestriction
from waymark.web.clock import now

pytestmark = pytest.mark.django_db


@pytest.fixture
def feed(division, settings):
    settings.MONITORING_FETCHES_INSIDE = True  # where the tests' own servers are
    return make_feed(division)


@pytest.fixture
def worn(division):
    return make_worn("A1", agency=division)


def post(
    feed: Feed,
    body: bytes,
    *,
    key: str | None = None,
    at: float | None = None,
    code: str = "",
    message: str = "",
    file: str = "",
    **headers: str,
):
    timestamp = str(int(time.time() if at is None else at))
    signed = {
        "HTTP_WAYMARK_TIMESTAMP": timestamp,
        "HTTP_WAYMARK_SIGNATURE": signature(key or key_of(feed), Posted(timestamp, message, file, body)),
        **({"HTTP_WAYMARK_MESSAGE": message} if message else {}),
        **({"HTTP_WAYMARK_FILE": file} if file else {}),
    }
    client = Client(enforce_csrf_checks=True)
    return client.post(
        f"/feeds/{code or feed.code}/", body, content_type="application/octet-stream", **{**signed, **headers}
    )


def test_it_takes_a_signed_message_and_says_so_once_it_is_kept(feed, worn):
    body = body_of([fix("A1", START), fix("A1", START, lat="north")])
    answer = post(feed, body)
    message = RawMessage.objects.get()
    assert answer.status_code == 202
    assert answer.json() == {"message": message.pk, "duplicate": False, "readings": 1, "refused": 1}
    assert bytes(message.body) == body
    assert LogRecord.objects.get().message_id == message.pk


def test_it_takes_a_message_that_is_sent_again_once(feed, worn):
    body = body_of([fix("A1", START)])
    post(feed, body, message="7")
    answer = post(feed, body, message="7")
    assert (answer.status_code, answer.json()["duplicate"]) == (202, True)
    assert (RawMessage.objects.count(), LogRecord.objects.count()) == (1, 1)


def test_it_says_the_same_to_whatever_is_wrong_with_a_signature(feed, worn):
    body = body_of([fix("A1", START)])
    closed = make_feed(feed.agency, code="closed", open=False)
    answers = [
        post(feed, body, key="0" * 64),
        post(feed, body, at=time.time() - 301),
        post(feed, body, at=time.time() + 301),
        post(feed, body, HTTP_WAYMARK_SIGNATURE=""),
        post(feed, body, HTTP_WAYMARK_TIMESTAMP="yesterday"),
        post(feed, body, HTTP_WAYMARK_TIMESTAMP="²"),
        post(feed, body, HTTP_WAYMARK_SIGNATURE="é"),
        post(
            feed,
            body + b" ",
            HTTP_WAYMARK_SIGNATURE=signature(key_of(feed), Posted(str(int(time.time())), "", "", body)),
        ),
        post(feed, body, HTTP_WAYMARK_FILE="A2.gpx"),
        post(feed, body, message="7", HTTP_WAYMARK_MESSAGE="8"),
        post(feed, body, code="nobody"),
        post(closed, body),
    ]
    assert {(answer.status_code, answer.content) for answer in answers} == {(401, answers[0].content)}
    assert not RawMessage.objects.exists()
    assert post(feed, body, at=time.time() - 299).status_code == 202


def test_it_opens_nothing_to_a_key_that_was_replaced(feed, monitoring_staff):
    former = key_of(feed)
    renewed = renew_key(feed, by=monitoring_staff)
    feed.refresh_from_db()
    assert post(feed, b"[]", key=former).status_code == 401
    assert post(feed, b"[]", key=renewed).status_code == 202


def test_it_refuses_what_is_too_large(feed, settings):
    settings.MONITORING_BYTES_MAX = 100
    assert post(feed, b"x" * 101).status_code == 413
    assert post(feed, b"x" * 100).status_code == 202


def test_it_takes_files_once_they_are_whole(feed, worn, settings, tmp_path):
    settings.VAR = tmp_path
    feed.way = Feed.Way.FOLDER
    feed.save()
    folder = folder_of(feed)
    folder.mkdir(parents=True)
    (folder / "one.json").write_bytes(body_of([fix("A1", START)]))
    (folder / "two.json.part").write_bytes(b"[")
    (folder / ".hidden").write_bytes(b"[")
    assert look_everywhere(now()) == 0, "it was written this moment"
    long_ago = time.time() - 60
    for file in folder.iterdir():
        os.utime(file, (long_ago, long_ago))
    assert look_everywhere(now()) == 1
    message = RawMessage.objects.get()
    assert (message.name, message.readings) == ("one.json", 1)
    assert [file.name for file in (folder / "done").iterdir()] == [f"{message.pk}-one.json"]
    assert sorted(file.name for file in folder.iterdir() if file.is_file()) == [".hidden", "two.json.part"]
    assert look_everywhere(now()) == 0


def test_it_takes_a_file_once_when_it_was_kept_and_not_moved(feed, worn, settings, tmp_path, monkeypatch):
    settings.VAR = tmp_path
    feed.way = Feed.Way.FOLDER
    feed.save()
    folder_of(feed).mkdir(parents=True)
    file = folder_of(feed) / "one.json"
    file.write_bytes(body_of([fix("A1", START)]))
    os.utime(file, (1, 1))

    def lose_power(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as crash:
        crash.setattr("waymark.monitoring.feeds._move", lose_power)
        with pytest.raises(KeyboardInterrupt):
            look_everywhere(now())
    assert look_everywhere(now()) == 1
    assert (RawMessage.objects.count(), LogRecord.objects.count()) == (1, 1)


@pytest.fixture
def vendor_server():
    """Pages by cursor, as a vendor's server gives them out; `asked` remembers the cursors."""

    class Vendor(BaseHTTPRequestHandler):
        pages: dict[str, tuple[bytes, str]] = {}
        asked: list[str] = []

        def do_GET(self):
            cursor = parse_qs(urlsplit(self.path).query).get("cursor", [""])[0]
            self.asked.append(cursor)
            body, following = self.pages.get(cursor, (b"", ""))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            if following:
                self.send_header("Waymark-Cursor", following)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Vendor)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Vendor, f"http://127.0.0.1:{server.server_port}/readings?since=2026"
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_fetches_from_where_it_stopped(feed, worn, vendor_server):
    vendor, address = vendor_server
    feed.way, feed.address = Feed.Way.POLL, address
    feed.save()
    vendor.pages = {
        "": (body_of([fix("A1", START)]), "c1"),
        "c1": (body_of([fix("A1", START + timedelta(minutes=1))]), "c2"),
    }
    assert look_everywhere(now()) == 2
    vendor.pages["c2"] = (body_of([fix("A1", START + timedelta(minutes=2))]), "c3")
    assert look_everywhere(now()) == 1
    assert vendor.asked == ["", "c1", "c2", "c2", "c3"]
    feed.refresh_from_db()
    assert (feed.cursor, RawMessage.objects.count()) == ("c3", 3)


def test_it_goes_on_when_a_vendors_server_is_down(feed, worn):
    feed.way, feed.address = Feed.Way.POLL, "http://127.0.0.1:9/"
    feed.save()
    assert look_everywhere(now()) == 0


def test_it_fetches_no_file_of_this_machine(feed):
    feed.way, feed.address = Feed.Way.POLL, "file:///etc/passwd"
    feed.save()
    assert look_everywhere(now()) == 0
    assert not RawMessage.objects.exists()


# The office


def test_it_shows_a_key_once_and_never_again(division, monitoring_staff, sign_in):
    browser = sign_in(monitoring_staff)
    given = {"code": "zeta", "name": "Zeta", "vendor": "generic", "way": "http", "open": "True"}
    answer = browser.post("/monitoring/feeds/new/", given)
    feed = Feed.objects.get(code="zeta")
    assert key_of(feed) in answer.text
    assert key_of(feed) not in browser.get(f"/monitoring/feeds/{feed.pk}/").text
    answer = browser.post(f"/monitoring/feeds/{feed.pk}/key/")
    feed.refresh_from_db()
    assert (feed.key_number, key_of(feed) in answer.text) == (2, True)
    assert Entry.objects.filter(verb="feed.key_renewed").count() == 1
    assert key_of(feed) not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_it_says_what_a_feed_needs(division, monitoring_staff, sign_in):
    make_feed(division, code="zeta")
    answer = sign_in(monitoring_staff).post(
        "/monitoring/feeds/new/",
        {"code": "zeta", "name": "Zeta", "vendor": "generic", "way": "http", "open": "True"},
    )
    assert "zeta is the code of another feed. Choose one that is free." in answer.text


def test_it_lists_what_could_not_be_read_and_shows_why(feed, worn, monitoring_staff, sign_in):
    send(feed, [fix("A1", START)], START)
    broken = send(feed, [fix("A1", START, lat="north")], START)
    browser = sign_in(monitoring_staff)
    page = browser.get("/monitoring/feeds/?state=broken").text
    assert f"/monitoring/messages/{broken.pk}/" in page
    assert "1 of 1 feed" in page, "its last message is from March"
    message = browser.get(f"/monitoring/messages/{broken.pk}/").text
    assert "could not be read. It is kept as it came." in message
    assert "is not a number" in message
    assert Entry.objects.filter(verb="message.viewed", subject_id=str(broken.pk)).exists()
    content = browser.get(f"/monitoring/messages/{broken.pk}/content/")
    assert content.content == bytes(RawMessage.objects.get(pk=broken.pk).body)
    assert Entry.objects.filter(verb="message.downloaded", subject_id=str(broken.pk)).exists()


def test_it_reads_a_message_again_from_its_page(feed, worn, monitoring_staff, sign_in, division):
    message = send(feed, [fix("Z9", START)], START)
    make_worn("Z9", agency=division)
    answer = sign_in(monitoring_staff).post(f"/monitoring/messages/{message.pk}/again/", follow=True)
    assert "1 readings were taken" in answer.text
    message.refresh_from_db()
    assert (message.state, message.unknown_devices) == ("read", [])
    assert Entry.objects.get(verb="message.read_again").actor_id == monitoring_staff.pk


def test_it_shows_nobody_where_a_protected_person_was(feed, worn, monitoring_staff, sign_in, division):
    make_worn("V1", agency=division, protected=True, partner=worn)
    message = send(feed, [fix("A1", START), fix("V1", START)], START)
    answer = sign_in(monitoring_staff).get(f"/monitoring/messages/{message.pk}/content/")
    assert answer.status_code == 403
    assert "38.65" not in answer.text


@pytest.mark.parametrize("who", ["officer", "stranger"])
def test_it_shows_feeds_to_nobody_else(feed, worn, who, sign_in, request):
    message = send(feed, [fix("A1", START)], START)
    browser = sign_in(request.getfixturevalue(who))
    for page in (f"/monitoring/feeds/{feed.pk}/", f"/monitoring/messages/{message.pk}/", "/monitoring/feeds/"):
        assert browser.get(page).status_code == 404


def test_it_keeps_an_agencys_feeds_to_itself(feed, worn, county, sign_in):
    from waymark.accounts.models import Role
    from waymark.accounts.tests.make import make_user

    message = send(feed, [fix("A1", START)], START)
    browser = sign_in(make_user(Role.MONITORING_STAFF, agency=county))
    assert browser.get(f"/monitoring/messages/{message.pk}/").status_code == 404
    assert browser.get(f"/monitoring/feeds/{feed.pk}/").status_code == 404
    assert f"/monitoring/feeds/{feed.pk}/" not in browser.get("/monitoring/feeds/").text


def test_it_adds_a_feed_with_an_audit_entry(division, monitoring_staff):
    feed, key = add_feed(division, code="zeta", name="Zeta", vendor="generic", way="http", by=monitoring_staff)
    assert key == key_of(feed)
    assert Entry.objects.get(verb="feed.added").subject_id == str(feed.pk)


@pytest.mark.parametrize(
    "body",
    [
        b'[{"activation": "V1", "happened_at": "2026-03-02T18:00:00Z", "kind": "fix", "lat": 38.65, "lon": -90.33',
        b'[{"activation": "V1", "happened_at": "2026-03-02T18:00:00Z", "kind": "fiks", "lat": 38.65, "lon": -90.33}]',
        b"activation,happened_at,kind,lat,lon\nV1,2026-03-02T18:00:00Z,fix,38.65N,-90.33\n",
        '{"activation": "V1", "kind": "fix", "lat": "38.65 N"}'.encode("utf-16"),
    ],
)
def test_it_shows_nobody_where_a_protected_person_was_when_it_cannot_be_read(
    feed, worn, monitoring_staff, sign_in, division, body
):
    make_worn("V1", agency=division, protected=True, partner=worn)
    message = receive(feed, body, at=START)
    assert message.readings == 0
    client = sign_in(monitoring_staff)
    assert client.get(f"/monitoring/messages/{message.pk}/content/").status_code == 403
    page = client.get(f"/monitoring/messages/{message.pk}/")
    assert page.status_code == 200
    assert "38.65" not in page.text


def test_it_keeps_a_message_from_whoever_may_not_see_a_person_it_tells_of(
    feed, worn, monitoring_staff, administrator, sign_in
):
    message = send(feed, [fix("A1", START)], START)
    address = f"/monitoring/messages/{message.pk}/content/"
    person = worn.order.person
    client = sign_in(monitoring_staff)
    assert client.get(address).status_code == 200
    entry = Entry.objects.get(verb="message.people_told")
    assert (entry.detail["people"], entry.detail["message"]) == ([person.pk], message.pk)
    AccessRestriction.objects.create(
        person=person, kind="excluded", user=monitoring_staff, message="Ask the chief.", added_by=administrator
    )
    answer = client.get(address)
    assert answer.status_code == 403
    assert "38.65" not in answer.text
