from django.db import migrations, models

from pact_portal.foundation.guards import refuse_changes, refuse_rows

STATES = [
    ("proposed", "voorgesteld"),
    ("applied", "doorgevoerd"),
    ("rejected", "afgewezen"),
    ("withdrawn", "ingetrokken"),
]


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0002_findings_and_adjustments")]

    operations = [
        migrations.RemoveConstraint(model_name="adjustment", name="adjustment_decided_names_decision"),
        migrations.AlterField(
            model_name="adjustment",
            name="state",
            field=models.CharField(choices=STATES, default="proposed", max_length=10, verbose_name="status"),
        ),
        migrations.AddConstraint(
            model_name="adjustment",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision", ""), ("state__in", ["proposed", "withdrawn"]))
                | models.Q(("state__in", ["applied", "rejected"]), models.Q(("decision", ""), _negated=True)),
                name="adjustment_decided_names_decision",
            ),
        ),
        refuse_changes(
            "evaluations_finding",
            columns=["evaluation_id", "measure_id", "text", "recorded_by_id", "recorded_at"],
            name="kept",
        ),
        refuse_changes("evaluations_finding", when="OLD.closed_at IS NOT NULL", name="closed"),
        refuse_rows(
            "evaluations_finding",
            name="of_reported",
            when="""NOT EXISTS (SELECT 1 FROM evaluations_evaluation evaluation
                WHERE evaluation.id = NEW.evaluation_id AND evaluation.state IN ('reported', 'processed'))""",
            fault="findings are of an evaluation that was reported",
            on=["INSERT"],
        ),
        # What was asked for stays; what stood there before is taken anew when it is applied.
        refuse_changes(
            "evaluations_adjustment",
            columns=[
                *("pact_id", "number", "finding_id", "measure_id", "field", "after", "reason"),
                *("created_by_id", "created_at"),
            ],
            name="kept",
        ),
        refuse_changes(
            "evaluations_adjustment",
            columns=["before"],
            deletes=False,
            when="OLD.state IN ('applied', 'withdrawn')",
            name="before_kept",
        ),
    ]
