import uuid

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import tests.album.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("contenttypes", "0002_remove_content_type_name"),
        ("seedream_django", "0008_in_place"),
    ]

    operations = [
        migrations.CreateModel(
            name="Sheet",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("title", models.CharField(max_length=80)),
                ("summary", models.CharField(blank=True, max_length=80)),
                ("drawn", models.ImageField(height_field="height", upload_to="drawn", width_field="width")),
                ("width", models.PositiveIntegerField(editable=False, null=True)),
                ("height", models.PositiveIntegerField(editable=False, null=True)),
                ("paper", models.FileField(blank=True, upload_to="paper")),
                (
                    "picture",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="sheets",
                        to="seedream_django.generatedimage",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Photo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("title", models.CharField(max_length=80)),
                (
                    "file",
                    models.ImageField(
                        blank=True, height_field="height", upload_to="photos", width_field="width"
                    ),
                ),
                ("width", models.PositiveIntegerField(blank=True, null=True)),
                ("height", models.PositiveIntegerField(blank=True, null=True)),
                ("plain", models.FileField(blank=True, null=True, upload_to="plain")),
                (
                    "png",
                    models.FileField(
                        blank=True,
                        upload_to="png",
                        validators=[django.core.validators.FileExtensionValidator(["png"])],
                    ),
                ),
                (
                    "text",
                    models.FileField(
                        blank=True,
                        upload_to="text",
                        validators=[django.core.validators.FileExtensionValidator(["txt"])],
                    ),
                ),
                ("named", models.ImageField(blank=True, upload_to=tests.album.models.by_its_owner)),
                ("short", models.ImageField(blank=True, max_length=24, upload_to="s")),
                ("full", models.ImageField(blank=True, max_length=12, upload_to="s")),
                (
                    "picture",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="seedream_django.generatedimage",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Bound",
            fields=[
                (
                    "sheet_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="album.sheet",
                    ),
                ),
                ("spine", models.CharField(blank=True, max_length=20)),
            ],
            bases=("album.sheet",),
        ),
        migrations.CreateModel(
            name="Pressed",
            fields=[],
            options={
                "proxy": True,
                "indexes": [],
                "constraints": [],
            },
            bases=("album.sheet",),
        ),
        migrations.CreateModel(
            name="Framed",
            fields=[
                (
                    "photo_ptr",
                    models.OneToOneField(
                        auto_created=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        parent_link=True,
                        primary_key=True,
                        serialize=False,
                        to="album.photo",
                    ),
                ),
                ("frame", models.CharField(blank=True, max_length=20)),
            ],
            bases=("album.photo",),
        ),
        migrations.CreateModel(
            name="Leaf",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("image", models.ImageField(upload_to="leaves")),
                ("note", models.CharField(blank=True, max_length=80)),
                (
                    "sheet",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="leaves", to="album.sheet"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Slip",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("object_id", models.CharField(max_length=40)),
                ("image", models.ImageField(blank=True, upload_to="slips")),
                (
                    "content_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, to="contenttypes.contenttype"
                    ),
                ),
            ],
        ),
    ]
