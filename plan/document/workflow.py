"""Freezing the plan: from the live registers to a version that never changes."""

from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.documents import workflow as documents
from partners.pact.models import Pact
from partners.people.models import User
from plan.document import adoption, mentions
from plan.document.compile import compile_plan
from plan.document.models import Component, PlanMention, PlanSection, PlanVersion
from plan.questions.merging import settle

RENDITION_KIND = adoption.FROZEN_KIND


class Unchanged(ValidationError):
    """Nothing changed since the newest version, which is `version`."""

    def __init__(self, version: PlanVersion) -> None:
        super().__init__(
            _("Er is niets veranderd sinds versie %(number)s. Er is geen nieuwe versie gemaakt."),
            code="unchanged",
            params={"number": version.number},
        )
        self.version = version


def sections_of(pact: Pact) -> list[PlanSection]:
    """The six narratives in order; those that are not there yet are made, empty. Safe to run at once."""
    sections = list(PlanSection.objects.in_pact(pact).select_related("edited_by"))
    if len(sections) < len(Component):
        missing = set(Component) - {Component(section.component) for section in sections}
        PlanSection.unscoped.bulk_create(
            [PlanSection(pact=pact, component=component) for component in sorted(missing)], ignore_conflicts=True
        )
        sections = list(PlanSection.objects.in_pact(pact).select_related("edited_by"))
    return sections


@transaction.atomic
def freeze(pact: Pact, *, by: User, label: str = "") -> PlanVersion:
    """Freeze the plan as it stands: the next version, with its PDF asked for.

    Raises Unchanged when the newest version says the same, apart from its number and moment.
    """
    pact = Pact.objects.select_for_update(no_key=True).get(pk=pact.pk)
    newest = PlanVersion.objects.in_pact(pact).order_by("-number").first()
    number, frozen_at = (newest.number + 1 if newest else 1), timezone.localtime().replace(microsecond=0)
    document = compile_plan(pact, number=number, label=label.strip(), frozen_at=frozen_at)
    if newest is not None:
        as_newest = replace(document, version=newest.number, frozen_at=newest.content["frozen_at"])
        if as_newest.fingerprint == newest.content_sha256:
            raise Unchanged(newest)
    version = PlanVersion(
        pact=pact,
        number=number,
        label=label.strip(),
        content=document.to_data(),
        content_sha256=document.fingerprint,
        frozen_at=frozen_at,
        frozen_by=by,
    )
    version.full_clean()
    version.save()
    PlanMention.unscoped.bulk_create(
        [PlanMention(version=version, code=code) for code in mentions.codes_in(document.anchors())]
    )
    # What this version says together is not taken apart afterwards.
    settle(pact, at=frozen_at)
    audit.record("plan.frozen", version, by=by, number=number, sha256=version.content_sha256)
    documents.request(RENDITION_KIND, version.pk, pact=pact, by=by)
    return version


@transaction.atomic
def ask_for_pdf(version: PlanVersion, *, by: User) -> None:
    """Ask for the PDF of a version; one that failed is tried again, one that is there or under way stays as it is."""
    kind, key = adoption.places_of([version])[version.pk]
    documents.request(kind, key, pact=version.pact, by=by)
