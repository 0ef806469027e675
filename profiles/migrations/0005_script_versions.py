"""Releases of the boot scripts: what is current becomes the first one.

Earlier versions of single scripts cannot be told to have belonged together, and go; their files
stay in the storage.
"""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

FIRST = """
DELETE FROM profiles_bootscript WHERE NOT current;
INSERT INTO profiles_scriptrelease
    (version, published_at, published_by, current, current_since, current_by)
SELECT 'first', max(published_at), '', true, max(published_at), '' FROM profiles_bootscript
HAVING count(*) > 0;
UPDATE profiles_bootscript SET release_id = (SELECT id FROM profiles_scriptrelease);
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [("profiles", "0004_image_contents")]

    operations = [
        migrations.CreateModel(
            name="ScriptRelease",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.CharField(
                        max_length=64,
                        unique=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[0-9A-Za-z][0-9A-Za-z._+-]{0,63}\\Z",
                                "A version has 1 to 64 letters, digits or `._+-`, and begins with a letter or digit.",
                            )
                        ],
                    ),
                ),
                (
                    "published_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("published_by", models.CharField(blank=True, max_length=150)),
                ("current", models.BooleanField(default=False)),
                ("current_since", models.DateTimeField(blank=True, null=True)),
                (
                    "current_by",
                    models.CharField(
                        blank=True, help_text="Who made it current the last time.", max_length=150
                    ),
                ),
                (
                    "withdrawn_at",
                    models.DateTimeField(
                        blank=True, help_text="When somebody went back from it.", null=True
                    ),
                ),
            ],
            options={"ordering": ["-id"]},
        ),
        migrations.AddConstraint(
            model_name="scriptrelease",
            constraint=models.UniqueConstraint(
                condition=models.Q(("current", True)),
                fields=("current",),
                name="script_release_one_current",
            ),
        ),
        migrations.AddConstraint(
            model_name="scriptrelease",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("current", False), ("withdrawn_at__isnull", True), _connector="OR"
                ),
                name="script_release_current_not_withdrawn",
            ),
        ),
        migrations.AddField(
            model_name="bootscript",
            name="release",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="scripts",
                to="profiles.scriptrelease",
            ),
        ),
        migrations.RunSQL(FIRST, migrations.RunSQL.noop),
        migrations.RemoveConstraint(model_name="bootscript", name="boot_script_version"),
        migrations.RemoveConstraint(model_name="bootscript", name="boot_script_one_current"),
        migrations.AlterModelOptions(name="bootscript", options={"ordering": ["name"]}),
        migrations.RemoveField(model_name="bootscript", name="current"),
        migrations.RemoveField(model_name="bootscript", name="published_at"),
        migrations.AlterField(
            model_name="bootscript",
            name="release",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="scripts",
                to="profiles.scriptrelease",
            ),
        ),
        migrations.AddConstraint(
            model_name="bootscript",
            constraint=models.UniqueConstraint(
                fields=("release", "name"), name="boot_script_in_release"
            ),
        ),
    ]
