from typing import Any

from django.db import migrations

#: What words are found by on PostgreSQL, as ``library`` asks for them; no other database has such an index.
INDEXES = {
    "seedream_gen_words": ("Generation", "prompt"),
    "seedream_img_words": ("GeneratedImage", "title || ' ' || alt"),
}
#: To PostgreSQL “a/b” and “a.b” are one word.
WORDS = "to_tsvector('simple', translate({}, './@:_-~?=&+<>;#', '               '))"


def index_the_words(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for name, (model, text) in INDEXES.items():
        table = schema_editor.quote_name(apps.get_model("seedream_django", model)._meta.db_table)
        # Of a try that was broken off there may be half of one.
        schema_editor.execute(f"DROP INDEX IF EXISTS {name}")
        schema_editor.execute(f"CREATE INDEX CONCURRENTLY {name} ON {table} USING gin ({WORDS.format(text)})")


def forget_the_words(apps: Any, schema_editor: Any) -> None:
    if schema_editor.connection.vendor == "postgresql":
        for name in INDEXES:
            schema_editor.execute(f"DROP INDEX IF EXISTS {name}")


class Migration(migrations.Migration):
    # Orders are taken and pictures saved while the indexes are made.
    atomic = False

    dependencies = [("seedream_django", "0008_in_place")]

    operations = [migrations.RunPython(index_the_words, forget_the_words, hints={"model_name": "generation"})]
