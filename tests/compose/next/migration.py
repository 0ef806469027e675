"""A column that only the next version knows, and a note that it was added."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("nodes", "LAST")]
    operations = [
        migrations.RunSQL("ALTER TABLE nodes_node ADD COLUMN next_version text NULL"),
    ]
