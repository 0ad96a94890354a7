"""PURE: what each vendor sends, as readings. The list of vendors, readable in one place.

    decoded = VENDORS["moj-trail"].decode(body)
    decoded = VENDORS["scram-cam-xlsx"].decode(body, "CC6740", time_zone="America/Los_Angeles")

Whatever the bytes are, the answer is readings and refusals, never an exception, and nothing is dropped in silence. How
each vendor's fields are understood: docs/vendors.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import PurePath

from waymark.telemetry.instants import zone_named
from waymark.telemetry.readings import Decoded
from waymark.telemetry.vendors.generic.decode import decode as decode_generic
from waymark.telemetry.vendors.gpx.decode import decode as decode_gpx
from waymark.telemetry.vendors.moj_trail.decode import decode as decode_moj_trail
from waymark.telemetry.vendors.nmea.decode import decode as decode_nmea
from waymark.telemetry.vendors.pieces import refuse_all
from waymark.telemetry.vendors.scram_cam.decode import decode_csv as decode_scram_csv
from waymark.telemetry.vendors.scram_cam.decode import decode_xlsx as decode_scram_xlsx

DEFAULT_TIME_ZONE = "America/Chicago"
LARGEST_BYTES = 64 * 2**20


@dataclass(frozen=True, slots=True)
class Vendor:
    """`says_who`: the file names its device or person. `local_times`: it gives wall time without an offset."""

    name: str
    words: str
    read: Callable[[bytes, str | None, str], Decoded]
    says_who: bool = True
    local_times: bool = False

    def decode(self, body: bytes, activation: str | None = None, *, time_zone: str = DEFAULT_TIME_ZONE) -> Decoded:
        """Readings and refusals of one file or message. `activation`, where given, is whose they are, whatever it says.

        `time_zone` counts only for vendors with local times.
        """
        if len(body) > LARGEST_BYTES:
            return refuse_all("size", f"has {len(body)} bytes. Send at most {LARGEST_BYTES} at a time.")
        if not body.strip():
            return refuse_all("format", "is empty. Send at least one reading.")
        if not self.says_who and not activation:
            return refuse_all(
                "activation", f"does not say whose it is, as {self.name} never does. Name the activation."
            )
        if self.local_times and not is_time_zone(time_zone):
            return refuse_all("time_zone", f'"{time_zone}" is not a time zone. Give one as America/Chicago.')
        decoded = self.read(body, activation, time_zone)
        if not decoded.readings and not decoded.refused:
            return refuse_all("format", "holds no reading. Send at least one.")
        return decoded


VENDORS = {
    vendor.name: vendor
    for vendor in (
        Vendor(
            "generic", "The contract's CSV, or JSON with the same keys: a list, or one object a line.", decode_generic
        ),
        Vendor("moj-trail", "Positions as the English tag viewer writes them: CSV or JSON.", decode_moj_trail),
        Vendor("scram-cam-xlsx", "The alcohol bracelet's report, a workbook.", decode_scram_xlsx, local_times=True),
        Vendor("scram-cam-csv", "The same readings as a plain table.", decode_scram_csv, local_times=True),
        Vendor("nmea", "Sentences of a satellite receiver (NMEA 0183).", decode_nmea, says_who=False),
        Vendor("gpx", "Tracks (GPX 1.0 and 1.1).", decode_gpx, says_who=False),
    )
}


def is_time_zone(name: str) -> bool:
    try:
        zone_named(name)
    except (ValueError, KeyError, OSError):
        return False
    return True


def activation_in_file_name(name: str) -> str:
    """For files that do not say whose they are: "reports/CC6740_CAM_Results.xlsx" is of CC6740."""
    return PurePath(name).stem.removesuffix("_CAM_Results")
