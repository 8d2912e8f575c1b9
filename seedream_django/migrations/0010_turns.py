import hashlib
from typing import Any

import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


def line_up(apps: Any, schema_editor: Any) -> None:
    """Give what waits already the line of its person, as ``turns.line_of`` does. The next sweep lets it into the round."""
    rows = apps.get_model("seedream_django", "Generation").objects.using(schema_editor.connection.alias)
    # What is being sent, or asked about, may have to wait once more.
    going_on = rows.filter(state__in=("queued", "submitting", "asking"), user__isnull=False)
    for key in set(going_on.order_by().values_list("user_id", flat=True)):
        digest = hashlib.sha256(f"line {key}".encode()).hexdigest()[:20]
        going_on.filter(user_id=key).update(line=digest)


class Migration(migrations.Migration):
    dependencies = [
        ("seedream_django", "0009_library"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Turn",
            fields=[
                ("line", models.CharField(max_length=20, primary_key=True, serialize=False)),
                (
                    "since",
                    models.DateTimeField(
                        default=django.utils.timezone.now,
                        help_text="Its last turn, or when it came into the round.",
                    ),
                ),
            ],
            options={
                "verbose_name": "turn",
                "verbose_name_plural": "turns",
                "default_permissions": (),
                "indexes": [models.Index(fields=["since"], name="seedream_turn_since")],
            },
        ),
        migrations.AddField(
            model_name="generation",
            name="line",
            field=models.CharField(
                default="site", editable=False, help_text="With whose orders it waits.", max_length=20
            ),
        ),
        migrations.AddField(
            model_name="generation",
            name="priority",
            field=models.SmallIntegerField(
                choices=[(0, "as ordered"), (1, "first of its person's")],
                default=0,
                editable=False,
                verbose_name="priority",
            ),
        ),
        migrations.AddIndex(
            model_name="generation",
            index=models.Index(fields=["state", "line", "priority", "look_at"], name="seedream_gen_turn"),
        ),
        migrations.RunPython(line_up, migrations.RunPython.noop),
    ]
