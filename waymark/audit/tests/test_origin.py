from __future__ import annotations

import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from waymark.audit.middleware import OriginMiddleware
from waymark.audit.origin import acting_from, origin


def origin_of(**headers: str) -> str:
    answer = OriginMiddleware(lambda request: HttpResponse(origin.get()))
    return answer(RequestFactory(REMOTE_ADDR="198.51.100.1").get("/", headers=headers)).content.decode()


def test_it_is_the_address_of_the_peer():
    assert origin_of() == "198.51.100.1"


def test_it_believes_no_header_that_the_visitor_wrote():
    assert origin_of(X_Forwarded_For="203.0.113.9") == "198.51.100.1"


@pytest.mark.parametrize(
    ("proxies", "forwarded", "found"),
    [
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (2, "10.0.0.1, 203.0.113.9, 192.0.2.4", "203.0.113.9"),
        (2, "203.0.113.9", "198.51.100.1"),
    ],
)
def test_it_believes_as_many_proxies_as_the_installation_has(settings, proxies, forwarded, found):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    assert origin_of(X_Forwarded_For=forwarded) == found


def test_outside_a_request_it_is_the_command_line():
    assert origin.get() == "command line"
    with acting_from("worker"):
        assert origin.get() == "worker"
    assert origin.get() == "command line"
