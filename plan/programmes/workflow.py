"""What happens to a programme, and the judging of how far it answers a question."""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.audit.models import AuditRecord
from partners.organisations.models import Partnership
from partners.pact import workflow as pacts
from partners.pact.models import CollaborationArea, Pact, Testimony
from partners.people.models import User
from plan.programmes import judgements
from plan.programmes.models import Fit, Programme, a_year_from_today
from plan.questions import marks, news
from plan.questions.belonging import check_areas, check_municipalities, refuse_strangers
from plan.questions.models import QuestionNews, SupportQuestion

FIELDS = (
    "provider",
    "name",
    "description",
    "amplitie",
    "preventie",
    "curatie",
    "age_from",
    "age_to",
    "reach_per_year",
    "starts_on",
    "ends_on",
    "funding_source",
    "yearly_cost",
    "nji_level",
    "link",
    "is_example",
    "example_reason",
)
"""What its provider writes, besides the areas and the municipalities."""

JUDGED_IN = (SupportQuestion.State.SUBMITTED, SupportQuestion.State.ACCEPTED)
"""A question is matched once it is handed in; before that, or after a return, it may still change its meaning."""


def mark_of(programme: Programme) -> str:
    """The mark of what its provider wrote: tells whether the programme is still what a reader saw."""
    return marks.mark_of(programme, FIELDS)


def mark_of_all(programmes: Iterable[Programme]) -> str:
    """The mark of several programmes together, in whatever order they come."""
    own = sorted(f"{programme.pk}:{mark_of(programme)}" for programme in programmes)
    return hashlib.sha256(" ".join(own).encode()).hexdigest()[:32]


@transaction.atomic
def add(
    pact: Pact,
    *,
    provider: Partnership,
    by: User,
    areas: Sequence[CollaborationArea],
    municipalities: Sequence[Partnership] = (),
    **fields: Any,
) -> Programme:
    """Put a programme on the list. `fields` are those of FIELDS; raises ValidationError for what does not hold."""
    programme = Programme(pact=pact, created_by=by, confirmed_by=by)
    programme.take_number()
    _write(programme, {"provider": provider, **fields}, areas, municipalities)
    audit.record("programme.added", programme, by=by)
    return programme


@transaction.atomic
def revise(
    programme: Programme,
    *,
    by: User,
    areas: Sequence[CollaborationArea] | None = None,
    municipalities: Sequence[Partnership] | None = None,
    seen: str | None = None,
    **fields: Any,
) -> Programme:
    """Change what is known of a programme. What is not given stays. Who changes it says that the rest is right.

    `seen` is the mark of the programme that the writer started from; when somebody changed it meanwhile,
    ValidationError says so and nothing is written.
    """
    _lock(programme)
    marks.refuse_unseen(mark_of(programme), seen)
    programme.confirmed_on, programme.confirmed_by = timezone.localdate(), by
    _write(programme, fields, areas, municipalities)
    audit.record("programme.revised", programme, by=by)
    return programme


@transaction.atomic
def confirm(
    programmes: Iterable[Programme], *, by: User, way: str = "page", seen: str | None = None
) -> list[Programme]:
    """Say of programmes that what is known of them is still right. Gives those of which nobody said so today.

    What has ended is left as it is: nobody relies on it any more.
    `way` goes into the audit trail: "page", or "mail" for the link in the yearly mail. `seen` is the mark of all of
    them together (`mark_of_all`) that the reader saw; when one changed meanwhile, ValidationError says so and nothing
    is written.
    """
    today = timezone.localdate()
    keys = [programme.pk for programme in programmes]
    # In one order, so that two who confirm the same ones wait for each other instead of locking each other out.
    rows = Programme.unscoped.select_for_update().filter(pk__in=keys).order_by("pk")
    locked = list(rows.prefetch_related("areas", "municipalities"))
    if seen is not None:
        marks.refuse_unseen(mark_of_all(locked), seen)
    confirmed = [programme for programme in locked if programme.confirmed_on != today and not programme.has_ended]
    for programme in confirmed:
        programme.confirmed_on, programme.confirmed_by = today, by
        programme.save(update_fields=["confirmed_on", "confirmed_by"])
        audit.record("programme.confirmed", programme, by=by, way=way)
    return confirmed


