from django.db import migrations

from pact_portal.foundation.guards import refuse_changes


class Migration(migrations.Migration):
    """Whose place it is, by what a seal is checked, and that all have signed, is as fixed as a signature itself."""

    dependencies = [("partners", "0005_links_that_were_replaced")]

    operations = [
        refuse_changes("partners_signatureplace", columns=["deed_id", "partnership_id", "field", "position"]),
        refuse_changes("partners_sealcertificate"),
        refuse_changes(
            "partners_deed",
            columns=["state", "completed_at"],
            deletes=False,
            when="OLD.completed_at IS NOT NULL"
            " AND (NEW.completed_at IS NULL OR NEW.state NOT IN ('complete', 'superseded'))",
            name="complete",
        ),
    ]
