"""What everybody does with their own account, where allauth's view needs a word before it."""

from __future__ import annotations

from allauth.account.views import password_change
from django.http import Http404, HttpRequest, HttpResponseBase

from waymark.accounts.models import User


def own_password(request: HttpRequest) -> HttpResponseBase:
    """Change the password. Demo accounts have none, and allauth would let whoever sits there choose one."""
    if isinstance(request.user, User) and not request.user.has_usable_password():
        raise Http404
    response: HttpResponseBase = password_change(request)
    return response
