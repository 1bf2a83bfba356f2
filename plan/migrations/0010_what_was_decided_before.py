from typing import Any

from django.db import migrations
from django.utils import timezone

LETTERS = {"vraag": "V", "aanbod": "A", "maatregel": "M", "pakket": "S"}


def tell_what_happened(apps: Any, schema_editor: Any) -> None:
    """Measures get their timeline from what stands on them; who decided was not kept."""
    measures = apps.get_model("plan", "Measure").unscoped
    changes = apps.get_model("plan", "StateChange").unscoped
    for measure in measures.order_by("pk").iterator():
        proposed_on = timezone.localdate(measure.proposed_at)
        changes.create(measure=measure, state="proposed", on=proposed_on, by_id=measure.proposed_by_id)
        if measure.state != "proposed" and measure.outcome_on:
            changes.create(measure=measure, state=measure.state, on=measure.outcome_on, reason=measure.outcome_reason)


def name_the_rows(apps: Any, schema_editor: Any) -> None:
    """Frozen versions get the list of the rows that they name."""
    mentions = apps.get_model("plan", "PlanMention").unscoped
    for version in apps.get_model("plan", "PlanVersion").unscoped.order_by("pk").iterator():
        codes = sorted({*_codes(version.content)})
        mentions.bulk_create(mentions.model(version=version, code=code) for code in codes)


def _codes(part: Any) -> list[str]:
    """The codes of the rows to which the anchors in a part of a frozen document belong."""
    if isinstance(part, list):
        return [code for each in part for code in _codes(each)]
    if not isinstance(part, dict):
        return []
    word, _dash, number = str(part.get("anchor") or "").partition("-")
    own = [LETTERS[word] + number] if word in LETTERS and number.isdigit() else []
    return own + [code for each in part.values() for code in _codes(each)]


class Migration(migrations.Migration):
    dependencies = [("plan", "0009_money_and_decisions_are_guarded")]

    operations = [
        migrations.RunPython(tell_what_happened, migrations.RunPython.noop),
        migrations.RunPython(name_the_rows, migrations.RunPython.noop),
    ]
