"""A boot notes when its cables and its firmware were compared."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Add the two times to the boot requests."""

    dependencies = [("nodes", "0009_command_without_file")]

    operations = [
        migrations.AddField("bootrequest", "wiring_at", models.DateTimeField(null=True)),
        migrations.AddField("bootrequest", "firmware_at", models.DateTimeField(null=True)),
    ]
