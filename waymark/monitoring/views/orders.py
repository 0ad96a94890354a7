"""A person's monitoring orders, one order, and what is entered on it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from waymark.accounts.access import Right, may, require, signed_in
from waymark.accounts.models import User
from waymark.cases.access import cases_visible_to
from waymark.cases.actions.saving import CannotEnter
from waymark.cases.forms import VoidForm, refuse
from waymark.monitoring.access import order_for, own_order_for, own_orders, suspension_for, version_for
from waymark.monitoring.actions.activations import unsigned
from waymark.monitoring.actions.orders import (
    correct_version,
    end_order,
    enter_order,
    lift_suspension,
    sign_paper,
    standing_versions,
    suspend_alerts,
    vary_order,
    version_holding,
    void_version,
)
from waymark.monitoring.forms.orders import (
    ORDERED,
    EndForm,
    LiftForm,
    NewOrderForm,
    SignForm,
    SuspensionForm,
    VersionForm,
)
from waymark.monitoring.models import Agreement, MonitoringOrder, OrderVersion
from waymark.monitoring.papers import LANGUAGES, text_of
from waymark.monitoring.reads.orders import court_orders_of, order_file, orders_of, standing_court_orders
from waymark.monitoring.views.entry import entry, named, seen
from waymark.people.access import person_for, record_ids
from waymark.web.clock import now
from waymark.web.templatetags.waymark import staff_time
from waymark.web.words import say


@require(Right.MONITORING_SEE)
def person_monitoring(request: HttpRequest, person_id: int) -> HttpResponse:
    user = signed_in(request)
    person = person_for(user, person_id, verb="person.monitoring_viewed")
    context = {
        "person": person,
        "orders": orders_of(user, person, now()),
        "may_set_up": may(user, Right.MONITORING_SET_UP),
    }
    return render(request, "monitoring/person.html", context)


@require(Right.MONITORING_SEE)
def monitoring_order(request: HttpRequest, order_id: int) -> HttpResponse:
    user = signed_in(request)
    order = order_for(user, order_id)
    context = {
        **named(order),
        "file": order_file(user, order, now()),
        "at": now(),
        "may_set_up": may(user, Right.MONITORING_SET_UP),
    }
    return render(request, "monitoring/order.html", context)


@require(Right.MONITORING_SET_UP)
def order_new(request: HttpRequest, person_id: int) -> HttpResponse:
    """?case= chooses the case beforehand."""
    user = signed_in(request)
    person = person_for(user, person_id)
    cases = cases_visible_to(user).filter(person__in=record_ids(person)).select_related("court")
    chosen = {"case": request.GET.get("case", cases[0].pk if len(cases) == 1 else None)}
    form = NewOrderForm(
        request.POST or None,
        cases=cases,
        court_orders=standing_court_orders(cases),
        initial={"effective_at": now(), **chosen},
    )
    if request.method == "POST" and form.is_valid():
        try:
            order = enter_order(
                form.chosen(),
                program=form.cleaned_data["program"],
                ordered=form.ordered(),
                agency=user.agency,
                by=user,
            )
        except CannotEnter as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "The order is entered. Have the papers signed and give out the device now.")
            return redirect("monitoring_order", order.pk)
    title = "Enter an order of monitoring"
    return render(
        request,
        "monitoring/order_form.html",
        {"form": form, "person": person, "title": title, "button": "Save", "no_case": not cases},
    )


@require(Right.MONITORING_SET_UP)
def order_vary(request: HttpRequest, order_id: int) -> HttpResponse:
    order = order_for(signed_in(request), order_id)
    holds = version_holding(standing_versions(order), now())
    form = _version_form(request, order, {**_said(holds), "effective_at": now()})
    return entry(
        request,
        order,
        form,
        lambda **given: vary_order(order, **given),
        title="Enter a variation",
        done="The variation is entered. Look whether zones and hours still fit.",
        shown="Write all that holds from then on, not only what changes.",
        given=lambda: {"ordered": form.ordered(), "reason": form.cleaned_data["reason"]},
    )


@require(Right.MONITORING_SET_UP)
def order_end(request: HttpRequest, order_id: int) -> HttpResponse:
    order = order_for(signed_in(request), order_id)
    initial = {**seen(order), "effective_at": now()}
    form = EndForm(request.POST or None, court_orders=court_orders_of(order), initial=initial)
    return entry(
        request,
        order,
        form,
        lambda **given: end_order(order, **given),
        title="End monitoring",
        done="The end is entered. Take the devices off and end their activations.",
        shown="A device that is worn stays active until you end its activation.",
    )


@require(Right.MONITORING_SET_UP)
def version_correct(request: HttpRequest, version_id: int) -> HttpResponse:
    wrong = _standing(version_for(signed_in(request), version_id))
    form = _version_form(request, wrong.order, _said(wrong))
    return entry(
        request,
        wrong.order,
        form,
        lambda **given: correct_version(wrong, **given),
        title="Correct what was entered",
        done="It is corrected. What was entered before stays in the history, struck through.",
        shown=_name_of(wrong),
        given=lambda: {"ordered": form.ordered(), "reason": form.cleaned_data["reason"]},
    )


@require(Right.MONITORING_SET_UP)
def version_void(request: HttpRequest, version_id: int) -> HttpResponse:
    wrong = _standing(version_for(signed_in(request), version_id))
    form = VoidForm(request.POST or None, initial=seen(wrong.order))
    return entry(
        request,
        wrong.order,
        form,
        lambda **given: void_version(wrong, **given),
        title="Void what was entered",
        done="It is voided.",
        button="Void it",
        shown=_name_of(wrong),
    )


@require(Right.MONITORING_SET_UP)
def suspension_new(request: HttpRequest, order_id: int) -> HttpResponse:
    order = order_for(signed_in(request), order_id)
    form = SuspensionForm(request.POST or None, initial=seen(order))
    return entry(
        request,
        order,
        form,
        lambda **given: suspend_alerts(order, **given),
        title="Suspend alerts",
        done="Alerts are suspended for that time. They are still found and kept.",
        shown="Alerts call nobody for one continuous span. They are still found, kept and listed.",
    )


@require(Right.MONITORING_SET_UP)
def suspension_lift(request: HttpRequest, suspension_id: int) -> HttpResponse:
    suspension = suspension_for(signed_in(request), suspension_id)
    form = LiftForm(request.POST or None, initial=seen(suspension.order))
    return entry(
        request,
        suspension.order,
        form,
        lambda **given: lift_suspension(suspension, **given),
        title="Lift the suspension",
        done="Alerts call again from now on.",
        button="Lift it",
        shown=f"{suspension.why} (until {staff_time(suspension.until_at)})",
    )


# Signing


@require(Right.MONITORING_SET_UP)
def papers_sign(request: HttpRequest, order_id: int) -> HttpResponse:
    """In the office: the participant reads and types on the staff member's screen."""
    user = signed_in(request)
    order = order_for(user, order_id)
    person = order.person.merged_into or order.person
    language = request.GET.get("language", person.language)
    return _sign(request, order, user, language, witnessed=True)


