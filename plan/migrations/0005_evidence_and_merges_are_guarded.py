from django.db import migrations, models

from pact_portal.foundation.guards import refuse_chains, refuse_changes


class Migration(migrations.Migration):
    dependencies = [("plan", "0004_what_old_rows_lack")]

    operations = [
        migrations.AlterField(
            model_name="fit",
            name="evidence",
            field=models.CharField(max_length=300, verbose_name="waar blijkt dat uit"),
        ),
        migrations.AddConstraint(
            model_name="fit",
            constraint=models.CheckConstraint(
                condition=models.Q(("evidence", ""), _negated=True),
                name="fit_has_evidence",
                violation_error_message="Schrijf op waar het oordeel uit blijkt.",
            ),
        ),
        # A merged question leads straight to one that stands for itself, so that no way goes in a circle.
        refuse_chains("plan_supportquestion", link="merged_into_id"),
        # What stands in a frozen plan is not taken apart afterwards.
        refuse_changes("plan_merge", when="OLD.settled_at IS NOT NULL", name="settled"),
        refuse_changes(
            "plan_merge", columns=["source_id", "target_id", "state_before", "merged_by_id", "merged_at"], name="kept"
        ),
    ]
