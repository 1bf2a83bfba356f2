"""Gives the pacts that stand already the list of the language mirror that new ones begin with."""

from django.db import migrations

from partners.wording.defaults import DEFAULTS


def install(apps, schema_editor):
    terms = apps.get_model("partners", "MirrorTerm")._base_manager
    for pact in apps.get_model("partners", "Pact")._base_manager.all():
        standing = {term.lower() for term in terms.filter(pact=pact).values_list("term", flat=True)}
        terms.bulk_create(
            terms.model(pact=pact, term=each.term, reason=each.reason, alternative=each.alternative)
            for each in DEFAULTS
            if each.term.lower() not in standing
        )


class Migration(migrations.Migration):
    dependencies = [
        ("partners", "0007_words_of_the_mirror_and_news_by_mail"),
    ]

    operations = [
        migrations.RunPython(install, migrations.RunPython.noop),
    ]
