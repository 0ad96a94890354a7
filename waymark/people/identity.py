"""Who is who: what a name is folded to, what it sounds like, and how alike two records are.

Pure functions. A record is found by its search keys (`keys_of`); a typed search is read by people.asking and judged by
`match`; two records are compared by `likeness`. Every judgement carries the words that say why.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

import jellyfish

SUFFIXES = {"jr", "sr", "ii", "iii", "iv", "junior", "senior"}
PARTICLES = {"da", "das", "de", "del", "della", "der", "di", "dos", "du", "el", "la", "las", "le", "los", "van"}
PARTICLES |= {"von", "y"}
NOT_DECOMPOSED = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})

NICKNAMES = [
    {"william", "bill", "billy", "will", "willie", "liam"},
    {"robert", "bob", "bobby", "rob", "robbie"},
    {"richard", "dick", "rick", "ricky", "rich"},
    {"james", "jim", "jimmy", "jamie"},
    {"john", "jack", "johnny"},
    {"jonathan", "jon", "johnathan"},
    {"joseph", "joe", "joey"},
    {"michael", "mike", "mikey", "mick"},
    {"charles", "charlie", "chuck"},
    {"thomas", "tom", "tommy"},
    {"daniel", "dan", "danny"},
    {"david", "dave", "davey"},
    {"edward", "ed", "eddie", "ted", "ned"},
    {"theodore", "ted", "teddy", "theo"},
    {"anthony", "tony"},
    {"andrew", "andy", "drew"},
    {"alexander", "alex", "al"},
    {"alexandra", "alex", "sandra", "lexi"},
    {"benjamin", "ben", "benny"},
    {"christopher", "chris", "topher"},
    {"christina", "christine", "chris", "tina", "chrissy"},
    {"donald", "don", "donnie"},
    {"francis", "frank", "frankie"},
    {"gerald", "gerry", "jerry"},
    {"gregory", "greg"},
    {"henry", "hank", "harry"},
    {"kenneth", "ken", "kenny"},
    {"lawrence", "larry"},
    {"matthew", "matt"},
    {"nicholas", "nick", "nicky"},
    {"patrick", "pat", "paddy"},
    {"peter", "pete"},
    {"ronald", "ron", "ronnie"},
    {"samuel", "sam", "sammy"},
    {"stephen", "steven", "steve", "stevie"},
    {"timothy", "tim", "timmy"},
    {"vincent", "vince", "vinny"},
    {"elizabeth", "liz", "lizzie", "beth", "betty", "eliza", "betsy"},
    {"margaret", "maggie", "meg", "peggy", "marge"},
    {"katherine", "kate", "katie", "kathy", "kitty"},
    {"patricia", "pat", "patty", "trish", "tricia"},
    {"barbara", "barb", "barbie"},
    {"deborah", "deb", "debbie"},
    {"jennifer", "jen", "jenny"},
    {"jessica", "jess", "jessie"},
    {"kimberly", "kim", "kimmy"},
    {"pamela", "pam"},
    {"rebecca", "becky", "becca"},
    {"sandra", "sandy"},
    {"susan", "sue", "suzie", "susie"},
    {"theresa", "teresa", "terry", "tess"},
    {"victoria", "vicky", "tori"},
    {"virginia", "ginny"},
    {"francisco", "paco", "pancho", "frank"},
    {"jose", "pepe"},
    {"guadalupe", "lupe"},
    {"ignacio", "nacho"},
    {"jesus", "chuy"},
    {"enrique", "kike"},
    {"eduardo", "lalo"},
    {"manuel", "manny"},
    {"rosario", "chayo"},
]

# What likeness weighs. Alike in everything comes to 100; two people are worth showing together from PROBABLE on.
FAMILY_SAME, FAMILY_SHARED, FAMILY_SOUND, FAMILY_LETTER, FAMILY_OTHER = 35, 25, 25, 22, -10
GIVEN_SAME, GIVEN_NICKNAME, GIVEN_SOUND, GIVEN_LETTER, GIVEN_INITIAL, GIVEN_OTHER = 30, 22, 20, 18, 10, -15
MIDDLE_SAME, MIDDLE_INITIAL, MIDDLE_OTHER = 5, 3, -5
BORN_SAME, BORN_SWAPPED, BORN_DIGIT, BORN_YEAR, BORN_OTHER = 30, 20, 12, -10, -30
NUMBER_SHARED = 120  # outweighs all that can differ
PROBABLE = 60


@dataclass(frozen=True)
class Name:
    given: str
    family: str
    middle: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.given, self.middle, self.family) if part)


@dataclass(frozen=True)
class Particulars:
    """What identity is judged by. The first of `names` is the name on record. `numbers` are the identifiers that mean
    one person whichever agency wrote them down, each as "kind VALUE"; `phones` are digits."""

    names: tuple[Name, ...]
    born_on: date | None = None
    numbers: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Likeness:
    """0 to 100, and why."""

    score: int
    why: tuple[str, ...] = ()

    @property
    def probable(self) -> bool:
        return self.score >= PROBABLE

    def __str__(self) -> str:
        return "; ".join(self.why)


def fold(text: str) -> str:
    """Lower case without accents: "Muñoz" and "MUNOZ" both give "munoz"."""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(NOT_DECOMPOSED))
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()


def words_of(name: str) -> tuple[str, ...]:
    """The folded words of a name. Hyphens and blanks part them, apostrophes and dots do not; Jr. and the like go."""
    kept = "".join(c if c.isalnum() else "" if c in "'’ʼ`." else " " for c in fold(name))
    return tuple(word for word in kept.split() if word not in SUFFIXES)


def sound(word: str) -> str:
    """What a folded word sounds like, as a phonetic code; empty when it has no sound of its own."""
    return str(jellyfish.metaphone(word)).replace(" ", "")


def nicknames(given: str) -> frozenset[str]:
    """Other names the folded given name goes by, in either direction; not the name itself."""
    return frozenset().union(*(group for group in NICKNAMES if given in group)) - {given}


def compact(number: str) -> str:
    """Letters and digits only, in capitals: "mo-123 45" gives "MO12345"."""
    return "".join(c for c in fold(number).upper() if c.isalnum())


def keys_of(who: Particulars, identifiers: Iterable[str] = ()) -> set[tuple[str, str]]:
    """Every (kind, key) the record is to be found by. `identifiers`: all its numbers, of whatever kind."""
    keys: set[tuple[str, str]] = set()
    for name in who.names:
        for word in _words_to_find(name):
            keys |= {("spelled", word), ("sound", sound(word))}
    if who.born_on:
        keys.add(("born", who.born_on.isoformat()))
    keys |= {("number", compact(number)) for number in identifiers}
    keys |= {("phone", digits[::-1]) for digits in who.phones}
    keys |= {("alike", key) for key in alike_keys(who)} | {("whole", key) for key in whole_keys(who)}
    return {(kind, key[:64]) for kind, key in keys if key}


def alike_keys(who: Particulars) -> set[str]:
    """What two records of one person would share and hardly two people: a number, or a birth date with the sound of
    one part of the name and the beginning of the other."""
    keys = set(who.numbers)
    for name in who.names if who.born_on else ():
        given, family = words_of(name.given), words_of(name.family)
        if given and family:
            keys.add(f"{sound(given[0])} {''.join(family)[0]} {who.born_on}")
            keys |= {f"{_usual_form(given[0])[0]} {sound(word)} {who.born_on}" for word in {*family, "".join(family)}}
    return keys


def whole_keys(who: Particulars) -> set[str]:
    """The sound of each whole name, for records whose birth date is missing or mistyped."""
    sounds = {(_sound_of(name.given), _sound_of(name.family)) for name in who.names}
    return {f"{given} {family}" for given, family in sounds if given and family}


def likeness(one: Particulars, other: Particulars) -> Likeness:
    """How likely two records are one person. The order of the two makes no difference."""
    found = [*_names_alike(one, other), *_born_alike(one.born_on, other.born_on), *_numbers_alike(one, other)]
    points = sum(points for points, _ in found)
    return Likeness(max(0, min(100, points)), tuple(words for _, words in found if words))


def one_letter_apart(one: str, other: str) -> bool:
    """One letter more, less, other or swapped, in words long enough for that to mean something."""
    return min(len(one), len(other)) >= 4 and jellyfish.damerau_levenshtein_distance(one, other) == 1


Found = tuple[int, str]  # points, and the words that say why ("" for points taken off in silence)


def _words_to_find(name: Name) -> set[str]:
    found = set()
    for part in (name.given, name.middle, name.family):
        words = words_of(part)
        found |= {word for word in words if word not in PARTICLES or len(words) == 1}
        found.add("".join(words))  # "de la Cruz" is also looked for as "delacruz"
    return found - {""}


def _sound_of(part: str) -> str:
    return sound("".join(words_of(part)))


def _usual_form(given: str) -> str:
    """One form for all the names of a nickname group, so that Bill and William begin alike."""
    return min({given, *nicknames(given)})


def _names_alike(one: Particulars, other: Particulars) -> list[Found]:
    """The best of every name of the one against every name of the other."""
    pairs = [_name_alike(mine, theirs) for mine in one.names for theirs in other.names]
    return max(pairs, key=lambda found: (sum(points for points, _ in found), found), default=[])


def _name_alike(one: Name, other: Name) -> list[Found]:
    found = [
        _family_alike(words_of(one.family), words_of(other.family)),
        _given_alike(words_of(one.given), words_of(other.given)),
        _middle_alike(words_of(one.middle), words_of(other.middle)),
    ]
    return [each for each in found if each[0]]


def _family_alike(one: tuple[str, ...], other: tuple[str, ...]) -> Found:
    if not one or not other:
        return 0, ""
    whole, other_whole = "".join(one), "".join(other)
    if whole == other_whole:
        return FAMILY_SAME, "the family name is the same"
    if shared := (set(one) & set(other)) - PARTICLES:
        return FAMILY_SHARED, f"both family names have {min(shared).capitalize()}"
    if sound(whole) and sound(whole) == sound(other_whole):
        return FAMILY_SOUND, "the family name sounds the same"
    if one_letter_apart(whole, other_whole):
        return FAMILY_LETTER, "the family name differs by one letter"
    return FAMILY_OTHER, ""


def _given_alike(one: tuple[str, ...], other: tuple[str, ...]) -> Found:
    if not one or not other:
        return 0, ""
    (first, whole), (other_first, other_whole) = (one[0], "".join(one)), (other[0], "".join(other))
    if whole == other_whole or first == other_first:
        return GIVEN_SAME, "the given name is the same"
    if other_first in nicknames(first):
        return (
            GIVEN_NICKNAME,
            f"{' and '.join(sorted((first.capitalize(), other_first.capitalize())))} are forms of one name",
        )
    if sound(whole) and sound(whole) == sound(other_whole) and min(len(whole), len(other_whole)) > 1:
        return GIVEN_SOUND, "the given name sounds the same"
    if one_letter_apart(whole, other_whole):
        return GIVEN_LETTER, "the given name differs by one letter"
    if first[0] == other_first[0] and min(len(first), len(other_first)) == 1:
        return GIVEN_INITIAL, "the initial fits the given name"
    return GIVEN_OTHER, ""


def _middle_alike(one: tuple[str, ...], other: tuple[str, ...]) -> Found:
    if not one or not other:
        return 0, ""
    if one == other:
        return MIDDLE_SAME, "the middle name is the same"
    if one[0][0] == other[0][0] and min(len(one[0]), len(other[0])) == 1:
        return MIDDLE_INITIAL, "the middle initial fits"
    return MIDDLE_OTHER, ""


def _born_alike(one: date | None, other: date | None) -> Iterator[Found]:
    if one is None or other is None:
        return
    if one == other:
        yield BORN_SAME, f"born on {one}"
    elif one.year == other.year and (one.month, one.day) == (other.day, other.month):
        yield BORN_SWAPPED, "day and month of birth are swapped"
    elif _digits_apart(one, other) == 1:
        yield BORN_DIGIT, "the birth dates differ in one digit"
    else:
        yield (BORN_YEAR if one.year == other.year else BORN_OTHER), ""


def _digits_apart(one: date, other: date) -> int:
    return sum(a != b for a, b in zip(one.isoformat(), other.isoformat(), strict=True))


def _numbers_alike(one: Particulars, other: Particulars) -> Iterator[Found]:
    if one.numbers & other.numbers:
        yield NUMBER_SHARED, "both records have the same identifier"
