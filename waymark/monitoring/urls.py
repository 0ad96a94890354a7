"""Addresses of monitoring."""

from __future__ import annotations

from django.urls import URLPattern, path

from waymark.monitoring.views import alerts, board, check, devices, feeds, fleet, notices, orders, statistics

urlpatterns: list[URLPattern] = [
    # Alerts and notices
    path("monitoring/", board.board, name="board"),
    path("monitoring/alerts/", alerts.alert_list, name="alert_list"),
    path("monitoring/alerts/<int:alert_id>/", alerts.alert, name="alert"),
    path("monitoring/alerts/<int:alert_id>/acknowledge/", alerts.alert_acknowledge, name="alert_acknowledge"),
    path("monitoring/alerts/<int:alert_id>/take/", alerts.alert_take, name="alert_take"),
    path("monitoring/alerts/<int:alert_id>/note/", alerts.alert_note, name="alert_note"),
    path("monitoring/alerts/<int:alert_id>/conclude/", alerts.alert_conclude, name="alert_conclude"),
    path("monitoring/alerts/<int:alert_id>/reopen/", alerts.alert_reopen, name="alert_reopen"),
    path("monitoring/statistics/", statistics.alert_statistics, name="alert_statistics"),
    path("monitoring/notices/", notices.notices, name="notices"),
    path("monitoring/notices/<int:notice_id>/", notices.notice, name="notice"),
    path("monitoring/notices/<int:notice_id>/serve/", notices.notice_serve, name="notice_serve"),
    path("monitoring/served/", notices.served_notices, name="served_notices"),
    path("monitoring/served/<int:notice_id>/", notices.served_notice, name="served_notice"),
    path(
        "monitoring/served/<int:notice_id>/acknowledge/",
        notices.served_notice_acknowledge,
        name="served_notice_acknowledge",
    ),
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
    # What came in
    path("monitoring/feeds/", feeds.feed_list, name="feeds"),
    path("monitoring/feeds/new/", feeds.feed_new, name="feed_new"),
    path("monitoring/feeds/<int:feed_id>/", feeds.feed, name="feed"),
    path("monitoring/feeds/<int:feed_id>/change/", feeds.feed_change, name="feed_change"),
    path("monitoring/feeds/<int:feed_id>/key/", feeds.feed_key, name="feed_key"),
    path("monitoring/messages/<int:message_id>/", feeds.message, name="message"),
    path("monitoring/messages/<int:message_id>/content/", feeds.message_content, name="message_content"),
    path("monitoring/messages/<int:message_id>/again/", feeds.message_read_again, name="message_read_again"),
    path("feeds/<slug:code>/", feeds.receive, name="receive"),
]
