from django.apps import AppConfig
from django.core.checks import register


class CasesConfig(AppConfig):
    name = "waymark.cases"

    def ready(self) -> None:
        from waymark.cases.checks import law_readings  # the law is read once the apps are there

        register(law_readings)
