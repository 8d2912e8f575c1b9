from typing import Any

from django.db import migrations, models


def have_flagged_wait(apps: Any, schema_editor: Any) -> None:
    """What was flagged before there were decisions waits for one."""
    images = apps.get_model("seedream_django", "GeneratedImage").objects.using(schema_editor.connection.alias)
    images.filter(flagged=True, review="").update(review="waiting")


class Migration(migrations.Migration):
    dependencies = [("seedream_django", "0004_references_and_review")]

    operations = [
        migrations.AddIndex(
            model_name="generatedimage",
            index=models.Index(fields=["review", "look_at"], name="seedream_img_review"),
        ),
        migrations.RunPython(have_flagged_wait, migrations.RunPython.noop),
    ]
