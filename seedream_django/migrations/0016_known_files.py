from typing import Any

from django.db import migrations, models

NAME, COLUMN = "seedream_img_sha256", "sha256"
INDEX = models.Index(fields=[COLUMN], name=NAME)


def index_the_files(apps: Any, schema_editor: Any) -> None:
    model = apps.get_model("seedream_django", "GeneratedImage")
    if schema_editor.connection.vendor != "postgresql":
        schema_editor.add_index(model, INDEX)
        return
    table, column = schema_editor.quote_name(model._meta.db_table), schema_editor.quote_name(COLUMN)
    # Of a try that was broken off there may be half of one.
    schema_editor.execute(f"DROP INDEX IF EXISTS {NAME}")
    schema_editor.execute(f"CREATE INDEX CONCURRENTLY {NAME} ON {table} ({column})")


def forget_the_files(apps: Any, schema_editor: Any) -> None:
    schema_editor.remove_index(apps.get_model("seedream_django", "GeneratedImage"), INDEX)


class Migration(migrations.Migration):
    # Orders are taken and pictures saved while the index is made.
    atomic = False

    dependencies = [("seedream_django", "0015_importing")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(index_the_files, forget_the_files, hints={"model_name": "generatedimage"})],
            [migrations.AddIndex(model_name="generatedimage", index=INDEX)],
        )
    ]
