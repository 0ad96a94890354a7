"""Signing in (allauth's views, only those that are used), the administrator's pages, the auditor's page."""

from __future__ import annotations

from allauth.account import views as allauth
from django.urls import URLPattern, URLResolver, include, path, re_path

from waymark.accounts.views import administration, audit_log, demonstration, offices
from waymark.accounts.views.own import own_password

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/login/", allauth.login, name="account_login"),
    path("account/logout/", allauth.logout, name="account_logout"),
    path("account/inactive/", allauth.account_inactive, name="account_inactive"),
    path("account/reauthenticate/", allauth.reauthenticate, name="account_reauthenticate"),
    path("account/password/", own_password, name="account_change_password"),
    re_path(
        r"^account/password/choose/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "account/password/chosen/",
        allauth.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("account/second-factor/", include("allauth.mfa.urls")),
    path("demo/", demonstration.demo_sign_in, name="demo"),
    path("demo/unlock/", demonstration.demo_unlock, name="demo_unlock"),
    path("accounts/", administration.account_list, name="account_list"),
    path("accounts/new/", administration.account_new, name="account_new"),
    path("accounts/<int:account_id>/", administration.account, name="account"),
    path("accounts/<int:account_id>/close/", administration.account_close, name="account_close"),
    path("accounts/<int:account_id>/open/", administration.account_open, name="account_open"),
    path("accounts/<int:account_id>/second-factor/", administration.second_factor_reset, name="second_factor_reset"),
    path("accounts/<int:account_id>/sign-in-link/", administration.sign_in_link, name="sign_in_link"),
    path("agencies/", offices.agency_list, name="agency_list"),
    path("agencies/new/", offices.agency_new, name="agency_new"),
    path("agencies/<int:agency_id>/", offices.agency, name="agency"),
    path("agencies/<int:agency_id>/units/new/", offices.agency_unit_new, name="agency_unit_new"),
    path("agencies/units/<int:unit_id>/", offices.agency_unit, name="agency_unit"),
    path("audit/", audit_log.audit_log, name="audit_log"),
]
