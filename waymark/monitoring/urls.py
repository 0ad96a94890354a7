"""Addresses of monitoring."""

from __future__ import annotations

from django.urls import URLPattern, path

from waymark.monitoring.views import check, devices, fleet, orders

urlpatterns: list[URLPattern] = [
    # What was ordered
    path("people/<int:person_id>/monitoring/", orders.person_monitoring, name="person_monitoring"),
    path("monitoring/orders/new/<int:person_id>/", orders.order_new, name="monitoring_order_new"),
    path("monitoring/orders/<int:order_id>/", orders.monitoring_order, name="monitoring_order"),
    path("monitoring/orders/<int:order_id>/vary/", orders.order_vary, name="monitoring_order_vary"),
    path("monitoring/orders/<int:order_id>/end/", orders.order_end, name="monitoring_order_end"),
    path("monitoring/versions/<int:version_id>/correct/", orders.version_correct, name="order_version_correct"),
    path("monitoring/versions/<int:version_id>/void/", orders.version_void, name="order_version_void"),
    path("monitoring/orders/<int:order_id>/sign/", orders.papers_sign, name="papers_sign"),
    path("monitoring/orders/<int:order_id>/suspend/", orders.suspension_new, name="suspension_new"),
    path("monitoring/suspensions/<int:suspension_id>/lift/", orders.suspension_lift, name="suspension_lift"),
    path("monitoring/check/", check.order_check, name="order_check"),
    path("my/papers/", orders.my_papers, name="my_papers"),
    # What is worn
    path("monitoring/fleet/", fleet.fleet_page, name="fleet"),
    path("monitoring/devices/new/", devices.device_new, name="device_new"),
    path("monitoring/devices/<int:device_id>/", devices.device, name="device"),
    path("monitoring/devices/<int:device_id>/change/", devices.device_edit, name="device_edit"),
    path("monitoring/devices/<int:device_id>/move/", devices.device_move, name="device_move"),
    path("monitoring/orders/<int:order_id>/devices/new/", devices.activation_new, name="activation_new"),
    path("monitoring/activations/<int:activation_id>/step/", devices.step_done, name="installation_step"),
    path("monitoring/activations/<int:activation_id>/range-test/", devices.range_test, name="range_test"),
    path("monitoring/activations/<int:activation_id>/active/", devices.activation_active, name="activation_active"),
    path("monitoring/activations/<int:activation_id>/end/", devices.activation_end, name="activation_end"),
]
