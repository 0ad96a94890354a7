"""Every address of the staff and participant site, app by app."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("waymark.accounts.urls")),
    path("", include("waymark.people.urls")),
    path("", include("waymark.cases.urls")),
    path("", include("waymark.monitoring.urls")),
]
