import django.db.models.deletion
import django.db.models.manager
import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    """An invitation that is sent again gets a new link; the earlier one is known, and lets nobody in."""

    dependencies = [
        ("partners", "0004_what_was_signed_stays"),
    ]

    operations = [
        migrations.CreateModel(
            name="ReplacedLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("secret_sha256", models.CharField(max_length=64, unique=True)),
                ("replaced_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="vervangen op")),
                (
                    "invitation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="replaced_links",
                        to="partners.invitation",
                    ),
                ),
            ],
            options={
                "verbose_name": "vervangen link",
                "verbose_name_plural": "vervangen links",
                "abstract": False,
                "default_manager_name": "unscoped",
            },
            managers=[
                ("unscoped", django.db.models.manager.Manager()),
            ],
        ),
    ]
