from django.db import migrations

from pact_portal.foundation.guards import refuse_changes


class Migration(migrations.Migration):
    """A file that was made is not replaced by another: people have read it, and may have signed it."""

    dependencies = [("foundation", "0002_audit_trail_is_append_only")]

    operations = [refuse_changes("foundation_rendition", columns=["file", "sha256"], when="OLD.state = 'ready'")]
