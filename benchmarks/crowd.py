"""A site that has been used for years: orders, pictures and ledger, made by the database in one statement each.

The site grows older, not busier: with an order in 95 seconds a thousand are a day, and a million are three years.
"""

from __future__ import annotations

import datetime
import hashlib
from typing import Any

from django.contrib.auth.models import User
from django.db import connection, models
from django.utils import timezone

from seedream_django.models import (
    GeneratedImage,
    Generation,
    ImageState,
    Kind,
    LedgerEntry,
    Review,
    State,
    Tag,
    Tagging,
)

#: Seconds from one order to the next; people who order.
PACE, PEOPLE = 95, 10

WORDS = (
    "on a mossy rock above the sea, in the soft light of an autumn evening, painted with a broad brush, " * 2
)
TASK = {"taskType": "imageInference", "width": 2048, "height": 2048, "numberResults": 1}

#: Of the rows n = 1 … total, the last the newest: those in work, lost, undecided, failed, flagged, to be reviewed. A
#: thousand have more than a page of each but the first three and the last, of which there are as many at any size.
RUNNING = "n > total - 3"
UNDECIDED = "total - n BETWEEN 100 AND 109"
LOST = f"({UNDECIDED} OR n % 1000 = 7)"
FAILED = "n % 16 = 3"
FLAGGED = "n % 16 = 5"
WAITING = "n % 16 = 5 AND n > total - 200"
MOMENT = f"moment_ago((total - n) * {PACE})"

ORDERS = {
    "id": "uuid_of('order', n)",
    "prompt": f"'A red fox, number ' || n || ', {WORDS}'",
    "digest": "'order' || n",
    "state": f"CASE WHEN {RUNNING} THEN '{State.RUNNING}' WHEN {LOST} THEN '{State.LOST}'"
    f" WHEN {FAILED} THEN '{State.FAILED}' ELSE '{State.DONE}' END",
    "error_kind": f"CASE WHEN {FAILED} THEN 'provider' ELSE '' END",
    "received": f"CASE WHEN {LOST} THEN 0 ELSE 1 END",
    "stored": f"CASE WHEN {LOST} THEN 0 ELSE 1 END",
    "created_at": MOMENT,
    "look_at": MOMENT,
    "finished_at": f"CASE WHEN {RUNNING} THEN NULL ELSE {MOMENT} END",
}
PICTURES = {
    "generation_id": "uuid_of('order', n)",
    "image_uuid": "uuid_of('picture', n)",
    "state": f"CASE WHEN n % 500 = 9 THEN '{ImageState.FAILED}' ELSE '{ImageState.STORED}' END",
    "file": "'seedream/2026/a-red-fox-' || n || '.jpg'",
    "preview": "'seedream/2026/a-red-fox-' || n || '-preview.webp'",
    "title": "'A red fox, number ' || n",
    "flagged": f"CASE WHEN {FLAGGED} THEN TRUE ELSE NULL END",
    "review": f"CASE WHEN {WAITING} THEN '{Review.WAITING}' WHEN n % 64 = 5 THEN '{Review.REJECTED}'"
    f" WHEN {FLAGGED} THEN '{Review.APPROVED}' ELSE '' END",
    "created_at": MOMENT,
    "look_at": MOMENT,
    "stored_at": MOMENT,
}
ENTRIES = {
    "generation_id": "uuid_of('order', n)",
    "kind": f"CASE WHEN {UNDECIDED} THEN '{Kind.RESERVE}' WHEN {FAILED} THEN '{Kind.RELEASE}'"
    f" ELSE '{Kind.SETTLE}' END",
    "reserved": f"CASE WHEN {UNDECIDED} THEN 35000 ELSE 0 END",
    "spent": f"CASE WHEN {UNDECIDED} OR {FAILED} THEN 0 ELSE 35000 END",
    "who": f"'person' || (n % {PEOPLE})",
    "label": "'Article ' || (n % 1000)",
    "object_id": "'' || (n % 1000)",
    "at": MOMENT,
}


