from __future__ import annotations

from datetime import UTC, datetime

import pytest

from waymark.accounts.models import User
from waymark.cases.models import Term
from waymark.cases.tests.make import make_term


@pytest.fixture
def at() -> datetime:
    """The instant at which tests write: Wednesday, 1 May 2019, in the afternoon of the court's own day."""
    return datetime(2019, 5, 1, 20, 0, tzinfo=UTC)


@pytest.fixture
def term(officer: User, at: datetime) -> Term:
    """Five years from 15 January 2018 in a case of a person the officer supervises."""
    return make_term(officer=officer, entered_at=at)
