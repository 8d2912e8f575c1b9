import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("seedream_django", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="generatedimage",
            options={
                "ordering": ("-created_at", "position", "id"),
                "verbose_name": "picture",
                "verbose_name_plural": "pictures",
            },
        ),
        migrations.AlterModelOptions(
            name="generation",
            options={
                "ordering": ("-created_at", "-id"),
                "permissions": (
                    ("generate", "Can generate pictures"),
                    ("approve", "Can approve pictures"),
                    ("see_costs", "Can see what pictures cost"),
                    ("see_others_prompts", "Can see other people's prompts and pictures"),
                ),
                "verbose_name": "order",
                "verbose_name_plural": "orders",
            },
        ),
        migrations.AlterField(
            model_name="generatedimage",
            name="generation",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="images",
                to="seedream_django.generation",
                verbose_name="order",
            ),
        ),
    ]