@transaction.atomic
def record_testimony(programme: Programme, *, by: User, **spoken: Any) -> Testimony:
    """Record what somebody said about the programme, with the consent to show it, and put it beside the programme.

    `spoken` as in `partners.pact.workflow.add_testimony`. Raises ValidationError without that consent, and when the
    same words of the same person stand there already.
    """
    _lock(programme)
    same = {"quotation": " ".join(str(spoken["quotation"]).split()), "source": str(spoken["source"]).strip()}
    if programme.testimonies.filter(**same, consent_withdrawn_at__isnull=True).exists():
        raise ValidationError(_("Deze stem staat al bij dit aanbod."), code="twice")
    testimony = pacts.add_testimony(programme.pact, by=by, **spoken)
    programme.testimonies.add(testimony)
    audit.record("programme.testimony_placed", programme, by=by, testimony=testimony.pk, recorded=True)
    return testimony


def providers_of(testimonies: Iterable[Testimony]) -> dict[int, int]:
    """The key of the provider for whose programme each testimony was recorded; two queries.

    The audit trail knows. Words that were recorded beside the pact, and placed here later, are no provider's.
    """
    keys = [testimony.pk for testimony in testimonies]
    placed = AuditRecord.objects.across_pacts().filter(
        action="programme.testimony_placed",
        subject_kind=Programme._meta.label_lower,
        details__recorded=True,
        details__testimony__in=keys,
    )
    first = {record.details["testimony"]: record.subject_id for record in placed.order_by("-pk")}
    providers = dict(Programme.unscoped.filter(pk__in=first.values()).values_list("pk", "provider_id"))
    return {testimony: providers[programme] for testimony, programme in first.items()}


@transaction.atomic
def place_testimony(programme: Programme, testimony: Testimony, *, by: User) -> bool:
    """Put words that were recorded before beside the programme. Gives False when they stood there already."""
    _lock(programme)
    refuse_strangers(programme.pact, field="testimony", rows=[testimony])
    current = Testimony.objects.in_pact(programme.pact_id).select_for_update().get(pk=testimony.pk)
    if current.consent_withdrawn_at:
        raise ValidationError(
            {
                "testimony": ValidationError(
                    _("De toestemming is ingetrokken. Deze stem kan niet meer worden gebruikt."), code="withdrawn"
                )
            }
        )
    if programme.testimonies.filter(pk=current.pk).exists():
        return False
    programme.testimonies.add(current)
    audit.record("programme.testimony_placed", programme, by=by, testimony=current.pk)
    return True


@transaction.atomic
def take_away_testimony(programme: Programme, testimony: Testimony, *, by: User) -> bool:
    """Words stand beside this programme no more; the consent and other places stay. False when they did not stand."""
    _lock(programme)
    if not programme.testimonies.filter(pk=testimony.pk).exists():
        return False
    programme.testimonies.remove(testimony)
    audit.record("programme.testimony_taken_away", programme, by=by, testimony=testimony.pk)
    return True


