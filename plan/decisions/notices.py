"""Asking the partners what they think of a proposal: one mail per partner and round, however often it is tried."""

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from pact_portal.foundation.mail import workflow as mail
from partners.organisations.models import Partnership
from partners.people.correspondence import Addressee, Via, addressees_of, fallbacks_of
from partners.permissions import Role
from plan.decisions.models import Proposal, ProposalStep, StepKind

SPEAKS_FOR_PARTNER = (Role.REPRESENTATIVE, Role.SIGNATORY)
"""Who states the position of a partner, in the order in which they are asked."""


def asked(proposal: Proposal) -> list[Partnership]:
    """The partners whose position is asked: those that sign the pact and take part today."""
    signing = Partnership.objects.in_pact(proposal.pact_id).current().signatories()
    return list(signing.select_related("organisation", "pact"))


def ask(proposal: Proposal) -> None:
    """Ask every partner for its position on a proposal that is on its way. Inside the transaction of its submission."""
    deciding = (
        ProposalStep.objects.in_pact(proposal.pact_id)
        .filter(proposal=proposal, round=proposal.round, kind=StepKind.DECIDES)
        .select_related("body")
        .order_by("position")
        .last()
    )
    for partnership in asked(proposal):
        _ask(proposal, partnership, deciding)


def _ask(proposal: Proposal, partnership: Partnership, deciding: ProposalStep | None) -> None:
    people = _people_of(partnership)
    if not people:
        return
    first, others = people[0], [person.email for person in people[1:]]
    pact = proposal.pact
    # Of the members the portal does not know which language they read.
    with override(settings.LANGUAGE_CODE):
        mail.queue(
            key=f"proposal-asked-{proposal.pk}-{proposal.round}-{partnership.pk}",
            to=first.email,
            fallbacks=[*others, *fallbacks_of(partnership, apart_from=[person.email for person in people])],
            subject=_("%(pact)s: wat vindt u van voorstel %(code)s?") % {"pact": pact, "code": proposal.code},
            template="proposal_asked",
            context={
                "pact": pact,
                "partner": partnership,
                "proposal": proposal,
                "deciding": deciding,
                "is_again": proposal.round > 1,
                "path": reverse("plan:proposal_detail", args=[pact.slug, proposal.number]),
            },
            user=first.user,
            pact=pact,
        )


def _people_of(partnership: Partnership) -> list[Addressee]:
    """Who may state the position of this partner, the first one first; else whoever is written to on its behalf."""
    people: list[Addressee] = []
    for role in SPEAKS_FOR_PARTNER:
        people = addressees_of(partnership, roles=[role])
        if any(person.via is Via.MEMBER for person in people):
            break
    return people
