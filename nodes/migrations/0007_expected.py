import uuid

import django.core.validators
import django.db.models.deletion
import django.db.models.functions.comparison
import django.db.models.functions.datetime
import django.db.models.functions.text
from django.db import migrations, models

import nodes.validators


class Migration(migrations.Migration):
    dependencies = [("nodes", "0006_firmware"), ("profiles", "0003_stops_at")]

    operations = [
        migrations.CreateModel(
            name="ExpectedImport",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid.uuid4, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("name", models.CharField(max_length=200)),
                ("data", models.BinaryField()),
                ("by", models.CharField(max_length=150)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("taken_at", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "verbose_name": "import of expected machines",
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="ExpectedMachine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "serial",
                    models.CharField(help_text="As the machine's label has it.", max_length=100),
                ),
                (
                    "vendor",
                    models.CharField(
                        blank=True,
                        help_text="Its first word counts, or a shell pattern.",
                        max_length=200,
                    ),
                ),
                (
                    "model",
                    models.CharField(
                        blank=True,
                        help_text="The product name, its last words (`R640`), or a shell pattern (`*R640*`).",
                        max_length=200,
                    ),
                ),
                ("rack", models.CharField(blank=True, max_length=32)),
                (
                    "unit",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="The lowest of its units, counted from the floor.",
                        null=True,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(99),
                        ],
                    ),
                ),
                (
                    "memory",
                    models.CharField(
                        blank=True,
                        help_text="Modules and the size of each in GiB, such as `16x32`.",
                        max_length=12,
                        validators=[nodes.validators.validate_memory],
                    ),
                ),
                (
                    "mac",
                    models.CharField(
                        blank=True,
                        help_text="Of any of its interfaces; by it the machine is found if not by its serial.",
                        max_length=17,
                        validators=[nodes.validators.validate_mac],
                        verbose_name="MAC",
                    ),
                ),
                ("asset_tag", models.CharField(blank=True, max_length=200)),
                (
                    "due",
                    models.DateField(
                        blank=True, help_text="When it is to be there at the latest.", null=True
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200)),
                ("arrived_at", models.DateTimeField(blank=True, null=True)),
                (
                    "imported_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                ("imported_by", models.CharField(max_length=150)),
                (
                    "flavor",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="expected",
                        to="profiles.flavor",
                    ),
                ),
                (
                    "node",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="expected",
                        to="nodes.node",
                    ),
                ),
                (
                    "zone",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="expected",
                        to="nodes.availabilityzone",
                        verbose_name="availability zone",
                    ),
                ),
            ],
            options={
                "verbose_name": "expected machine",
                "ordering": ["serial"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Upper("serial"),
                        name="expected_serial",
                        violation_error_message="Another expected machine has this serial number.",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.comparison.Coalesce("zone_id", 0),
                        django.db.models.functions.text.Upper("rack"),
                        models.F("unit"),
                        condition=models.Q(
                            models.Q(("rack", ""), _negated=True), ("unit__isnull", False)
                        ),
                        name="expected_place",
                        violation_error_message="Another expected machine has this place.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("mac", ""), _negated=True),
                        fields=("mac",),
                        name="expected_mac",
                        violation_error_message="Another expected machine has this MAC address.",
                    ),
                    models.UniqueConstraint(
                        django.db.models.functions.text.Upper("asset_tag"),
                        condition=models.Q(("asset_tag", ""), _negated=True),
                        name="expected_asset_tag",
                        violation_error_message="Another expected machine has this asset tag.",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="node",
            index=models.Index(fields=["rack", "unit"], name="node_place"),
        ),
    ]
