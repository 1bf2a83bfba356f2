from django.db import migrations

from pact_portal.foundation.guards import keep_sum, refuse_changes


class Migration(migrations.Migration):
    dependencies = [("plan", "0001_initial")]

    operations = [
        keep_sum(
            child="plan_allocation",
            parent="plan_packageyear",
            link="package_year_id",
            amount="amount",
            total="allocated",
            counts="{row}.state <> 'rejected'",
        ),
        refuse_changes(
            "plan_planversion",
            columns=["pact_id", "number", "content", "content_sha256", "frozen_at", "frozen_by_id"],
        ),
    ]
