"""Feeds: how they are doing, what they sent, and the address to which vendors post."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from waymark.accounts.access import Right, require, signed_in
from waymark.cases.actions.saving import CannotEnter
from waymark.cases.forms import refuse
from waymark.monitoring.access import feed_for, message_for, open_feed, sees_all
from waymark.monitoring.actions import feeds as setting_up
from waymark.monitoring.actions import receive as receiving
from waymark.monitoring.forms.feeds import FeedForm, NewFeedForm
from waymark.monitoring.keys import Posted, is_signed
from waymark.monitoring.models import Feed
from waymark.monitoring.reads import feeds as reads
from waymark.people.access import note_listed
from waymark.web.clock import now
from waymark.web.tables import csv_response, wants_csv

MESSAGE_HEADER = [
    "Message",
    "Feed",
    "Received at",
    "State",
    "Readings",
    "Refused",
    "Known already",
    "Late",
    "Unknown devices",
    "File",
]

# Vendors


@csrf_exempt
@require_POST
def receive(request: HttpRequest, code: str) -> HttpResponse:
    """One message, of one reading or many. Answered with 202 once it is kept for good; what it says is told too.

    Headers: Waymark-Timestamp (seconds since 1970), Waymark-Signature (keys.signature), where the vendor counts its
    messages Waymark-Message, and where it is a file Waymark-File. Whatever is wrong with who asks, the answer is the
    same 401.
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > settings.MONITORING_BYTES_MAX:
        return JsonResponse({"error": f"Send at most {settings.MONITORING_BYTES_MAX} bytes at a time."}, status=413)
    body, at = request.read(settings.MONITORING_BYTES_MAX + 1), now()
    if len(body) > settings.MONITORING_BYTES_MAX:
        return JsonResponse({"error": f"Send at most {settings.MONITORING_BYTES_MAX} bytes at a time."}, status=413)
    feed = open_feed(code)
    timestamp, number, file, signed = (
        request.headers.get(f"Waymark-{name}", "") for name in ("Timestamp", "Message", "File", "Signature")
    )
    if not is_signed(feed, Posted(timestamp, number, file, body), signed, at) or feed is None:
        return JsonResponse({"error": "The signature does not fit."}, status=401)
    message, duplicate = receiving.keep(feed, body, number or None, file, at=at)
    message = receiving.read(message, at)
    said = {"readings": message.readings, "refused": message.refused_count}
    return JsonResponse({"message": message.pk, "duplicate": duplicate, **said}, status=202)


# The office


@never_cache
@require(Right.MONITORING_SET_UP)
def feed_list(request: HttpRequest) -> HttpResponse:
    user, at = signed_in(request), now()
    state = _state(request, "look")
    if wants_csv(request):
        return _messages_csv(request, state, None)
    lines = reads.lines(user, at)
    shown = {
        "lines": lines,
        "silent": sum(line.silent for line in lines),
        "engine": reads.engine(),
        "messages_shown": reads.messages(user, state)[: reads.MOST_LISTED],
        "counts": reads.counts(user),
        "state": state,
    }
    return render(request, "monitoring/feeds.html", shown)


@never_cache
@require(Right.MONITORING_SET_UP)
def feed(request: HttpRequest, feed_id: int) -> HttpResponse:
    user = signed_in(request)
    found = feed_for(user, feed_id)
    state = _state(request, "all")
    if wants_csv(request):
        return _messages_csv(request, state, found)
    return _feed_page(request, found, state)


def _feed_page(request: HttpRequest, found: Feed, state: str, key: str = "") -> HttpResponse:
    user = signed_in(request)
    shown = {
        "feed": found,
        "key": key,
        "silent": reads.is_silent(found, now()),
        "address": request.build_absolute_uri(reverse("receive", args=[found.code])),
        "messages_shown": reads.messages(user, state, found)[: reads.MOST_LISTED],
        "counts": reads.counts(user, found),
        "state": state,
    }
    return render(request, "monitoring/feed.html", shown)


