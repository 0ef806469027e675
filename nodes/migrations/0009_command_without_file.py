"""A baseline whose tool is a command of stage one may do without a file."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """Relax the constraint; rows that fitted it fit it still."""

    dependencies = [("nodes", "0008_identity_desk")]

    operations = [
        migrations.RemoveConstraint(
            model_name="firmwarebaseline", name="firmware_applies_something"
        ),
        migrations.AddConstraint(
            model_name="firmwarebaseline",
            constraint=models.CheckConstraint(
                condition=~Q(mode__in=["canary", "on"]) | ~Q(artefact_path="") | Q(tool="command"),
                name="firmware_applies_something",
            ),
        ),
    ]
