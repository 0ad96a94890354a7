"""RSMo 559.016: how long a term of probation may be. The rest of the section comes with the placements."""

from __future__ import annotations

from waymark.facts.faults import Fault

MAXIMUM_MONTHS = {True: 60, False: 24}  # 559.016.1: a felony at most five years, a misdemeanor at most two
EXTENSION_BEYOND_MONTHS = 12  # 559.016.3: one year past the maximum, where a violation was admitted or found


def length_faults(felony: bool, months: int, extensions: list[tuple[int, bool | None]]) -> list[Fault]:
    """What is wrong with a probation term of so many months and its extensions [(months, violation found)].

    Source: 559.016.1, .3 and 559.036.2 (one extension; one more year where a violation was admitted or found).
    """
    maximum = MAXIMUM_MONTHS[felony]
    offense = "felony" if felony else "misdemeanor"
    faults = []
    if months > maximum:
        faults.append(
            Fault(
                "term.years",
                f"{_length(months)} is above the maximum of {_length(maximum)} for a {offense} (559.016.1). "
                "Give the term the court imposed; enter more time as an extension.",
            )
        )
        return faults
    total = months
    without_violation = 0
    for number, (more, violation_found) in enumerate(extensions):
        total += more
        without_violation += not violation_found
        limit = maximum + (EXTENSION_BEYOND_MONTHS if violation_found else 0)
        if total > limit:
            faults.append(
                Fault(
                    f"term.extensions.{number}",
                    f"makes the term {_length(total)}, above the maximum of {_length(limit)} for a {offense} "
                    "(559.016.1, .3). A year past the maximum needs a violation admitted or found: "
                    "set violation_found, or correct the years.",
                )
            )
        elif without_violation > 1:
            faults.append(
                Fault(
                    f"term.extensions.{number}",
                    "is a second extension without a violation; 559.036.2 allows one. "
                    "Set violation_found if a violation was admitted or found.",
                )
            )
    return faults


def _length(months: int) -> str:
    years, rest = divmod(months, 12)
    parts = [f"{years} year{'s' * (years != 1)}"] if years else []
    parts += [f"{rest} month{'s' * (rest != 1)}"] if rest or not years else []
    return " and ".join(parts)
