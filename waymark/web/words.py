"""What participants read, in every language the site speaks. Sixth-grade words; `say` refuses a sentence it lacks."""

from __future__ import annotations

from datetime import date

LANGUAGES = ("en", "es")

WEEKDAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}
MONTHS = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
}

SENTENCES: dict[str, dict[str, str]] = {
    "not_recorded": {"en": "not recorded", "es": "no está registrado"},
    "skip": {"en": "Skip to main content", "es": "Ir al contenido principal"},
    "sign_out": {"en": "Sign out", "es": "Cerrar sesión"},
    "other_language": {"en": "Español", "es": "English"},
    "demonstration": {
        "en": "This is a demonstration. Every person in it is invented.",
        "es": "Esta es una demostración. Todas las personas son inventadas.",
    },
}


def say(key: str, language: str, **values: object) -> str:
    """The sentence in the language, its places filled. KeyError when the sentence or the language is missing."""
    return SENTENCES[key][language].format(**values)


def day(on: date, language: str) -> str:
    """Friday, June 1, 2018 / viernes, 1 de junio de 2018."""
    weekday, month_name = WEEKDAYS[language][on.weekday()], MONTHS[language][on.month - 1]
    if language == "es":
        return f"{weekday}, {on.day} de {month_name} de {on.year}"
    return f"{weekday}, {month_name} {on.day}, {on.year}"


def month(on: date, language: str) -> str:
    """March 2017 / marzo de 2017."""
    name = MONTHS[language][on.month - 1]
    return f"{name} de {on.year}" if language == "es" else f"{name} {on.year}"


def money(cents: int) -> str:
    """5510 cents: $55.10; whole dollars lose the cents: $60."""
    dollars, rest = divmod(cents, 100)
    return f"${dollars:,}.{rest:02}" if rest else f"${dollars:,}"