def fill(rows: int) -> None:
    """So many orders, each with a picture and an entry of the ledger, in place of all that there were."""
    speak()
    _clear()
    by = {"user_id": f"{_people()} + n % {PEOPLE}"}
    insert(Generation(prompt="", parameters=TASK), ORDERS | by, rows)
    insert(
        GeneratedImage(format="JPG", width=2048, height=2048, size=2_000_000, sha256="0" * 64), PICTURES, rows
    )
    _tag()
    insert(LedgerEntry(pictures=1, model="magazine.article"), ENTRIES | by, rows)
    # What an autovacuum does by itself; SQLite has no statistics on most sites, and none here.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def _tag() -> None:
    """One tag that every twentieth has, and one of the three oldest."""
    taggings, images = (model._meta.db_table for model in (Tagging, GeneratedImage))
    for name, which in (
        ("front page", "id % 20 = 0"),
        ("greenhouse", f"id < (SELECT min(id) + 3 FROM {images})"),
    ):
        tag = Tag.objects.create(name=name)
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {taggings} (image_id, tag_id) SELECT id, {tag.pk} FROM {images} WHERE {which}"
            )


def _clear() -> None:
    kinds = (Tagging, Tag, LedgerEntry, GeneratedImage, Generation)
    tables = [model._meta.db_table for model in kinds]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        else:
            for table in tables:
                cursor.execute(f"DELETE FROM {table}")


def insert(like: models.Model, told: dict[str, str], rows: int) -> None:
    """So many rows like this one, but for the columns that an expression is told for."""
    fields = [field for field in like._meta.concrete_fields if not isinstance(field, models.BigAutoField)]
    values, given = [], []
    for field in fields:
        if field.column not in told:
            given.append(field.get_db_prep_save(field.pre_save(like, add=True), connection))
        values.append(told.get(str(field.column), "%s").replace("n % ", "n %% "))
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {like._meta.db_table} ({columns}) SELECT {', '.join(values)} FROM {_numbers(rows)}",
            given,
        )


def _people() -> int:
    """The number of the first of them."""
    if not User.objects.filter(username="person0").exists():
        User.objects.bulk_create(User(username=f"person{n}", is_staff=True) for n in range(PEOPLE))
    return int(User.objects.get(username="person0").pk)


def _numbers(rows: int) -> str:
    if connection.vendor == "postgresql":
        return f"(SELECT n, {rows} AS total FROM generate_series(1, {rows}) AS numbers(n)) AS series"
    counted = f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows})"
    return f"({counted} SELECT n, {rows} AS total FROM numbers) AS series"


def speak() -> None:
    """Teach the database ``uuid_of(kind, n)`` and ``moment_ago(seconds)``, the same each time."""
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        _speak_postgresql()
    else:
        _speak_sqlite(connection.connection)


def _speak_postgresql() -> None:
    with connection.cursor() as cursor:
        # What is made refers to what is there: nothing need be looked up for each row.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "CREATE OR REPLACE FUNCTION uuid_of(kind text, n bigint) RETURNS uuid LANGUAGE sql IMMUTABLE"
            " AS 'SELECT md5(kind || n)::uuid'"
        )
        cursor.execute(
            "CREATE OR REPLACE FUNCTION moment_ago(seconds bigint) RETURNS timestamptz LANGUAGE sql STABLE"
            " AS 'SELECT now() - seconds * interval ''1 second'''"
        )


def _speak_sqlite(driver: Any) -> None:
    now = timezone.now().replace(tzinfo=None)
    driver.create_function("uuid_of", 2, lambda kind, n: hashlib.md5(f"{kind}{n}".encode()).hexdigest())
    driver.create_function("moment_ago", 1, lambda ago: str(now - datetime.timedelta(seconds=ago)))
    # What is made refers to what is there: nothing need be looked up for each row.
    driver.execute("PRAGMA foreign_keys=OFF")
    driver.execute("PRAGMA synchronous=OFF")
    driver.execute("PRAGMA cache_size=-200000")
