import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("seedream_django", "0012_collecting"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="generatedimage",
            name="reason",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="Why it was rejected.",
                max_length=300,
                verbose_name="reason",
            ),
        ),
        migrations.AddField(
            model_name="generatedimage",
            name="to_tell",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
