import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

NOT_OWNERS = ["QUARANTINED", "RETIRED"]


class Migration(migrations.Migration):
    dependencies = [("nodes", "0007_expected")]

    operations = [
        migrations.CreateModel(
            name="QuarantinedNode",
            fields=[],
            options={
                "verbose_name": "machine at the identity desk",
                "verbose_name_plural": "machines at the identity desk",
                "ordering": ["first_seen", "id"],
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("nodes.node",),
        ),
        migrations.RemoveConstraint(model_name="node", name="node_uuid_owner"),
        migrations.RemoveConstraint(model_name="node", name="node_has_uuid"),
        migrations.AddField(
            model_name="node",
            name="decision",
            field=models.CharField(
                blank=True,
                choices=[
                    ("own", "has its own identity"),
                    ("merged", "was merged into another node"),
                    ("rejected", "was rejected"),
                ],
                db_default="",
                default="",
                help_text="What was decided at the identity desk.",
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="node",
            name="same_as",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="former",
                to="nodes.node",
            ),
        ),
        migrations.AddConstraint(
            model_name="node",
            constraint=models.UniqueConstraint(
                condition=~Q(status__in=NOT_OWNERS) & ~Q(decision="own"),
                fields=["uuid"],
                name="node_uuid_owner",
            ),
        ),
        migrations.AddConstraint(
            model_name="node",
            constraint=models.CheckConstraint(
                condition=Q(status__in=NOT_OWNERS) | Q(uuid__isnull=False) | Q(decision="own"),
                name="node_has_uuid",
            ),
        ),
    ]
