"""Adopting a frozen plan: what a decision does to a version, and the document that says so.

The content of a version never changes. What it looks like once it is adopted is made from that content and the facts
of the adoption, as a rendition of its own: the same version and decision give the same bytes.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.documents import workflow as documents
from pact_portal.foundation.documents.blocks import Document, Fact
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.documents.registry import CannotRender, Progress
from pact_portal.foundation.documents.render import render_document
from partners.pact.models import Pact
from partners.people.models import User
from plan.decisions.kinds import Kind, Shown
from plan.decisions.models import Decision, Outcome
from plan.document.models import PlanVersion

State = PlanVersion.State
FROZEN_KIND = "plan"
"""Renditions of the frozen content; their object is the version."""
ADOPTED_KIND = "plan_adopted"
"""Renditions of what was adopted; their object is the decision that did it."""
ADOPTABLE = (State.CONCEPT, State.FINAL)
MOST_OFFERED = 5


# --- What a decision does --------------------------------------------------------------------------------------------


@transaction.atomic
def adopt(version: PlanVersion, *, on: date, body: str, decision: Decision, by: User) -> None:
    """Make a version the one in force; the former one is superseded, and the PDF of what was adopted is asked for.

    Raises ValidationError when it is in no state for that, a newer version is in force, or the same decision adopted
    another version.
    """
    pact = Pact.objects.select_for_update(no_key=True).get(pk=version.pact_id)
    locked = _locked(version)
    if locked.state == State.ADOPTED and locked.decision == decision.code:
        return
    if problem := _problem(locked, _in_force(pact)):
        raise ValidationError(problem)
    if PlanVersion.objects.in_pact(pact).filter(decision=decision.code).exists():
        raise ValidationError(_("Eén besluit stelt één versie van het plan vast."))
    former = PlanVersion.objects.in_pact(pact).defer("content").filter(state=State.ADOPTED).first()
    if former is not None:
        former.state = State.SUPERSEDED
        former.save(update_fields=["state"])
        audit.record("plan.superseded", former, by=by, number=former.number, decision=decision.code)
    locked.state, locked.adopted_on, locked.adopted_by, locked.decision = State.ADOPTED, on, body, decision.code
    locked.full_clean(exclude=["content"])
    locked.save(update_fields=["state", "adopted_on", "adopted_by", "decision"])
    audit.record("plan.adopted", locked, by=by, number=locked.number, decision=decision.code, on=on.isoformat())
    documents.request(ADOPTED_KIND, decision.pk, pact=pact, by=by)


@transaction.atomic
def take_back(version: PlanVersion, *, decision: Decision, by: User) -> None:
    """Undo an adoption: the version is a concept again, and the one that was in force before it is so again.

    Raises ValidationError when a newer version was adopted after it.
    """
    pact = Pact.objects.select_for_update(no_key=True).get(pk=version.pact_id)
    locked = _locked(version)
    if locked.state != State.ADOPTED:
        sentence = _("Versie %(number)s is niet meer de geldende versie. Het besluit is niet terug te draaien.")
        raise ValidationError(sentence % {"number": locked.number})
    locked.state, locked.adopted_on, locked.adopted_by, locked.decision = State.CONCEPT, None, "", ""
    locked.save(update_fields=["state", "adopted_on", "adopted_by", "decision"])
    audit.record("plan.adoption_undone", locked, by=by, number=locked.number, decision=decision.code)
    # Versions are adopted in the order of their numbers, so the newest of the superseded ones was in force before.
    superseded = PlanVersion.objects.in_pact(pact).defer("content").filter(state=State.SUPERSEDED)
    former = superseded.order_by("-number").first()
    if former is not None:
        former.state = State.ADOPTED
        former.save(update_fields=["state"])
        audit.record("plan.in_force_again", former, by=by, number=former.number, decision=decision.code)


def _locked(version: PlanVersion) -> PlanVersion:
    rows = PlanVersion.objects.in_pact(version.pact_id).defer("content").select_for_update()
    found: PlanVersion = rows.get(pk=version.pk)
    return found


def _in_force(pact: Pact) -> int:
    """The number of the version that is in force; 0 when there is none."""
    numbers = PlanVersion.objects.in_pact(pact).filter(state=State.ADOPTED).values_list("number", flat=True)
    return numbers.first() or 0


def _problem(version: PlanVersion, in_force: int) -> str:
    """Why the version cannot be adopted now, in a sentence; "" when it can."""
    if version.state not in ADOPTABLE:
        return _("Versie %(number)s is al %(state)s.") % {
            "number": version.number,
            "state": version.get_state_display(),
        }
    if in_force > version.number:
        return _("Versie %(newer)s is al vastgesteld, en is nieuwer dan versie %(number)s.") % {
            "newer": in_force,
            "number": version.number,
        }
    return ""


# --- What proposals carry --------------------------------------------------------------------------------------------


def offered(pact: Pact) -> Sequence[PlanVersion]:
    """The newest versions that can be adopted, those after the one in force."""
    rows = PlanVersion.objects.in_pact(pact).defer("content").filter(state__in=ADOPTABLE, number__gt=_in_force(pact))
    return list(rows.order_by("-number")[:MOST_OFFERED])


def show(pact: Pact, keys: Collection[int]) -> dict[int, Shown]:
    """The versions with these keys. Two queries."""
    in_force = _in_force(pact)
    rows = PlanVersion.objects.in_pact(pact).defer("content").filter(pk__in=keys)
    return {row.pk: _shown(pact, row, in_force) for row in rows}


def _shown(pact: Pact, version: PlanVersion, in_force: int) -> Shown:
    frozen_on = date_format(timezone.localtime(version.frozen_at), "j F Y H:i")
    return Shown(
        code="",
        title=_("Uitvoeringsplan, versie %(number)s") % {"number": version.number},
        url=reverse("plan:version_detail", args=[pact.slug, version.number]),
        lines=[
            (_("Naam van deze versie"), version.label or "–"),
            (_("Bevroren op"), frozen_on),
            (_("Kenmerk van de inhoud"), version.content_sha256),
        ],
        problem=_problem(version, in_force),
    )


def take_effect(pact: Pact, pk: int, *, outcome: Outcome, decision: Decision, by: User) -> None:
    """Adopted: the version is in force. Rejected or deferred: it stays as it is."""
    if outcome == Outcome.ADOPTED:
        version = PlanVersion.objects.in_pact(pact).defer("content").get(pk=pk)
        adopt(version, on=decision.decided_on, body=decision.step.body.name, decision=decision, by=by)


def undo(pact: Pact, pk: int, *, outcome: Outcome, decision: Decision, by: User) -> None:
    """The adoption gives way to another outcome."""
    take_back(PlanVersion.objects.in_pact(pact).defer("content").get(pk=pk), decision=decision, by=by)


@transaction.atomic
def correct(pact: Pact, pk: int, *, former: Decision, decision: Decision, by: User) -> None:
    """The day or the reason of the adoption was wrong: the version says what the decision in its place says.

    A version that another decision adopted stays as it is.
    """
    version = PlanVersion.objects.in_pact(pact).defer("content").select_for_update().filter(pk=pk).first()
    if version is None or version.decision != former.code:
        return
    version.adopted_on, version.decision = decision.decided_on, decision.code
    version.save(update_fields=["adopted_on", "decision"])
    documents.request(ADOPTED_KIND, decision.pk, pact=pact, by=by)


PLAN_VERSION = Kind(
    name="plan_version",
    label=gettext_lazy("versie van het uitvoeringsplan"),
    position=50,
    offered=offered,
    show=show,
    take_effect=take_effect,
    undo=undo,
    correct=correct,
    most=1,
)


# --- What it looks like ----------------------------------------------------------------------------------------------


def document_of(version: PlanVersion) -> Document:
    """The document as it was frozen; once adopted, its cover says by whom, when and by which decision."""
    document = Document.from_data(version.content)
    if version.adopted_on is None:
        return document
    with translation.override(document.language):
        words = _("door %(body)s op %(day)s (besluit %(code)s)") % {
            "body": version.adopted_by,
            "day": date_format(version.adopted_on, "j F Y"),
            "code": version.decision,
        }
        return replace(
            document,
            state=str(State.ADOPTED.label),
            cover=[*document.cover, Fact(_("Vastgesteld"), words)],
            colophon=[*document.colophon, Fact(_("Kenmerk van de bevroren versie"), version.content_sha256)],
        )


def print_adopted(decision_id: int, progress: Progress) -> bytes:
    """The PDF of the version that the decision with this id adopted.

    Raises CannotRender when the adoption was taken back.
    """
    decision = Decision.objects.across_pacts().get(pk=decision_id)
    version = PlanVersion.objects.in_pact(decision.pact_id).filter(decision=decision.code).first()
    if version is None:
        raise CannotRender(_("Besluit %(code)s stelt geen versie van het plan meer vast.") % {"code": decision.code})
    return render_document(document_of(version), progress=progress)


# --- Its files -------------------------------------------------------------------------------------------------------


def places_of(versions: Iterable[PlanVersion]) -> dict[int, tuple[str, int]]:
    """Under which kind and object the file of each version stands, by the key of the version. One query at most."""
    versions = list(versions)
    adopted = {version.decision: version.pact_id for version in versions if version.decision}
    decisions: dict[str, int] = {}
    if adopted:
        numbers = [int(code.removeprefix(Decision.CODE)) for code in adopted]
        rows = Decision.objects.in_pact(next(iter(adopted.values()))).filter(number__in=numbers)
        decisions = {f"{Decision.CODE}{number}": pk for number, pk in rows.values_list("number", "pk")}
    return {
        version.pk: (ADOPTED_KIND, decisions[version.decision])
        if version.decision in decisions
        else (FROZEN_KIND, version.pk)
        for version in versions
    }


def renditions_of(versions: Sequence[PlanVersion]) -> dict[int, Rendition]:
    """The file of each version of one pact that was asked for, by the key of the version. Two queries."""
    if not versions:
        return {}
    places = places_of(versions)
    keys = {key for _kind, key in places.values()}
    rows = Rendition.objects.in_pact(versions[0].pact_id).filter(kind__in=[FROZEN_KIND, ADOPTED_KIND])
    found = {(row.kind, row.object_id): row for row in rows.filter(object_id__in=keys)}
    return {pk: found[place] for pk, place in places.items() if place in found}
