"""axe-core in the page at hand, by the rules of WCAG 2.1 A and AA."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.e2e.product import HOME

SCRIPT = HOME / "node_modules" / "axe-core" / "axe.min.js"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
RUN = """async (tags) => {
  const found = await axe.run(document, {runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
  return found.violations.flatMap((rule) => rule.nodes.map(
    (node) => `${rule.id} (${rule.help}): ${node.target.join(" ")} ${node.html.slice(0, 160)}`));
}"""


def barriers(page: Page) -> list[str]:
    """Each violation: rule, what it asks, and the element. The context needs bypass_csp=True."""
    page.add_script_tag(path=SCRIPT)
    found: list[str] = page.evaluate(RUN, TAGS)
    return found
