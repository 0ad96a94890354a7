"""The search box knows case numbers: it opens the case, or hands the words on to the search for people."""

from __future__ import annotations

import pytest
from django.urls import reverse

from waymark.accounts.tests.make import make_agency
from waymark.audit.models import Entry
from waymark.cases.tests.make import make_case, make_party
from waymark.people.tests.make import make_person

pytestmark = pytest.mark.django_db


def find(client, words):
    return client.get(reverse("find"), {"q": words})


def text(response) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.parametrize("words", ["24SL-CR00777", "24sl-cr00777", " 24SL - CR 00777 "])
def test_it_opens_the_case_however_its_number_is_typed(sign_in, officer, words):
    case = make_case(officer=officer, number="24SL-CR00777")
    make_case(officer=officer, number="24SL-CR007777")
    assert find(sign_in(officer), words).url == reverse("case", args=[case.pk])


def test_it_finds_a_number_recorded_with_spaces(sign_in, officer):
    case = make_case(officer=officer, number="24 SL cr 00777")
    assert find(sign_in(officer), "24SLCR00777").url == reverse("case", args=[case.pk])


def test_it_asks_which_court_when_several_gave_the_number(sign_in, officer):
    cases = [
        make_case(make_person(officer, family_name=name), number="24SL-CR00777", court=make_agency(f"{name} Court"))
        for name in ("Ashdown", "Birch")
    ]
    page = text(find(sign_in(officer), "24SL-CR00777"))
    assert "2 cases have the number 24SL-CR00777." in page
    for case, name in zip(cases, ("Ashdown", "Birch"), strict=True):
        assert f'href="{reverse("case", args=[case.pk])}"' in page
        assert f"<td>{name} Court</td><td>{name}, Dana</td>" in page
    assert Entry.objects.get(verb="case.searched").detail == {
        "people": [case.person_id for case in cases],
        "words": "24SL-CR00777",
    }


@pytest.mark.parametrize("words", ["Reyes & Smith, 1981", "", "24SL-CR99999", "   ", "nul \0 byte", "x" * 500])
def test_it_looks_for_people_when_no_case_has_the_number(sign_in, officer, words):
    client = sign_in(officer)
    answer = find(client, words)
    assert answer.url.startswith(reverse("person_search") + "?q=")
    page = client.get(answer.url)
    assert page.status_code == 200
    assert page.context["words"] == words.replace("\0", "").strip()


def test_it_finds_no_case_out_of_scope(sign_in, officer, stranger):
    make_case(officer=stranger, number="24SL-CR00777")
    assert find(sign_in(officer), "24SL-CR00777").url == reverse("person_search") + "?q=24SL-CR00777"


def test_it_opens_the_courts_page_for_a_judge(sign_in, judge, officer):
    case = make_case(officer=officer, number="24SL-CR00777")
    make_party(case, judge)
    client = sign_in(judge)
    assert "Search your cases" in text(client.get(reverse("docket")))
    assert find(client, "24sl-cr00777").url == reverse("court_case", args=[case.pk])


def test_it_tells_a_defender_that_none_of_her_cases_has_the_number(sign_in, defender, officer):
    make_case(officer=officer, number="24SL-CR00777")
    page = text(find(sign_in(defender), "24SL-CR00777"))
    assert "None of your cases has the number 24SL-CR00777." in page
    assert f'href="{reverse("docket")}">See your docket</a>' in page
    assert Entry.objects.get(verb="case.searched").detail == {"people": [], "words": "24SL-CR00777"}


def test_it_leads_a_judge_who_typed_nothing_to_the_docket(sign_in, judge):
    assert find(sign_in(judge), " ").url == reverse("docket")


@pytest.mark.parametrize("role", ["participant", "administrator", "auditor"])
def test_it_is_not_there_for_those_who_see_no_cases(request, sign_in, role):
    client = sign_in(request.getfixturevalue(role))
    assert find(client, "24SL-CR00777").status_code == 404
    assert 'type="search"' not in text(client.get("/", follow=True))
