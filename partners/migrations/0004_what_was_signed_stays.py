from django.db import migrations

from pact_portal.foundation.guards import refuse_changes


class Migration(migrations.Migration):
    """A signature, the file that holds it, a withdrawal and a review of rights are never changed or removed.

    Of a signature the sealing may note how it goes, of a reservation that it was lifted, of a deed its state.
    """

    dependencies = [("partners", "0003_signing_bodies_and_more")]

    operations = [
        refuse_changes("partners_deedrevision"),
        refuse_changes("partners_withdrawal"),
        refuse_changes("partners_rightsreview"),
        refuse_changes(
            "partners_signature",
            columns=[
                "place_id",
                "way",
                "signatory",
                "function",
                "mandate",
                "signed_in",
                "signed_on",
                "recorded_by_id",
                "signed_at",
                "evidence",
                "scan",
                "scan_sha256",
                "scan_type",
            ],
        ),
        refuse_changes("partners_reservation", columns=["place_id", "reason", "made_by_id", "made_at"]),
        refuse_changes(
            "partners_deed",
            columns=["version_id", "number", "content", "content_sha256", "opened_at", "opened_by_id"],
        ),
    ]
