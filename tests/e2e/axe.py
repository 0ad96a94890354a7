"""axe-core in the page at hand, by the rules of WCAG 2.1 A and AA."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.e2e.crawl import name_of
from tests.e2e.product import HOME

SCRIPT = HOME / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
RUN = """async (tags) => {
  const found = await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
  return found.violations.flatMap((rule) => rule.nodes.map(
    (node) => `${rule.id} (${rule.help}): ${node.target.join(" ")} ${node.html.slice(0, 160)}`));
}"""


def barriers(page: Page) -> list[str]:
    """Each violation: page, rule, what it asks, and the element."""
    if page.evaluate("() => typeof axe === 'undefined'"):
        page.evaluate(SCRIPT.read_text(encoding="utf-8"))  # as a debugger would: the page's own policy stays in force
    found: list[str] = page.evaluate(RUN, TAGS)
    return [f"{page.url}: {barrier}" for barrier in found]


class Look:
    """Looks at pages one after the other. `names`: of the addresses seen; `found`: every violation."""

    def __init__(self) -> None:
        self.names: set[str] = set()
        self.found: list[str] = []

    def at(self, page: Page) -> None:
        self.names.add(name_of(page.url))
        self.found += barriers(page)
