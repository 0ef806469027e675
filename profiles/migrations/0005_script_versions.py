"""Versions of the boot scripts."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("profiles", "0004_image_contents")]

    operations = []
