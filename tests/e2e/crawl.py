"""Follows every link that a signed-in visitor is shown, without a browser's trouble, and says where each leads."""

from __future__ import annotations

import html
import re
from collections import Counter, deque
from urllib.parse import urljoin, urlsplit

from django.urls import Resolver404, resolve
from playwright.sync_api import APIResponse

from tests.e2e.navigators import Visitor

LINK = re.compile(r'<a\b[^>]*?\bhref="([^"]+)"')


def reachable(
    visitor: Visitor, *, also: tuple[str, ...] = (), of_a_kind: int = 4, leave_out: re.Pattern[str] | None = None
) -> dict[str, list[str]]:
    """The paths found, by the name of the address, in the order in which they were met. Of each kind, such as the
    pages of cases, so many are opened; none whose name is left out.

    Fails when a link leads nowhere: everything that is offered can be opened.
    """
    found: dict[str, list[str]] = {}
    met: Counter[str] = Counter()
    seen: set[str] = set()
    waiting = deque(("the test", path) for path in (*also, "/"))
    while waiting:
        from_path, path = waiting.popleft()
        kind = kind_of(path)
        if path in seen or met[kind] >= of_a_kind or (leave_out and leave_out.search(name_of(path))):
            continue
        seen.add(path)
        met[kind] += 1
        answer = visitor.page.context.request.get(visitor.url + path)
        assert answer.status == 200, f"{from_path} links to {path}, which answers {answer.status} to {visitor.role}"
        if "text/html" not in answer.headers["content-type"]:
            continue
        arrived = answer.url.removeprefix(visitor.url)
        found.setdefault(name_of(arrived), []).append(arrived)
        waiting.extend((path, link) for link in links_in(answer))
    return found


def links_in(answer: APIResponse) -> list[str]:
    """Addresses of this site on a page, without their fragments."""
    here = urlsplit(answer.url)
    links = (urlsplit(urljoin(answer.url, html.unescape(link))) for link in LINK.findall(answer.text()))
    return [link._replace(scheme="", netloc="", fragment="").geturl() for link in links if link.netloc == here.netloc]


def kind_of(path: str) -> str:
    """The name of the address and of what it is asked: ?month=2024-01 and ?month=2024-02 are of one kind."""
    asked = sorted(pair.partition("=")[0] for pair in urlsplit(path).query.split("&"))
    return f"{name_of(path)} {asked}"


def name_of(path: str) -> str:
    try:
        return resolve(urlsplit(path).path).url_name or ""
    except Resolver404:
        return f"no address: {path}"
