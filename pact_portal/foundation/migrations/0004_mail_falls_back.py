import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A mail that cannot be delivered goes to the next address."""

    dependencies = [("foundation", "0003_ready_files_stay")]

    operations = [
        migrations.AddField(
            model_name="outgoingmail",
            name="fallbacks",
            field=models.JSONField(
                blank=True,
                default=list,
                help_text="Adressen die de mail krijgen als hij niet kan worden bezorgd, één voor één.",
            ),
        ),
        migrations.AddField(
            model_name="outgoingmail",
            name="notice",
            field=models.TextField(
                blank=True, help_text="Wat die adressen lezen in plaats van de tekst, als die geheim is."
            ),
        ),
        migrations.AddField(
            model_name="outgoingmail",
            name="fallback_of",
            field=models.ForeignKey(
                help_text="De mail die niet kon worden bezorgd en waarvoor deze in de plaats komt.",
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="copies",
                to="foundation.outgoingmail",
            ),
        ),
    ]
