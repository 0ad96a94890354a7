from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "waymark.monitoring"

    def ready(self) -> None:
        from waymark.monitoring import more

        more.register()