@transaction.atomic
def judge_fit(
    question: SupportQuestion,
    programme: Programme,
    *,
    level: str,
    reason: str,
    evidence: str,
    by: User,
    expires_on: date | None = None,
    seen: int | None = None,
) -> Fit:
    """Say how far a programme answers a question, or say it anew: the earlier judgement is replaced.

    `evidence` says what shows it. It counts from today until `expires_on` (a year when not given), after which the
    fit is unknown again. Who follows the question hears of it when the level is new. A question that was merged into
    another is not judged any more: that other one is; nor is a programme that has ended. `seen` is the newest
    judgement that the judge knew of (`judgements.newest`); when somebody judged the same pair since, ValidationError
    says so and nothing is written.
    """
    # The question's row is the queue: two people who judge the same pair at once do so one after the other.
    locked = SupportQuestion.unscoped.select_for_update().get(pk=question.pk)
    if locked.state not in JUDGED_IN:
        raise ValidationError(why_not_judged(locked), code="state")
    refuse_strangers(locked.pact, field="programme", rows=[programme])
    if Programme.unscoped.get(pk=programme.pk).has_ended:
        sentence = _("Aanbod %(code)s is gestopt: een oordeel telt niet meer mee. Kies ander aanbod.")
        raise ValidationError({"programme": ValidationError(sentence % {"code": programme.code}, code="ended")})
    fit = Fit.unscoped.filter(question=locked, programme=programme).first()
    if fit is not None and seen is not None and judgements.records_of([fit]).filter(pk__gt=seen).exists():
        raise ValidationError(
            _(
                "Iemand anders heeft %(code)s intussen ook bij deze vraag beoordeeld. Er is nu niets veranderd. "
                "Bekijk eerst dat oordeel."
            )
            % {"code": programme.code},
            code="stale",
        )
    renewed, before = fit is not None, fit.level if fit else ""
    fit = fit or Fit(question=locked, programme=programme)
    fit.level, fit.reason, fit.evidence = level, reason, evidence.strip()
    fit.judged_by, fit.judged_on = by, timezone.localdate()
    fit.expires_on = expires_on or a_year_from_today()
    fit.full_clean()
    fit.save()
    record = audit.record(
        "fit.renewed" if renewed else "fit.judged",
        fit,
        by=by,
        pact=locked.pact,
        level=str(fit.level),
        before=str(before),
    )
    if fit.level != before:
        news.tell(
            locked,
            QuestionNews.Kind.MATCHED,
            key=f"matched-{fit.pk}-{record.pk}",
            by=by,
            path=reverse("plan:question_detail", args=[locked.pact.slug, locked.number]),
            code=programme.code,
            name=programme.name,
            level=str(fit.level),
        )
    return fit


def why_not_judged(question: SupportQuestion) -> str:
    """Why nothing can be judged at a question that is not in JUDGED_IN, and what to do."""
    if question.merged_into is not None:
        sentence = _("Vraag %(code)s is samengevoegd met %(root)s. Beoordeel de aansluiting bij %(root)s.")
        return sentence % {"code": question.code, "root": question.merged_into.code}
    sentence = _(
        "Vraag %(code)s is %(state)s. U kunt de aansluiting beoordelen als de vraag is ingediend of aangenomen."
    )
    return sentence % {"code": question.code, "state": question.get_state_display()}


def _lock(programme: Programme) -> None:
    programme.refresh_from_db(from_queryset=Programme.unscoped.select_for_update())


def _write(
    programme: Programme,
    fields: dict[str, Any],
    areas: Sequence[CollaborationArea] | None,
    municipalities: Sequence[Partnership] | None,
) -> None:
    if unknown := set(fields) - set(FIELDS):
        raise TypeError(f"a programme has no {', '.join(sorted(unknown))}")
    for name, value in fields.items():
        setattr(programme, name, value)
    programme.example_reason = programme.example_reason.strip()
    refuse_strangers(programme.pact, field="provider", rows=[programme.provider])
    if programme.link and not programme.web_link:
        raise ValidationError(
            {"link": ValidationError(_("Vul een webadres in dat begint met https://."), code="invalid")}
        )
    if areas is not None:
        check_areas(programme.pact, areas)
    if municipalities is not None:
        check_municipalities(programme.pact, municipalities)
    programme.full_clean()
    programme.save()
    if areas is not None:
        programme.areas.set(areas)
    if municipalities is not None:
        programme.municipalities.set(municipalities)