@require(Right.OWN_SEE)
def my_papers(request: HttpRequest) -> HttpResponse:
    """On the participant's phone: one paper after the other, of every order that has not ended."""
    user = signed_in(request)
    at = now()
    waiting = [order for order in own_orders(user) if _asks_for_papers(order, at)]
    order = next((order for order in waiting if unsigned(order)), waiting[0] if waiting else None)
    if order is None:
        return render(request, "monitoring/my_papers.html", {"language": user.language, "order": None})
    return _sign(request, own_order_for(user, order.pk), user, user.language, witnessed=False)


def _sign(request: HttpRequest, order: MonitoringOrder, user: User, language: str, *, witnessed: bool) -> HttpResponse:
    if language not in LANGUAGES:
        raise Http404
    here = f"{reverse('papers_sign', args=[order.pk])}?language={language}" if witnessed else reverse("my_papers")
    waiting = unsigned(order)
    form: SignForm | None = None
    if request.method == "POST":
        form = _sign_form(request, language)
        if form.is_valid():
            try:
                sign_paper(order, **form.cleaned_data, by=user, witnessed=witnessed)
            except CannotEnter as refusal:
                refuse(form, _in(language, refusal, order))
            else:
                messages.success(request, say("paper_signed", language))
                return redirect(here)
    paper = waiting[0] if waiting else None
    text = text_of(paper, language) if paper else None
    if text and form:
        form.data = request.POST.copy()  # the name that was typed stays; what it would sign is the text shown now
        form.data.update({"paper": text.paper, "text_sha256": text.sha256})
    elif text:
        form = _sign_form(request, text.language, text.paper, text.sha256)
    person = order.person.merged_into or order.person
    context = {
        **named(order),
        "form": form if paper else None,
        "paper": paper,
        "text": text,
        "number": len(Agreement.Paper) - len(waiting) + 1,
        "of": len(Agreement.Paper),
        "signed": [text_of(one, language) for one in Agreement.Paper if one not in waiting],
        "language": language,
        "other_language": next(code for code in LANGUAGES if code != language),
        "full_name": f"{person.given_name} {person.family_name}",
    }
    return render(request, "monitoring/papers_sign.html" if witnessed else "monitoring/my_papers.html", context)


def _sign_form(request: HttpRequest, language: str, paper: str = "", text_sha256: str = "") -> SignForm:
    shown = {"paper": paper, "language": language, "text_sha256": text_sha256}
    return SignForm(
        request.POST or None,
        initial=shown,
        label=say("type_your_name", language),
        empty=say("type_your_name_empty", language),
    )


def _in(language: str, refusal: CannotEnter, order: MonitoringOrder) -> CannotEnter:
    """The refusal in the participant's language."""
    person = order.person.merged_into or order.person
    name = f"{person.given_name} {person.family_name}"
    return CannotEnter(
        *(
            (
                field,
                say("name_does_not_fit", language, name=name) if field == "typed_name" else say("read_again", language),
            )
            for field, _ in refusal.faults
        )
    )


def _asks_for_papers(order: MonitoringOrder, at: Any) -> bool:
    standing = standing_versions(order)
    return bool(standing) and (version_holding(standing, at) is not None or standing[0].effective_at > at)


# What the forms share


def _version_form(request: HttpRequest, order: MonitoringOrder, said: dict[str, Any]) -> VersionForm:
    return VersionForm(request.POST or None, court_orders=court_orders_of(order), initial={**seen(order), **said})


def _said(version: OrderVersion | None) -> dict[str, Any]:
    return {name: getattr(version, name) for name in ORDERED} if version else {}


def _standing(version: OrderVersion) -> OrderVersion:
    if version.voided_at:
        raise Http404
    return version


def _name_of(version: OrderVersion) -> str:
    return f"{version.get_kind_display()}, from {staff_time(version.effective_at)}"
