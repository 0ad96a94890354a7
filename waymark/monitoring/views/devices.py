"""One device, and one device on one person: adding, changing, giving out, installing, ending."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from waymark.accounts.access import Right, may, require, signed_in
from waymark.cases.actions.saving import CannotEnter
from waymark.cases.forms import refuse
from waymark.monitoring.access import activation_for, device_for, devices_visible_to, order_for, worn_device_for
from waymark.monitoring.actions.activations import do_step, end_activation, make_active, start_activation
from waymark.monitoring.actions.devices import (
    ALLOWED,
    FIELDS,
    StaleDevice,
    add_device,
    change_device,
    move_device,
)
from waymark.monitoring.actions.saving import StaleOrder
from waymark.monitoring.forms.devices import (
    ActivationForm,
    DeviceForm,
    EndActivationForm,
    MoveForm,
    RangeTestForm,
)
from waymark.monitoring.installation import USUAL, Step
from waymark.monitoring.reads.fleet import free_devices, worn_by
from waymark.monitoring.views.entry import entry, named, seen
from waymark.people.access import note_listed


@require(Right.MONITORING_SEE)
def device(request: HttpRequest, device_id: int) -> HttpResponse:
    user = signed_in(request)
    found = worn_device_for(user, device_id)
    is_own = devices_visible_to(user).filter(pk=found.pk).exists()
    worn = worn_by(user, found)
    note_listed(user, "device.wearers_listed", {activation.order.person for activation in worn}, device=found.pk)
    context = {
        "device": found,
        "worn": worn,
        "may_set_up": is_own and may(user, Right.MONITORING_SET_UP),
        "may_move": bool(ALLOWED[found.state]),
    }
    return render(request, "monitoring/device.html", context)


@require(Right.MONITORING_SET_UP)
def device_new(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = DeviceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = add_device(user.agency, **form.given(), by=user)
        except CannotEnter as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, f"{made.serial} is in stock.")
            return redirect("device", made.pk)
    return render(request, "monitoring/device_form.html", {"form": form, "title": "Add a device", "button": "Save"})


@require(Right.MONITORING_SET_UP)
def device_edit(request: HttpRequest, device_id: int) -> HttpResponse:
    user = signed_in(request)
    found = device_for(user, device_id)
    stands = {name: getattr(found, name) for name in FIELDS}
    form = DeviceForm(request.POST or None, initial={**stands, "version": found.version})
    if request.method == "POST" and form.is_valid():
        try:
            change_device(found, **form.given(), by=user, version=form.cleaned_data["version"] or 0)
        except CannotEnter as refusal:
            refuse(form, refusal)
        except StaleDevice as stale:
            form.add_error(None, str(stale))
        else:
            messages.success(request, "The device is changed.")
            return redirect("device", found.pk)
    context = {"form": form, "device": found, "title": f"Change device {stands['serial']}", "button": "Save"}
    return render(request, "monitoring/device_form.html", context)


@require(Right.MONITORING_SET_UP)
def device_move(request: HttpRequest, device_id: int) -> HttpResponse:
    user = signed_in(request)
    found = device_for(user, device_id)
    form = MoveForm(
        request.POST or None, device=found, initial={"version": found.version, "state": request.GET.get("state", "")}
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            move_device(found, state=given["state"], why=given["why"], by=user, version=given["version"])
        except CannotEnter as refusal:
            refuse(form, refusal)
        except StaleDevice as stale:
            form.add_error(None, str(stale))
        else:
            messages.success(request, f"{found.serial}: {found.get_state_display().lower()}.")
            return redirect("device", found.pk)
    title = f"Device {found.serial} is {found.get_state_display().lower()} and becomes ..."
    context = {"form": form, "device": found, "title": title, "button": "Save"}
    return render(request, "monitoring/device_form.html", context)


# On a person


@require(Right.MONITORING_SET_UP)
def activation_new(request: HttpRequest, order_id: int) -> HttpResponse:
    user = signed_in(request)
    order = order_for(user, order_id)
    form = ActivationForm(
        request.POST or None, devices=free_devices(user, order), initial={**seen(order), **USUAL[order.program]}
    )
    return entry(
        request,
        order,
        form,
        lambda **given: start_activation(order, **given),
        title="Give out a device",
        done="The device is given out. It counts once its checklist is done and you make it active.",
        shown="Only devices in stock that carry out this program are on the list.",
    )


@require(Right.MONITORING_SET_UP)
def activation_end(request: HttpRequest, activation_id: int) -> HttpResponse:
    activation = activation_for(signed_in(request), activation_id)
    form = EndActivationForm(request.POST or None, initial=seen(activation.order))
    return entry(
        request,
        activation.order,
        form,
        lambda **given: end_activation(activation, **given),
        title="End an activation",
        done="The activation is ended. The device awaits its return.",
        shown=f"{activation.device.get_kind_display()} {activation.device.serial}",
    )


@require(Right.MONITORING_SET_UP)
@require_POST
def activation_active(request: HttpRequest, activation_id: int) -> HttpResponse:
    activation = activation_for(signed_in(request), activation_id)
    order = activation.order
    try:
        make_active(activation, by=signed_in(request), version=_version_in(request))
    except CannotEnter as refusal:
        messages.error(request, f"{activation.device.serial} is not active yet. {refusal}")
    except StaleOrder as stale:
        messages.warning(request, str(stale))
    else:
        messages.success(request, f"{activation.device.serial} is active from now on.")
    return redirect("monitoring_order", order.pk)


@require(Right.MONITORING_SET_UP)
@require_POST
def step_done(request: HttpRequest, activation_id: int) -> HttpResponse:
    """Ticks one line of the checklist."""
    activation = activation_for(signed_in(request), activation_id)
    try:
        do_step(activation, step=request.POST.get("step", ""), by=signed_in(request))
    except CannotEnter as refusal:
        messages.error(request, str(refusal))
    return redirect("monitoring_order", activation.order_id)


@require(Right.MONITORING_SET_UP)
def range_test(request: HttpRequest, activation_id: int) -> HttpResponse:
    """The line of the checklist that says more: the range, and the dead areas."""
    activation = activation_for(signed_in(request), activation_id)
    form = RangeTestForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            do_step(activation, step=Step.RANGE_TEST, by=signed_in(request), **form.cleaned_data)
        except CannotEnter as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "The range test is kept.")
            return redirect("monitoring_order", activation.order_id)
    title = f"Range test of home unit {activation.device.serial}"
    context = {"form": form, "title": title, "button": "Save", **named(activation.order)}
    return render(request, "monitoring/order_form.html", context)


def _version_in(request: HttpRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() else 0
