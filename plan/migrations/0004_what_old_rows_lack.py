from django.db import migrations
from django.db.models.functions import TruncDate


def fill(apps, schema_editor):
    """Judgements without evidence say so; what is on the list was right on the day on which it was put there."""
    apps.get_model("plan", "Fit").unscoped.filter(evidence="").update(evidence="niet vastgelegd")
    apps.get_model("plan", "Programme").unscoped.update(confirmed_on=TruncDate("created_at"))


class Migration(migrations.Migration):
    dependencies = [("plan", "0003_curating_fit_and_imports")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
