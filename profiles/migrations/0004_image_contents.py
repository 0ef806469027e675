"""What images are made of, how they were signed, their promotions, and uploads under way."""

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

# What is current before there is a history is where going back ends.
CURRENT = """
INSERT INTO profiles_imagepromotion (name, version, before, how, by, at)
SELECT name, version, '', 'promoted', '', added_at FROM profiles_image WHERE current ORDER BY id
"""


class Migration(migrations.Migration):
    dependencies = [("profiles", "0003_stops_at")]

    operations = [
        migrations.CreateModel(
            name="ImageContents",
            fields=[
                (
                    "image",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="contents",
                        serialize=False,
                        to="profiles.image",
                    ),
                ),
                ("manifest", models.TextField(blank=True)),
                ("packages", models.JSONField(default=dict)),
            ],
        ),
        migrations.AddField(
            model_name="image",
            name="append",
            field=models.CharField(
                blank=True, help_text="The image's own kernel arguments.", max_length=1000
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="kind",
            field=models.CharField(
                choices=[
                    ("stage-one", "Stage One"),
                    ("stage-two", "Stage Two"),
                    ("other", "Other"),
                ],
                default="other",
                max_length=12,
            ),
        ),
        migrations.AddField(
            model_name="image",
            name="manifest_path",
            field=models.CharField(blank=True, max_length=250),
        ),
        migrations.AddField(
            model_name="image",
            name="manifest_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="image",
            name="manifest_size",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="image",
            name="package_count",
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="image",
            name="sbom_path",
            field=models.CharField(blank=True, max_length=250),
        ),
        migrations.AddField(
            model_name="image",
            name="sbom_sha256",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.AddField(
            model_name="image",
            name="sbom_size",
            field=models.PositiveBigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="image",
            name="signature",
            field=models.CharField(blank=True, max_length=100),
        ),
        migrations.AddField(
            model_name="image",
            name="signed_by",
            field=models.CharField(
                blank=True, help_text="The id of the key that signed its manifest.", max_length=16
            ),
        ),
        migrations.AlterField(
            model_name="image",
            name="name",
            field=models.CharField(
                max_length=50,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,49}\\Z",
                        "The name of an image has 1 to 50 letters, digits or `._-`, and begins with a letter, digit or `_`.",
                    )
                ],
            ),
        ),
        migrations.AlterField(
            model_name="profile",
            name="image_name",
            field=models.CharField(
                db_index=True,
                help_text="Name of the image whose current version is deployed.",
                max_length=50,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,49}\\Z",
                        "The name of an image has 1 to 50 letters, digits or `._-`, and begins with a letter, digit or `_`.",
                    )
                ],
                verbose_name="image",
            ),
        ),
        migrations.CreateModel(
            name="ImagePromotion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=50)),
                ("version", models.CharField(max_length=64)),
                ("before", models.CharField(blank=True, max_length=64)),
                (
                    "how",
                    models.CharField(
                        choices=[("promoted", "Promoted"), ("rolled back", "Rolled Back")],
                        default="promoted",
                        max_length=12,
                    ),
                ),
                ("by", models.CharField(blank=True, max_length=150)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                "ordering": ["-pk"],
                "indexes": [models.Index(fields=["name", "id"], name="image_promotion_name")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("how__in", ["promoted", "rolled back"])),
                        name="image_promotion_how",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="ImageUpload",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=64, unique=True)),
                ("name", models.CharField(max_length=50)),
                ("version", models.CharField(max_length=64)),
                ("manifest", models.TextField()),
                ("signature", models.CharField(blank=True, max_length=100)),
                ("signed_by", models.CharField(blank=True, max_length=16)),
                ("began_by", models.CharField(max_length=150)),
                (
                    "began_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("expires_at", models.DateTimeField()),
                (
                    "image",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uploads",
                        to="profiles.image",
                    ),
                ),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.RunSQL(CURRENT, migrations.RunSQL.noop),
    ]
