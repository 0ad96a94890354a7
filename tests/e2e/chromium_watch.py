"""Listens to every page of a browser context, and says what a visitor's browser should never have had to say."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, Response

WITHOUT_A_HOST = ("data", "blob", "about")


class Watch:
    """`faults`: requests to another host, errors in the console (a breach of the Content-Security-Policy is one), and
    exceptions in scripts."""

    def __init__(self, context: BrowserContext, urls: list[str]) -> None:
        self.faults: list[str] = []
        self.hosts = {urlsplit(url).netloc for url in urls}
        self.refused: set[str] = set()  # addresses of pages that answered 4xx: the browser says so in the console
        context.on("request", self.see_request)
        context.on("response", self.see_response)
        context.on("console", self.hear)
        context.on("weberror", lambda error: self.faults.append(f"Exception in a script: {error.error}"))

    def see_request(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in WITHOUT_A_HOST and address.netloc not in self.hosts:
            self.faults.append(f"A request to another host: {request.url}")

    def see_response(self, response: Response) -> None:
        if 400 <= response.status < 500 and response.request.is_navigation_request():
            self.refused.add(response.url)

    def hear(self, message: ConsoleMessage) -> None:
        if message.type != "error":
            return
        told_of_a_page = message.text.startswith("Failed to load resource") and message.location["url"] in self.refused
        if not told_of_a_page:
            self.faults.append(f"In the console of {message.location['url']}: {message.text}")
