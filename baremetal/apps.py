"""Django's description of the baremetal app."""

from django.apps import AppConfig


class BaremetalConfig(AppConfig):
    """What machines boot now, and the door they ask at."""

    name = "baremetal"
    verbose_name = "Baremetal"

    def ready(self) -> None:
        """Let the pages on profiles take nodes as examples."""
        from baremetal import examples

        examples.register()
