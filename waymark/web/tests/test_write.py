"""How dates, money, answers and lists are written on every page."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory

from waymark.web.tables import csv_response, wants_csv
from waymark.web.templatetags import waymark as tags


def test_it_writes_days_for_staff_and_for_participants():
    assert tags.staff_date(date(2018, 6, 1)) == "2018-06-01 Fri"
    assert tags.staff_date("2018-06-01") == "2018-06-01 Fri"
    assert tags.plain_date(date(2018, 6, 1)) == "Friday, June 1, 2018"
    assert tags.plain_month("2017-03", "es") == "marzo de 2017"
    assert tags.staff_date(None) == "not recorded"


def test_it_writes_instants_by_the_courts_clock():
    after_midnight_in_greenwich = datetime(2018, 6, 2, 3, 30, tzinfo=UTC)
    assert tags.staff_date(after_midnight_in_greenwich) == "2018-06-01 Fri"
    assert tags.staff_time(after_midnight_in_greenwich) == "2018-06-01 Fri 22:30"


@pytest.mark.parametrize(
    ("value", "text"), [("yes", "✓</span> yes"), ("no", "✗</span> no"), ("not known", "?</span> not known")]
)
def test_it_tells_an_answer_by_sign_and_word(value, text):
    assert text in tags.answer(value)


def test_it_keeps_the_filters_in_the_address_of_the_list():
    request = RequestFactory().get("/unit/", {"show": "due", "page": "2"})
    page = Template("{% load waymark %}{% csv_address %} {% query page='' %}")
    assert page.render(Context({"request": request})) == "?show=due&amp;page=2&amp;format=csv ?show=due"


def test_it_hands_out_a_list_that_a_spreadsheet_can_open():
    response = csv_response("docket", ["Name", "Day"], [["Núñez", date(2018, 6, 1)], [None, "x"]])
    assert response["Content-Disposition"] == 'attachment; filename="docket.csv"'
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows == [["Name", "Day"], ["Núñez", "2018-06-01"], ["", "x"]]


def test_it_never_hands_a_spreadsheet_a_formula():
    response = csv_response("names", ["Name"], [["=HYPERLINK(1)"], ["+1"], [-30]])
    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert rows[1:] == [["'=HYPERLINK(1)"], ["'+1"], ["-30"]]


def test_it_asks_for_a_file_by_the_address():
    assert wants_csv(RequestFactory().get("/", {"format": "csv"}))
    assert not wants_csv(RequestFactory().get("/"))


class Asked(forms.Form):
    day = forms.DateField(label="Day of the report", help_text="Such as 2024-09-09.")
    kind = forms.ChoiceField(label="Kind", choices=[("a", "A"), ("b", "B")], widget=forms.RadioSelect)
    sure = forms.BooleanField(label="I am sure", required=False)


def test_it_ties_label_hint_and_error_to_a_field():
    form = Asked({"day": "31 February"})
    html = Template("{% load waymark %}{% for f in form %}{% field f %}{% endfor %}").render(Context({"form": form}))
    assert '<label class="usa-label" for="id_day">' in html
    assert 'aria-describedby="id_day_helptext id_day_error"' in html
    assert 'id="id_day_error"' in html
    assert 'value="31 February"' in html
    assert '<legend class="usa-legend">Kind</legend>' in html
    assert 'class="usa-checkbox__input"' in html
