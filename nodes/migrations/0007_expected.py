from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("nodes", "0006_firmware")]
    operations = []
