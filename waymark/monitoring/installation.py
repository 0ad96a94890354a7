"""The checklist of an installation (monitoring.md B1): which lines a kind of device asks for."""

from __future__ import annotations

from django.db import models

from waymark.monitoring.models import Activation, Device, MonitoringOrder

Kind, Program = Device.Kind, MonitoringOrder.Program


class Step(models.TextChoices):
    PARAMETERS_BASE = "parameters_base", "Parameters were sent to the base"
    PARAMETERS_BRACELET = "parameters_bracelet", "Parameters were sent to the bracelet"
    BASELINE = "baseline", "The initial baseline reading came in"
    STRAP_CLOSED = "strap_closed", "The strap is closed"
    IN_RANGE = "in_range", "The bracelet was first found in range"
    BASE_CALL = "base_call", "The base called in"
    RANGE_TEST = "range_test", "The walk-round range test is done"


STEPS: dict[str, tuple[Step, ...]] = {
    # No base stands beside it: it calls in by itself, and its first fix is its baseline.
    Kind.GPS: (Step.PARAMETERS_BRACELET, Step.BASELINE, Step.STRAP_CLOSED),
    Kind.PROTECTED: (Step.PARAMETERS_BRACELET, Step.BASELINE),
    Kind.RF_BRACELET: (
        Step.PARAMETERS_BRACELET,
        Step.BASELINE,
        Step.STRAP_CLOSED,
        Step.IN_RANGE,
    ),
    Kind.HOME_UNIT: (Step.PARAMETERS_BASE, Step.BASE_CALL, Step.RANGE_TEST),
    Kind.ALCOHOL: (
        Step.PARAMETERS_BASE,
        Step.PARAMETERS_BRACELET,
        Step.BASELINE,
        Step.STRAP_CLOSED,
        Step.IN_RANGE,
        Step.BASE_CALL,
    ),
}
RANGES_FT = {  # in open field (monitoring.md B1)
    35: "35 ft: a one-bedroom flat",
    75: "75 ft: a house of two storeys",
    150: "150 ft: 3,000 square feet, or two floors and a basement",
}
FOR_PROGRAM: dict[str, tuple[str, ...]] = {
    Program.GPS: (Kind.GPS, Kind.HOME_UNIT, Kind.PROTECTED),
    Program.HOME_DETENTION: (Kind.RF_BRACELET, Kind.HOME_UNIT, Kind.GPS),
    Program.ALCOHOL: (Kind.ALCOHOL,),
}
WORN_FOR: dict[str, tuple[str, ...]] = {  # what must be on the person for the program to be carried out
    Program.GPS: (Kind.GPS,),
    Program.HOME_DETENTION: (Kind.RF_BRACELET, Kind.GPS),
    Program.ALCOHOL: (Kind.ALCOHOL,),
}
USUAL: dict[str, dict[str, int]] = {  # what the form offers; staff may change it
    Program.GPS: {"expected_interval_s": 60, "contact_buffer_s": 900, "grace_minutes": 5},
    Program.HOME_DETENTION: {"expected_interval_s": 60, "contact_buffer_s": 900, "grace_minutes": 5},
    # A reading every 30 minutes (C1), and silence after 24 hours without contact (B1)
    Program.ALCOHOL: {"expected_interval_s": 1800, "contact_buffer_s": 84_600, "grace_minutes": 5},
}


def missing_steps(activation: Activation) -> list[Step]:
    """The lines still to be done, in their order."""
    done = {step.step for step in activation.steps.all()}
    return [step for step in STEPS.get(activation.device.kind, ()) if step not in done]
