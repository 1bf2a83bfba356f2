"""Who may do what: the one table. Pages, menus, tests and the help page read it; it needs no model."""

from collections.abc import Callable
from enum import Enum, auto
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

View = Callable[..., HttpResponseBase]


class PactRequest(HttpRequest):
    """What views below /<pact>/ get: `pact` and `access` are set by partners.access, `htmx` by django-htmx.

    Their types live in slices above this module (Pact, Access, User), so that here they are Any.
    """

    pact: Any
    access: Any
    htmx: Any
    user: Any


class Role(models.TextChoices):
    """What a member does for the own organisation in a pact."""

    COORDINATOR = "coordinator", _("coördinator")
    REPRESENTATIVE = "representative", _("vertegenwoordiger")
    SIGNATORY = "signatory", _("ondertekenaar")
    ADVISOR = "advisor", _("adviseur")
    READER = "reader", _("lezer")


class Permission(models.TextChoices):
    """What can be done in a pact. The label completes "mag …"."""

    READ = "read", _("de werkpagina's lezen")
    MANAGE_PARTNERS = "manage_partners", _("partners, mensen en uitnodigingen beheren")
    EDIT_ORGANISATION = "edit_organisation", _("de pagina van een organisatie bijwerken")
    EDIT_PACT = "edit_pact", _("de pacttekst bewerken en vaststellen")
    SIGN = "sign", _("het pact ondertekenen of een voorbehoud maken")
    SUBMIT_QUESTION = "submit_question", _("een ondersteuningsvraag indienen")
    ENDORSE_QUESTION = "endorse_question", _("een ondersteuningsvraag ondersteunen")
    CURATE_QUESTIONS = "curate_questions", _("ondersteuningsvragen aannemen of terugsturen")
    KEEP_PROGRAMMES = "keep_programmes", _("bestaand aanbod bijhouden")
    IMPORT_ROWS = "import_rows", _("vragen en aanbod uit een bestand overnemen")
    ASSESS_FIT = "assess_fit", _("beoordelen of aanbod aansluit")
    PROPOSE_MEASURE = "propose_measure", _("een maatregel voorstellen")
    KEEP_DECISIONS = "keep_decisions", _("voorstellen en besluiten vastleggen")
    STATE_POSITION = "state_position", _("een standpunt over een voorstel geven")
    KEEP_FUNDING = "keep_funding", _("steunpakketten en toewijzingen bijhouden")
    BOOK_EXPENDITURE = "book_expenditure", _("bestedingen boeken")
    EDIT_PLAN = "edit_plan", _("het uitvoeringsplan bewerken en vaststellen")
    COMMENT = "comment", _("reageren in een feedbackronde")
    ANSWER_COMMENTS = "answer_comments", _("reacties beantwoorden")
    MANAGE_EVALUATIONS = "manage_evaluations", _("evaluaties beheren")
    ANSWER_EVALUATION = "answer_evaluation", _("een evaluatie beantwoorden")
    READ_LOG = "read_log", _("het logboek lezen")


class Reach(Enum):
    """How far a grant goes: every row of the pact, or only those of the member's own organisation."""

    ALL = auto()
    OWN = auto()


_C, _R, _S, _A, _L = Role.COORDINATOR, Role.REPRESENTATIVE, Role.SIGNATORY, Role.ADVISOR, Role.READER
_EVERY_MEMBER = dict.fromkeys(Role, Reach.ALL)

GRANTS: dict[Permission, dict[Role, Reach]] = {
    Permission.READ: _EVERY_MEMBER,
    Permission.MANAGE_PARTNERS: {_C: Reach.ALL},
    Permission.EDIT_ORGANISATION: {_C: Reach.ALL, _R: Reach.OWN},
    Permission.EDIT_PACT: {_C: Reach.ALL},
    Permission.SIGN: {_S: Reach.OWN},
    Permission.SUBMIT_QUESTION: {_C: Reach.ALL, _R: Reach.OWN},
    Permission.ENDORSE_QUESTION: {_R: Reach.OWN, _S: Reach.OWN},
    Permission.CURATE_QUESTIONS: {_C: Reach.ALL},
    Permission.KEEP_PROGRAMMES: {_C: Reach.ALL, _R: Reach.OWN},
    Permission.IMPORT_ROWS: {_C: Reach.ALL, _R: Reach.OWN},
    Permission.ASSESS_FIT: {_C: Reach.ALL, _R: Reach.OWN},
    Permission.PROPOSE_MEASURE: {_C: Reach.ALL, _R: Reach.OWN},
    Permission.KEEP_DECISIONS: {_C: Reach.ALL},
    Permission.STATE_POSITION: {_C: Reach.ALL, _R: Reach.OWN, _S: Reach.OWN},
    Permission.KEEP_FUNDING: {_C: Reach.ALL},
    Permission.BOOK_EXPENDITURE: {_C: Reach.ALL, _R: Reach.OWN},
    Permission.EDIT_PLAN: {_C: Reach.ALL},
    Permission.COMMENT: {_C: Reach.ALL, _R: Reach.ALL, _S: Reach.ALL, _A: Reach.ALL},
    Permission.ANSWER_COMMENTS: {_C: Reach.ALL},
    Permission.MANAGE_EVALUATIONS: {_C: Reach.ALL},
    Permission.ANSWER_EVALUATION: {_C: Reach.ALL, _R: Reach.ALL, _S: Reach.ALL, _A: Reach.ALL},
    Permission.READ_LOG: {_C: Reach.ALL},
}


def requires(permission: Permission) -> Callable[[View], View]:
    """Let a view of a pact be reached only by members to whom `permission` is granted, for all rows or for their own.

    Strangers have been answered 404 by the middleware before; a member without the grant gets 403. Which rows a grant
    for "own" reaches is asked again by the view: `request.access.can(permission, partnership)`.
    """

    def declare(view: View) -> View:
        @wraps(view)
        def guarded(request: PactRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.access.can(permission):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.rule = permission  # type: ignore[attr-defined]  # what the walk over all addresses reads
        return guarded

    return declare


def public(view: View) -> View:
    """Anybody may come here, signed in or not; the view itself shows only what is public."""
    open_view: View = login_not_required(view)
    open_view.rule = "public"  # type: ignore[attr-defined]
    return open_view


def signed_in(view: View) -> View:
    """Everybody who is signed in may come here, whatever the pact; the view shows only what is their own."""
    view.rule = "signed in"  # type: ignore[attr-defined]
    return view
