"""What images are made of, how they were signed, and uploads that are under way."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("profiles", "0003_stops_at")]

    operations = []
