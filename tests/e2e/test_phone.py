"""A participant on a phone: one column, in her own language, remembered."""

from __future__ import annotations

import pytest

from tests.e2e.axe import barriers
from tests.e2e.conftest import PHONE, NewContext
from tests.e2e.navigators import Participant
from tests.e2e.product import Product

pytestmark = pytest.mark.browser

NARROWEST = {"width": 320, "height": 640}
SMALLEST_TYPE = """() => {
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  let smallest = 100;
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    if (texts.currentNode.textContent.trim() && parent.closest("main") && parent.checkVisibility())
      smallest = Math.min(smallest, parseFloat(getComputedStyle(parent).fontSize));
  }
  return smallest;
}"""


@pytest.mark.parametrize("screen", [PHONE, NARROWEST], ids=lambda screen: f"{screen['width']} px")
def test_it_fits_a_phone_in_both_languages(screen: dict[str, int], new_context: NewContext, product: Product):
    participant = Participant(new_context(viewport=screen).new_page(), product.url)
    participant.sign_in()
    assert participant.fits
    read = []
    for _ in range(2):
        assert participant.fits, participant.language
        assert participant.page.evaluate(SMALLEST_TYPE) >= 16
        assert participant.page.get_by_role("heading", level=1).count() == 1
        read.append((participant.language, participant.headline))
        participant.switch_language()
    said = dict(read)
    assert said.keys() == {"en", "es"}
    assert said["en"] != said["es"]


@pytest.mark.parametrize("screen", [PHONE, NARROWEST], ids=lambda screen: f"{screen['width']} px")
def test_it_fits_the_pages_of_who_is_monitored(screen: dict[str, int], new_context: NewContext, product: Product):
    participant = Participant(new_context(viewport=screen).new_page(), product.url)
    participant.sign_in()
    for path in ("/my/schedule/", "/my/schedule/ask/", "/my/papers/"):
        read = set()
        for _ in range(2):
            participant.go(path)
            assert barriers(participant.page) == []
            assert participant.fits, (path, participant.language)
            assert participant.page.evaluate(SMALLEST_TYPE) >= 16, (path, participant.language)
            read.add(participant.headline)
            participant.switch_language()
        assert len(read) == 2, f"{path} reads the same in both languages"


def test_it_remembers_the_language(new_context: NewContext, product: Product):
    participant = Participant(new_context(viewport=PHONE).new_page(), product.url)
    participant.sign_in()
    if participant.language == "en":
        participant.switch_language()
    assert "supervisión" in participant.page.get_by_role("main").inner_text()
    participant.sign_out()

    again = Participant(new_context(viewport=PHONE).new_page(), product.url)
    again.sign_in()
    assert again.language == "es"
    again.switch_language()
    assert "supervision" in again.page.get_by_role("main").inner_text()
    again.page.reload()
    assert again.language == "en"
