from django.db import migrations

from pact_portal.foundation.guards import refuse_changes


class Migration(migrations.Migration):
    """A file that was made stays made, and stays that of its object: the guard on its bytes rests on that."""

    dependencies = [("foundation", "0004_mail_falls_back")]

    operations = [
        refuse_changes(
            "foundation_rendition",
            columns=["state", "kind", "object_id", "pact_id"],
            deletes=False,
            when="OLD.state = 'ready'",
            name="ready",
        )
    ]
