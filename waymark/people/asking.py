"""What somebody typed to find a person: read into words, a birth date and numbers, and held against a record.

Pure functions. `read` turns "Jon Smyth, 1981" into an `Asked`; `match` says how well a record answers it, and why.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date

from waymark.people.identity import (
    PARTICLES,
    Likeness,
    Particulars,
    compact,
    nicknames,
    one_letter_apart,
    sound,
    words_of,
)

EARLIEST_YEAR = 1900
LONGEST = 200  # characters of a search; longer is a slip of the clipboard
SHORTEST_NUMBER = 4
PASSED_OVER = {"born", "dob", "birth", "phone", "tel", "sid", "doc", "fbi", "no"}

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
ISO_DATE = re.compile(r"\b(?P<y>\d{4})[-/.](?P<m>\d{1,2})[-/.](?P<d>\d{1,2})\b")
US_DATE = re.compile(r"\b(?P<m>\d{1,2})(?P<sep>[-/.])(?P<d>\d{1,2})(?P=sep)(?P<y>\d{4}|\d{2})\b")
MONTH_WORD = rf"(?P<m>(?:{'|'.join(MONTHS)})[a-z]*)\.?"
WRITTEN_DATES = (
    re.compile(rf"\b{MONTH_WORD}\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})\b", re.IGNORECASE),
    re.compile(rf"\b(?P<d>\d{{1,2}})(?:st|nd|rd|th)?\s+{MONTH_WORD},?\s+(?P<y>\d{{4}})\b", re.IGNORECASE),
)
DATES = (ISO_DATE, US_DATE, *WRITTEN_DATES)
TELEPHONE = re.compile(r"(?:\+?1[ .-]?)?\(?\b\d{3}\)?[ .-]?\d{3}[ .-]\d{4}\b|\b\d{3}[ .-]\d{4}\b")

# How well one typed word fits one word of a name.
SAME, NICKNAME, BEGINS, SOUNDS, LETTER = 100, 85, 75, 70, 65
OUT_OF_PLACE = 5  # a family name found among the given names
BIRTH_FITS, NUMBER_FITS = 30, 40


class CannotSearch(Exception):
    """Nothing can be looked for; the message says what to type instead."""


@dataclass(frozen=True)
class Asked:
    """`words` are folded; `family` is the one typed where a family name stands. `born` is a year or an ISO date, as the
    beginning of one; `numbers` are compact (identity.compact)."""

    words: tuple[str, ...] = ()
    family: str = ""
    born: str = ""
    numbers: tuple[str, ...] = ()


def read(text: str, today: date) -> Asked:
    """What is asked for. Raises CannotSearch when that is nothing."""
    if not text.strip():
        raise CannotSearch("Type a name, a birth date, an identifier, or the last four digits of a telephone number.")
    if len(text) > LONGEST:
        raise CannotSearch(f"Type at most {LONGEST} characters: a name and a birth year are usually enough.")
    rest, born = _take_date(text, today)
    rest, telephones = _take_telephones(rest)
    asked = _read_words(rest, today)
    asked = replace(asked, born=born or asked.born, numbers=(*telephones, *asked.numbers))
    if len(asked.born) == 4 and not asked.words:
        asked = replace(asked, numbers=(*asked.numbers, asked.born))  # 1981 alone may also end a telephone number
    if not (asked.born or asked.numbers or any(len(word) > 1 for word in asked.words)):
        raise CannotSearch(_what_was_missing(text))
    return asked


def match(asked: Asked, who: Particulars, identifiers: frozenset[str] = frozenset()) -> Likeness:
    """How well the record answers; 0 when it does not. `identifiers`: all numbers of the record, compact."""
    points, why = _best_name(asked, who)
    if asked.born and who.born_on:
        if who.born_on.isoformat().startswith(asked.born):
            points, why = points + BIRTH_FITS, (*why, f"born {'in' if len(asked.born) == 4 else 'on'} {asked.born}")
        elif asked.words:
            points, why = max(0, points - BIRTH_FITS), (*why, f"but born on {who.born_on}")
    for number in asked.numbers:
        if words := _number_fits(number, who, identifiers):
            points, why = points + NUMBER_FITS, (*why, words)
    return Likeness(points, why)


def _take_date(text: str, today: date) -> tuple[str, str]:
    """The text without its first date, and that date as ISO text."""
    for pattern in DATES:
        if found := pattern.search(text):
            born = _date_of(found, today)
            return f"{text[: found.start()]} {text[found.end() :]}", born.isoformat()
    return text, ""


def _date_of(found: re.Match[str], today: date) -> date:
    month, year = found["m"].lower(), int(found["y"])
    if year < 100:  # 81 is 1981; nobody under ten is looked for here
        year += 2000 if 2000 + year <= today.year - 10 else 1900
    number = int(month) if month.isdecimal() else MONTHS.index(month[:3]) + 1
    try:
        born = date(year, number, int(found["d"]))
    except ValueError:
        raise CannotSearch(f"{found[0]} is no day of the calendar. Write a birth date as 03/14/1981.") from None
    if born > today or born.year < EARLIEST_YEAR:
        raise CannotSearch(f"{found[0]} cannot be a birth date. Write one from {EARLIEST_YEAR} to today.")
    return born


def _take_telephones(text: str) -> tuple[str, tuple[str, ...]]:
    numbers = [compact(found[0]) for found in TELEPHONE.finditer(text)]
    return TELEPHONE.sub(" ", text), tuple(n[1:] if len(n) == 11 and n[0] == "1" else n for n in numbers)


def _read_words(text: str, today: date) -> Asked:
    words, numbers, born = [], [], ""
    for word in text.replace(",", " , ").split():
        if word.isdecimal() and len(word) == 4 and EARLIEST_YEAR <= int(word) <= today.year and not born:
            born = word
        elif any(c.isdecimal() for c in word):
            numbers.append(compact(word))
        elif word.casefold().strip(".:#") not in PASSED_OVER:
            words.append(word)
    names = words_of(" ".join(word for word in words if word != ","))
    telling = tuple(name for name in names if name not in PARTICLES)
    return Asked(telling or names, _family_word(words), born, tuple(n for n in numbers if len(n) >= SHORTEST_NUMBER))


def _family_word(words: list[str]) -> str:
    """The word before the first comma when a name follows it ("Smith, John"), else the last one ("John Smith")."""
    before = words_of(" ".join(words[: words.index(",")])) if "," in words else ()
    after = words_of(" ".join(words[words.index(",") :])) if "," in words else ()
    names = before if before and after else words_of(" ".join(words))
    return names[-1] if names else ""


def _what_was_missing(text: str) -> str:
    if any(c.isdecimal() for c in text):
        return f"Type at least {SHORTEST_NUMBER} digits or letters of a number, or add a name."
    if any(c.isalpha() for c in text):
        return "Type at least two letters of a name."
    return "There is no name, date or number in this. Try a family name, or 03/14/1981."


def _best_name(asked: Asked, who: Particulars) -> tuple[int, tuple[str, ...]]:
    """Points (0 to 100) and words for the name of the record that fits best; nothing when no word was typed."""
    if not asked.words:
        return 0, ()
    fits = [_name_fits(asked, words_of(f"{n.given} {n.middle}"), words_of(n.family)) for n in who.names]
    best = max(range(len(fits)), key=lambda place: fits[place][0])  # the first of equals: the name on record
    points, why = fits[best]
    return points, (f"also known as {who.names[best]}", *why) if best and points else why


def _name_fits(asked: Asked, given: tuple[str, ...], family: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
    fits = [_word_fits(word, given, family, is_family=word == asked.family) for word in asked.words]
    points = sum(points for points, _ in fits) // len(fits)
    return points, tuple(dict.fromkeys(words for _, words in fits if words))


def _word_fits(word: str, given: tuple[str, ...], family: tuple[str, ...], *, is_family: bool) -> tuple[int, str]:
    choices = []
    for part, its_words in (("given", given), ("family", family)):
        for other in {*its_words, "".join(its_words)} - {""}:
            points, words = _fit(word, other, part)
            misplaced = OUT_OF_PLACE if points and is_family != (part == "family") else 0
            choices.append((points - misplaced, words))
    return max(choices, default=(0, ""))


def _fit(word: str, other: str, part: str) -> tuple[int, str]:
    if word == other:
        return SAME, f"the {part} name is {word.capitalize()}"
    if part == "given" and other in nicknames(word):
        return NICKNAME, f"{word.capitalize()} is another form of {other.capitalize()}"
    if other.startswith(word):
        return BEGINS, f"the {part} name begins with {word.capitalize()}"
    if sound(word) and sound(word) == sound(other):
        return SOUNDS, f"the {part} name sounds the same"
    if one_letter_apart(word, other):
        return LETTER, f"the {part} name differs by one letter"
    return 0, ""


def _number_fits(number: str, who: Particulars, identifiers: frozenset[str]) -> str:
    if any(known.startswith(number) for known in identifiers):
        return f"an identifier is {number}" if number in identifiers else f"an identifier begins with {number}"
    if number.isdecimal() and any(known.endswith(number) for known in who.phones):
        return f"a telephone number ends in {number[-4:]}"
    return ""
