"""Real recordings are kept beside the project, not in it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import waymark


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real recordings: WAYMARK_SHARED, or shared/data beside the project."""
    folder = os.environ.get("WAYMARK_SHARED")
    path = Path(folder) if folder else Path(waymark.__file__).parents[2] / "shared" / "data"
    if not path.is_dir():
        pytest.skip(f"the real recordings are not at {path}; set WAYMARK_SHARED to their folder")
    return path
