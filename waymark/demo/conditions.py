"""What courts, the Division and the county ask of people, in the order's words, in plain English and in Spanish."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from waymark.demo.choice import Choice, chance, days_after
from waymark.demo.histories import History, TermStart


@dataclass(frozen=True)
class Progress:
    on: date
    amount: int = 0
    completes: bool = False
    words: str = ""


@dataclass(frozen=True)
class Condition:
    kind: str  # "general", "special"
    words: str
    plain: str
    plain_es: str
    next_step: str = ""
    next_step_es: str = ""
    counted_in: str = ""  # "hours", "sessions", "cents", or "" when it is not counted
    amount: int = 0
    is_restitution: bool = False
    due_on: date | None = None
    progress: tuple[Progress, ...] = ()


def _general(words: str, plain: str, plain_es: str, next_step: str = "", next_step_es: str = "") -> Condition:
    return Condition("general", words, plain, plain_es, next_step, next_step_es)


OF_THE_DIVISION = (
    _general(
        "Obey all federal and state laws, municipal and county ordinances; report all arrests within 48 hours.",
        "Obey the law. Tell your officer within 2 days if you are arrested.",
        "Obedezca la ley. Avise a su oficial en 2 días si lo arrestan.",
    ),
    _general(
        "Report as directed to the probation and parole officer.",
        "Meet your officer when you are told to.",
        "Reúnase con su oficial cuando se lo indiquen.",
        "Check the day of your next visit.",
        "Revise el día de su próxima visita.",
    ),
    _general(
        "Obtain advance permission before changing residence or leaving the area.",
        "Ask before you move or travel out of the area.",
        "Pida permiso antes de mudarse o salir del área.",
    ),
    _general(
        "Not possess or use any controlled substance without a valid prescription.",
        "Do not have or use drugs without a prescription.",
        "No tenga ni use drogas sin receta.",
    ),
)
OF_THE_COUNTY = (
    _general(
        "No law violation punishable by fine or jail.",
        "Do not break the law.",
        "No viole la ley.",
    ),
    _general(
        "Report any arrest, a traffic summons too, within 48 hours.",
        "Tell us within 2 days if you are arrested or get a ticket.",
        "Avísenos en 2 días si lo arrestan o recibe una multa.",
    ),
    _general(
        "Report a change of address or telephone within seven days.",
        "Tell us within 7 days if your address or phone changes.",
        "Avísenos en 7 días si cambia su dirección o teléfono.",
    ),
)
OF_RELEASE = (
    _general(
        "Appear at every court date.",
        "Go to every court date.",
        "Vaya a todas sus citas en la corte.",
        "Check the day of your next court date.",
        "Revise el día de su próxima cita en la corte.",
    ),
    _general(
        "Report any arrest, a traffic summons too, within 48 hours.",
        "Tell us within 2 days if you are arrested or get a ticket.",
        "Avísenos en 2 días si lo arrestan o recibe una multa.",
    ),
)
OF_DIVERSION = (
    _general(
        "Remain free of any criminal behavior during the whole period of diversion (557.014.5).",
        "Stay out of trouble with the law.",
        "No tenga problemas con la ley.",
    ),
    _general(
        "Follow the individualized support plan.",
        "Follow your support plan.",
        "Siga su plan de apoyo.",
        "Look at your plan with your case manager.",
        "Revise su plan con su administrador de caso.",
    ),
)

COMMUNITY_SERVICE = Condition(
    "special",
    "Complete community service at a non-profit organization, church, nursing home or hospital.",
    "Do your community service hours.",
    "Haga sus horas de servicio comunitario.",
    "Find a time with your work site.",
    "Busque una hora con su lugar de servicio.",
    "hours",
    40,
)
TREATMENT = Condition(
    "special",
    "Complete substance use treatment as recommended.",
    "Finish your treatment program.",
    "Termine su programa de tratamiento.",
    "Go to your next session.",
    "Vaya a su próxima sesión.",
    "sessions",
    24,
)
BATTERER_PROGRAM = Condition(
    "special",
    "Complete a state-certified batterer intervention program.",
    "Finish the program on family violence.",
    "Termine el programa sobre violencia familiar.",
    "Go to your next session.",
    "Vaya a su próxima sesión.",
    "sessions",
    26,
)
IMPACT_PANEL = Condition(
    "special",
    "Attend the Victim Impact Panel; register before you come.",
    "Go to the Victim Impact Panel. You must sign up first.",
    "Vaya al Panel de Impacto a Víctimas. Debe inscribirse antes.",
    "Call (314) 615-8224 to sign up.",
    "Llame al (314) 615-8224 para inscribirse.",
    "sessions",
    1,
)
SATOP = Condition(
    "special",
    "Complete SATOP and send the completion letter to the office.",
    "Finish the SATOP class and send us the letter.",
    "Termine la clase SATOP y envíenos la carta.",
    "Ask the class for your letter.",
    "Pida su carta en la clase.",
)
NO_CONTACT = Condition(
    "special",
    "No contact with the victim, direct or indirect.",
    "Do not contact the victim in any way.",
    "No tenga contacto con la víctima de ninguna forma.",
)
PSU_FEE = Condition(
    "special",
    "Pay the probation supervision fee of $200 within 90 days.",
    "Pay the $200 fee.",
    "Pague la cuota de $200.",
    "Pay or ask for help with the fee.",
    "Pague o pida ayuda con la cuota.",
    "cents",
    20_000,
)
RESTITUTION = Condition(
    "special",
    "Pay restitution through the court.",
    "Pay the money you owe to the victim.",
    "Pague el dinero que debe a la víctima.",
    "Make your next payment to the court.",
    "Haga su próximo pago a la corte.",
    "cents",
    is_restitution=True,
)
GED = Condition(
    "special",
    "Work toward a high school equivalency.",
    "Work on your high school diploma.",
    "Trabaje en su diploma de secundaria.",
    "Ask when the next test is.",
    "Pregunte cuándo es el próximo examen.",
)
EHD = Condition(
    "special",
    "Electronic home detention: at home except on the approved schedule.",
    "Stay home except for the times on your schedule.",
    "Quédese en casa excepto en las horas de su horario.",
)
SCRAM = Condition(
    "special",
    "Wear the SCRAM ankle bracelet and drink no alcohol.",
    "Wear your ankle bracelet. Do not drink alcohol.",
    "Use su brazalete. No tome alcohol.",
)


def conditions(choice: Choice, history: History, until: date) -> tuple[Condition, ...]:
    """What was ordered in the term, and how far the person has come by `until`."""
    start = history.start
    special = [_under_way(choice, condition, start, until) for condition in _special(choice, start)]
    return (*_general_conditions(start), *special, *_restitution(choice, history, until))


def _general_conditions(start: TermStart) -> tuple[Condition, ...]:
    if start.kind == "pretrial":
        return OF_RELEASE
    if start.kind == "diversion":
        return OF_DIVERSION
    return OF_THE_COUNTY if start.supervised_by_division is False else OF_THE_DIVISION


def _special(choice: Choice, start: TermStart) -> list[Condition]:
    chapter, violent = start.offense.chapter, start.offense.violent
    asked: list[Condition] = []
    if start.kind == "pretrial":
        return [EHD] if chance(choice, 30) else [SCRAM] if chapter == 577 else []
    if start.supervised_by_division is False and start.kind == "probation":
        asked.append(replace(PSU_FEE, due_on=start.begins_on + timedelta(days=90)))
    if chapter in (195, 579) and chance(choice, 70):
        asked.append(replace(TREATMENT, amount=choice.choice([12, 24, 36, 48])))
    if start.offense.name.startswith("Domestic assault"):
        asked += [BATTERER_PROGRAM, NO_CONTACT]
    elif violent:
        asked.append(NO_CONTACT)
    if chapter == 577:
        asked += [SATOP, IMPACT_PANEL]
    if chance(choice, 45):
        hours = choice.choice([20, 40, 60, 80, 100, 120])
        asked.append(replace(COMMUNITY_SERVICE, amount=hours, due_on=days_after(choice, start.begins_on, 180, 540)))
    if chance(choice, 12):
        asked.append(GED)
    return asked


def _under_way(choice: Choice, condition: Condition, start: TermStart, until: date) -> Condition:
    """Done in steps from the first weeks on, by some quickly and by others hardly at all."""
    if condition in (NO_CONTACT, EHD, SCRAM):
        return condition
    if not condition.counted_in:
        done_on = days_after(choice, start.begins_on, 60, 700)
        done = (Progress(done_on, completes=True, words="Letter received and checked."),) if done_on <= until else ()
        return replace(condition, progress=done)
    return replace(condition, progress=_steps(choice, condition, start.begins_on, until))


def _steps(choice: Choice, condition: Condition, begins_on: date, until: date) -> tuple[Progress, ...]:
    step = max(1, condition.amount // choice.choice([4, 6, 10]))
    pause = choice.choice([10, 20, 30, 60, 120])
    steps: list[Progress] = []
    left, on = condition.amount, days_after(choice, begins_on, 14, 90)
    while left and on <= until:
        amount = min(left, step)
        left -= amount
        steps.append(Progress(on, amount, completes=left == 0, words="" if left else "Found complete."))
        on = days_after(choice, on, 3, 2 * pause)
    return tuple(steps)


def _restitution(choice: Choice, history: History, until: date) -> list[Condition]:
    """Paid in parts; the last part on the day it was paid in full, where it was."""
    start = history.start
    if not start.restitution_ordered or not start.restitution_cents:
        return []
    owed = start.restitution_cents
    paid_on = next((event.on for event in history.events if event.kind == "restitution_paid"), None)
    last_on = paid_on or until
    part = choice.choice([5_000, 7_500, 10_000, 20_000])
    payments: list[Progress] = []
    left, on = owed, days_after(choice, start.begins_on, 20, 70)
    while on < last_on and left > part and len(payments) < 12:
        payments.append(Progress(on, part))
        left -= part
        on = days_after(choice, on, 25, 120)
    if paid_on:
        payments.append(Progress(paid_on, left, completes=True, words="Paid in full."))
    return [replace(RESTITUTION, amount=owed, progress=tuple(payments))]
