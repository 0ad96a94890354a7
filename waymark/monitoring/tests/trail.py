"""Days and curves for tests: the vendors' real examples as stored readings."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from waymark.monitoring.models import Activation, Reading
from waymark.monitoring.rows import row_of, save_rows
from waymark.telemetry import tests as telemetry_tests
from waymark.telemetry.instants import ms_of
from waymark.telemetry.readings import Reading as Said
from waymark.telemetry.vendors import VENDORS

FIXTURES = Path(telemetry_tests.__file__).parent / "fixtures"


def store(activation: Activation, readings: Iterable[Said]) -> None:
    """As the engine stores them, received two seconds after they happened."""
    rows = []
    for reading in readings:
        received = datetime.fromtimestamp(reading.happened_ms / 1000, UTC) + timedelta(seconds=2)
        rows.append((activation.pk, row_of(reading._replace(activation=str(activation.pk)), received, None), False))
    save_rows(Reading, rows)


def fix_at(at: datetime, lat: float = 38.65, lon: float = -90.33, **said: Any) -> Said:
    return Said("", ms_of(at), "fix", lat, lon, **{"accuracy_m": 8.0, "source": "gps", **said})


def moj_trail() -> list[Said]:
    return VENDORS["moj-trail"].decode((FIXTURES / "moj_trail" / "trail.csv").read_bytes()).readings


def drinking() -> list[Said]:
    """The first of the three people in the file."""
    body = (FIXTURES / "scram_cam" / "readings.csv").read_bytes()
    decoded = VENDORS["scram-cam-csv"].decode(body, time_zone="America/Los_Angeles")
    first = decoded.readings[0].activation
    return [one for one in decoded.readings if one.activation == first]
