"""The offices of the demo county: agencies and units of St. Louis as they are, every person in them invented."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Unit:
    code: str
    name: str
    phone: str = ""


@dataclass(frozen=True)
class Agency:
    code: str
    name: str
    kind: str
    phone: str = ""
    units: tuple[Unit, ...] = ()


@dataclass(frozen=True)
class Staff:
    """An account. `unit` is the code of one of the agency's units, or empty."""

    username: str
    first_name: str
    last_name: str
    role: str
    scope: str  # "own", "unit", "agency", "whole"
    agency: str = ""
    unit: str = ""
    title: str = ""

    @property
    def whole_name(self) -> str:
        return f"{self.first_name} {self.last_name}"


DJS, DIVISION, CIRCUIT_ATTORNEY, COUNTY_PROSECUTOR = "djs", "probation-parole", "circuit-attorney", "county-prosecutor"
COUNTY_COURT, CITY_COURT, MUNICIPAL_COURT = "circuit-21", "circuit-22", "municipal"
DEFENDERS, POLICE = "public-defender", "county-police"
OF_OPINIONS = "published-opinions"

AGENCIES = (
    Agency(
        DJS,
        "St. Louis County Department of Justice Services, Community Corrections",
        "county_corrections",
        "(314) 615-4770",
        (
            Unit("ehd", "Electronic Home Detention (EHD)", "(314) 615-4343"),
            Unit("ccap", "Community Corrections Alternative Program (CCAP)"),
            Unit("pretrial", "Pretrial Release Supervision", "(314) 615-4738"),
            Unit("acsp", "Alternative Community Service Program (ACSP)", "(314) 615-4770"),
            Unit("ddc", "Defensive Driving Course (DDC)", "(314) 615-4770"),
            Unit("psu", "Probation Supervision Unit (PSU)", "(314) 615-4770"),
            Unit("mmhc", "Municipal Mental Health Court (MMHC)", "(314) 615-5698"),
            Unit("scram", "Alcohol Monitoring (SCRAM)", "(314) 615-4770"),
            Unit("dvip", "Domestic Violence Impact Panel (DVIP)", "(314) 615-8413"),
            Unit("vip", "Victim Impact Panel (VIP)", "(314) 615-8224"),
            Unit("prea", "PREA Unit", "(314) 615-5055"),
        ),
    ),
    Agency(
        DIVISION,
        "Missouri Division of Probation and Parole",
        "state_division",
        units=(
            Unit("ecc", "Earned Compliance Credits (ECC)"),
            Unit("north", "Field Supervision, North County"),
            Unit("south", "Field Supervision, South County"),
            Unit("west", "Field Supervision, West County"),
            Unit("city", "Field Supervision, City of St. Louis"),
            Unit("dv", "Domestic Violence Specialized Caseload"),
            Unit("cods", "Court Ordered Detention Sanction (CODS)"),
            Unit("ltc", "Long-Term Treatment (LTC)"),
            Unit("soau", "Sex Offender Assessment Unit (SOAU)"),
            Unit("itc-sip", "Institutional Treatment and Shock Incarceration (ITC/SIP)"),
        ),
    ),
    Agency(
        CIRCUIT_ATTORNEY,
        "St. Louis Circuit Attorney's Office",
        "prosecutor",
        units=(Unit("diversion", "Diversion Unit"), Unit("trial", "Trial Unit")),
    ),
    Agency(COUNTY_PROSECUTOR, "St. Louis County Prosecuting Attorney's Office", "prosecutor"),
    Agency(COUNTY_COURT, "Circuit Court of St. Louis County, 21st Judicial Circuit", "court"),
    Agency(CITY_COURT, "Circuit Court of the City of St. Louis, 22nd Judicial Circuit", "court"),
    Agency(MUNICIPAL_COURT, "St. Louis County Municipal Court", "court"),
    Agency(OF_OPINIONS, "Courts of Missouri, published opinions", "court"),
    Agency(DEFENDERS, "Missouri State Public Defender, St. Louis offices", "defender"),
    Agency(POLICE, "St. Louis County Police Department", "police", "(636) 529-8210"),
)

# One account for every role but the participant, whose account belongs to a person of the county. The user name is the
# role, so that a tour can say whom to sign in as.
DEMO_STAFF = (
    Staff("officer", "Rosa", "Alvarez", "officer", "own", DIVISION, "ecc", "Probation and Parole Officer II"),
    Staff("supervisor", "Harlan", "Whitcombe", "supervisor", "unit", DIVISION, "ecc", "Unit Supervisor"),
    Staff("clerk", "Priya", "Nandakumar", "clerk", "agency", DIVISION, "ecc", "Office Support Clerk"),
    Staff("monitoring_staff", "Angela", "Cheng", "monitoring_staff", "agency", DJS, "ehd", "Duty Monitor"),
    Staff("evaluator", "Samuel", "Brandtner", "evaluator", "unit", DJS, "psu", "Licensed Evaluator"),
    Staff("program_instructor", "Keisha", "Hollins", "program_instructor", "unit", DJS, "dvip", "Instructor"),
    Staff(
        "diversion_case_manager",
        "Marisol",
        "Quintana",
        "diversion_case_manager",
        "own",
        CIRCUIT_ATTORNEY,
        "diversion",
        "Case Manager",
    ),
    Staff("judge", "Miriam", "Castellane", "judge", "own", COUNTY_COURT, title="Circuit Judge"),
    Staff("prosecutor", "Thomas", "Eberly", "prosecutor", "own", COUNTY_PROSECUTOR, title="Assistant Prosecutor"),
    Staff("defender", "Nadia", "Kovačić", "defender", "own", DEFENDERS, title="Assistant Public Defender"),
    Staff("auditor", "Walter", "Lindqvist", "auditor", "whole", DJS, title="Compliance Auditor"),
    Staff("administrator", "Joanna", "Prewitt", "administrator", "whole", DJS, title="System Administrator"),
)
