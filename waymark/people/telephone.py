"""Telephone numbers as people type them."""

from __future__ import annotations


def read_telephone(text: str) -> str:
    """ "(314) 555 0134" gives "314-555-0134"; a number abroad keeps its plus, "+52 55 1234 5678" gives "+525512345678".

    Raises ValueError with a sentence that says what is wrong.
    """
    digits = "".join(c for c in text if c.isdecimal() and c.isascii())
    if any(c.isalpha() for c in text):
        raise ValueError(f"“{text}” has letters in it. Type the number in digits, with its area code: 314-555-0134.")
    if text.strip().startswith("+") and not digits.startswith("1"):
        if not 8 <= len(digits) <= 15:
            raise ValueError(f"“{text}” is no number abroad. Type a plus, the country’s code and the whole number.")
        return f"+{digits}"
    digits = digits.removeprefix("1") if len(digits) == 11 else digits
    if len(digits) != 10 or digits[0] in "01":
        raise ValueError(f"“{text}” is no telephone number. Type ten digits, with the area code: 314-555-0134.")
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}"
