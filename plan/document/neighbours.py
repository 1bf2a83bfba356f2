"""The place of frozen plans on the chain: in which of them a row stands, and which decision adopted them."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from plan.chain import chain, codes
from plan.chain.chain import Link, Side
from plan.decisions.models import Decision, ProposalItem
from plan.document.adoption import PLAN_VERSION
from plan.document.models import PlanMention, PlanVersion
from plan.funding.models import SupportPackage
from plan.measures.models import Measure
from plan.programmes.models import Programme
from plan.questions.models import SupportQuestion

MOST_VERSIONS = 5


def _link(slug: str, version: PlanVersion) -> Link:
    return Link(
        "",
        version.label or _("Versie %(number)s") % {"number": version.number},
        reverse("plan:version_detail", args=[slug, version.number]),
        _("versie %(number)s, %(state)s") % {"number": version.number, "state": version.get_state_display()},
    )


def versions_naming(row: Any) -> list[Link]:
    """The newest frozen plans that name a row with a code. One query."""
    mentions = PlanMention.objects.in_pact(row.pact_id).filter(code=row.code).select_related("version")
    newest = mentions.defer("version__content").order_by("-version__number")[:MOST_VERSIONS]
    return [_link(row.pact.slug, mention.version) for mention in newest]


def decision_that_adopted(version: PlanVersion) -> list[Link]:
    """The decision by which a version is or was in force."""
    if not version.decision:
        return []
    number = version.decision.removeprefix(Decision.CODE)
    rows = Decision.objects.in_pact(version.pact_id).filter(number=number).select_related("proposal")
    return [
        Link(
            decision.code,
            decision.proposal.title,
            codes.page_of(version.pact.slug, decision.code),
            str(decision.get_outcome_display()),
        )
        for decision in rows
    ]


def proposals_carrying(version: PlanVersion) -> list[Link]:
    """The proposals in which a version was put on the route. Drafts are for those who write them."""
    items = ProposalItem.objects.in_pact(version.pact_id).filter(
        kind=PLAN_VERSION.name, object_id=version.pk, proposal__submitted_at__isnull=False
    )
    return [
        Link(
            item.proposal.code,
            item.proposal.title,
            codes.page_of(version.pact.slug, item.proposal.code),
            str(item.proposal.get_state_display()),
        )
        for item in items.select_related("proposal").order_by("proposal__number")
    ]


def register() -> None:
    """Called in `AppConfig.ready()`."""
    heading = gettext_lazy("In het uitvoeringsplan")
    for model in (SupportQuestion, Programme, Measure, SupportPackage, Decision):
        chain.register(model, Side.AFTER, heading, 90, versions_naming)
    chain.register(PlanVersion, Side.AFTER, gettext_lazy("Voorstellen"), 10, proposals_carrying)
    chain.register(PlanVersion, Side.AFTER, gettext_lazy("Het besluit"), 20, decision_that_adopted)
