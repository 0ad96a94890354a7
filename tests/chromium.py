"""Where Chromium is, for the tests that drive a browser."""

from __future__ import annotations

import shutil

INSTALL = "apt-get install chromium"


def program() -> str | None:
    """The path of Chromium or Chrome on this machine."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((found for name in names if (found := shutil.which(name))), None)


def installed() -> bool:
    return program() is not None
