from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plan", "0005_evidence_and_merges_are_guarded")]

    operations = [
        migrations.AddField(
            model_name="import",
            name="basis",
            field=models.CharField(blank=True, max_length=64),
        ),
    ]