@require(Right.MONITORING_SET_UP)
def feed_new(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    form = NewFeedForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made, key = setting_up.add_feed(user.agency, by=user, **form.given())
        except CannotEnter as refusal:
            refuse(form, refusal)
        else:
            return _feed_page(request, made, "all", key if made.way == Feed.Way.HTTP else "")
    return render(request, "monitoring/feed_form.html", {"form": form, "title": "Add a feed"})


@require(Right.MONITORING_SET_UP)
def feed_change(request: HttpRequest, feed_id: int) -> HttpResponse:
    user = signed_in(request)
    found = feed_for(user, feed_id)
    form = FeedForm(request.POST or None, initial={name: getattr(found, name) for name in setting_up.FIELDS})
    if request.method == "POST" and form.is_valid():
        try:
            setting_up.change_feed(found, by=user, **form.cleaned_data)
        except CannotEnter as refusal:
            refuse(form, refusal)
        else:
            messages.success(request, "Saved.")
            return redirect("feed", found.pk)
    return render(request, "monitoring/feed_form.html", {"form": form, "feed": found, "title": f"Change {found.name}"})


@never_cache
@require(Right.MONITORING_SET_UP)
@require_POST
def feed_key(request: HttpRequest, feed_id: int) -> HttpResponse:
    """The key stands on this one answer and nowhere else."""
    user = signed_in(request)
    found = feed_for(user, feed_id)
    return _feed_page(request, found, "all", setting_up.renew_key(found, by=user))


@never_cache
@require(Right.MONITORING_SET_UP)
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    """What was refused is written as it came, so it is not shown where a protected person's place may stand in it."""
    found = message_for(signed_in(request), message_id)
    sealed = reads.tells_of_protected(found, receiving.readings_of(found))
    return render(request, "monitoring/message.html", {"message": found, "bytes": len(found.body), "sealed": sealed})


@never_cache
@require(Right.MONITORING_SET_UP)
def message_content(request: HttpRequest, message_id: int) -> HttpResponse:
    user = signed_in(request)
    found = message_for(user, message_id, verb="message.downloaded")
    readings = receiving.readings_of(found)
    if reads.tells_of_protected(found, readings):
        words = "This message says where a protected person was. Its content is shown to nobody."
        return render(request, "403.html", {"message": words}, status=403)
    told = reads.wearers_told_of(found, readings)
    if not sees_all(user, told):
        words = "This message tells of somebody whose record you cannot open. Ask a colleague who can."
        return render(request, "403.html", {"message": words}, status=403)
    note_listed(user, "message.people_told", told, message=found.pk)
    answer = HttpResponse(bytes(found.body), content_type="application/octet-stream")
    answer["Content-Disposition"] = f'attachment; filename="message-{found.pk}.bin"'
    return answer


@require(Right.MONITORING_SET_UP)
@require_POST
def message_read_again(request: HttpRequest, message_id: int) -> HttpResponse:
    user = signed_in(request)
    before = message_for(user, message_id)
    after = receiving.read_again(before, by=user, at=now())
    messages.success(request, f"{after.readings} readings were taken, {after.refused_count} refused.")
    return redirect("message", after.pk)


def _state(request: HttpRequest, default: str) -> str:
    asked = request.GET.get("state", default)
    return asked if asked in reads.STATES else default


def _messages_csv(request: HttpRequest, state: str, feed: Feed | None) -> HttpResponse:
    rows = reads.messages(signed_in(request), state, feed)
    return csv_response(
        f"messages-{state}",
        MESSAGE_HEADER,
        (
            [
                row.pk, row.feed.code, row.received_at, row.get_state_display(), row.readings, row.refused_count,
                row.duplicates, row.late, " ".join(row.unknown_devices), row.name,
            ]
            for row in rows
        ),
    )  # fmt: skip
