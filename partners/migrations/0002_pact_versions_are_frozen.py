from django.db import migrations

from pact_portal.foundation.guards import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("partners", "0001_initial")]

    operations = [refuse_changes("partners_pactversion")]
