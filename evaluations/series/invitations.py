"""Inviting partners to answer: one mail per person and evaluation, whatever runs twice."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from evaluations.series.asked import ANSWERING_ROLES
from evaluations.series.models import Evaluation
from pact_portal.foundation.mail import workflow as mail
from partners.people.models import Membership, User
from partners.permissions import Role


def invite(evaluation: Evaluation, participations: Sequence[Any]) -> None:
    """Queue the invitations of these participations, inside the transaction that opened the evaluation.

    Asked are the members who act for the partner and may answer; where a partner has none, its contact address; where
    that is missing too, the coordinators of the pact, so that no partner is forgotten in silence.
    """
    pact = evaluation.series.pact
    acting: dict[int, dict[int, User]] = defaultdict(dict)
    coordinators: dict[int, User] = {}
    for membership in Membership.objects.in_pact(pact).current().select_related("user"):
        if Role(membership.role) in ANSWERING_ROLES:
            acting[membership.partnership_id][membership.user_id] = membership.user
        if membership.role == Role.COORDINATOR:
            coordinators[membership.user_id] = membership.user
    for participation in participations:
        partnership = participation.partnership
        if users := acting.get(partnership.pk):
            _mail(participation, evaluation, users)
        elif partnership.contact_email:
            key = f"evaluation-invitation:{participation.pk}:contact"
            _queue(participation, evaluation, key=key, to=partnership.contact_email, nobody=True)
        else:
            _mail(participation, evaluation, coordinators, nobody=True)


def _mail(participation: Any, evaluation: Evaluation, users: dict[int, User], *, nobody: bool = False) -> None:
    for user in users.values():
        key = f"evaluation-invitation:{participation.pk}:{user.pk}"
        _queue(participation, evaluation, key=key, to=user.email, user=user, nobody=nobody)


def _queue(
    participation: Any, evaluation: Evaluation, *, key: str, to: str, user: User | None = None, nobody: bool
) -> None:
    """`nobody`: no member of the partner may answer, and the mail says what can be done about it."""
    pact = evaluation.series.pact
    address = reverse("evaluations:evaluation_detail", kwargs={"pact": pact.slug, "pk": evaluation.pk})
    mail.queue(
        key=key,
        to=to,
        user=user,
        pact=pact,
        subject=_("%(pact)s: uw antwoord gevraagd, uiterlijk %(day)s")
        % {"pact": pact, "day": date_format(evaluation.closes_on, "j F Y")},
        template="evaluation_invitation",
        context={
            "pact": pact,
            "evaluation": evaluation,
            "series": evaluation.series,
            "partner": participation.partnership,
            "recipient": user,
            "nobody": nobody,
            "link": f"{settings.PORTAL_URL}{address}",
        },
    )
