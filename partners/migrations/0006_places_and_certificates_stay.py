from django.db import migrations

from pact_portal.foundation.guards import refuse_changes


class Migration(migrations.Migration):
    """Whose place it is, and by what a seal is checked, is as fixed as the signature itself."""

    dependencies = [("partners", "0005_links_that_were_replaced")]

    operations = [
        refuse_changes("partners_signatureplace", columns=["deed_id", "partnership_id", "field", "position"]),
        refuse_changes("partners_sealcertificate"),
    ]
