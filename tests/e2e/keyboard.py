"""Going about with the keyboard alone, and looking where the focus is."""

from __future__ import annotations

from playwright.sync_api import Locator, Page

MOST_STOPS = 400
SLIDES_IN = 20  # looks at the skip link while it comes down from above the page
# A box whose own square is drawn on its label shows the focus there; on the button inside a field for a day
# or a time the browser draws it, out of a script's sight.
SEEN = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const drawn = (style) => (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) ||
    style.boxShadow !== "none";
  const label = element.matches("input[type=checkbox], input[type=radio]") && element.labels[0];
  const box = (label || element).getBoundingClientRect();
  return {
    name: element.tagName.toLowerCase() + " " + (element.innerText || element.getAttribute("aria-label") ||
      element.name || element.id || "").trim().slice(0, 60).replaceAll("\\n", " "),
    visible: drawn(getComputedStyle(element)) || Boolean(label && drawn(getComputedStyle(label, "::before"))) ||
      (element.matches("input:is([type=date], [type=time])") && !element.matches(":focus")),
    inside: box.bottom > 0 && box.right > 0 && box.top < innerHeight && box.left < innerWidth,
    first: element.matches(".usa-skipnav"),
  };
}"""


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus; every stop on the way must be seen."""
    for _ in range(MOST_STOPS):
        if has_focus(target):
            return
        page.keyboard.press("Tab")
        check_seen(page)
    raise AssertionError(f"Tab never reaches {target}.")


def has_focus(target: Locator) -> bool:
    return target.count() == 1 and bool(target.evaluate("element => element === document.activeElement"))


def check_seen(page: Page) -> dict[str, object] | None:
    stop = page.evaluate(SEEN)
    for _ in range(SLIDES_IN):
        if not stop or stop["inside"]:
            break
        page.wait_for_timeout(25)
        stop = page.evaluate(SEEN)
    if stop:
        assert stop["visible"], f"{page.url}: the focus on “{stop['name']}” is not shown."
        assert stop["inside"], f"{page.url}: “{stop['name']}” has the focus out of sight."
    return stop


def round_trip(page: Page) -> list[str]:
    """Tab from the top of the page until it starts again, every stop seen. A trap never starts again."""
    stops = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = check_seen(page)
        if stops and (stop is None or stop["first"]):
            return stops
        if stop:
            stops.append(str(stop["name"]))
    raise AssertionError(f"{page.url}: Tab does not come round; the last stops were {stops[-5:]}.")
