"""Real recordings that may not be copied into the project. Where they are not, the tests that need them are skipped:
nothing installs them, so that CI lets these skips pass (tests/run.py looks for the words)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

import waymark

FOLDER = Path(os.environ.get("WAYMARK_SHARED", Path(waymark.__file__).parents[2] / "shared")) / "data"
TRAIL = FOLDER / "em_trail" / "pop_trail.csv.gz"
SCRAM = FOLDER / "scram"
CANNOT_BE_INSTALLED = "real recordings, which cannot be installed, are not at WAYMARK_SHARED or ../shared"

needs_recordings = pytest.mark.skipif(not FOLDER.exists(), reason=CANNOT_BE_INSTALLED)
