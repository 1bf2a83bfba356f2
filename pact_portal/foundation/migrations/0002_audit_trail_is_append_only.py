from django.db import migrations

from pact_portal.foundation.guards import refuse_changes


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial")]

    operations = [refuse_changes("foundation_auditrecord")]
