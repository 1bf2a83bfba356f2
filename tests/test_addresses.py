"""Every address has a written rule, and answers by it: to every role, to members of another pact, to anybody.

The walk needs no upkeep for an address whose keywords are known; one that brings a new keyword fails until `KEYWORDS`
says which row it names. The twin below shows that the walk sees a view that lets everybody in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from PIL import Image

from evaluations.findings import workflow as findings
from evaluations.models import Evaluation, Participation
from pact_portal.foundation.documents.blocks import Chapter, Document, Party, SignatureSheet
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.uploads.images import check_image
from pact_portal.foundation.uploads.scans import check_scan
from partners.access import Access
from partners.bodies import workflow as bodies
from partners.models import (
    Body,
    Membership,
    MirrorTerm,
    Pact,
    PactSection,
    Partnership,
    RightsReview,
    Seat,
    SignaturePlace,
    User,
)
from partners.pact import workflow as pact_workflow
from partners.people import workflow as people_workflow
from partners.people.models import MembershipQuerySet
from partners.permissions import GRANTS, Permission, Role
from partners.signing import workflow as signing_workflow
from plan.decisions import deciding
from plan.decisions.carried import next_step
from plan.document import workflow as plan_workflow
from plan.funding import contributing, reallocating, spending
from plan.funding import workflow as funding
from plan.models import Allocation, Import, Measure, Programme, SupportQuestion
from plan.programmes import workflow as programmes
from tests.factories import (
    make_allocation,
    make_finding,
    make_indicator,
    make_measure,
    make_member,
    make_package,
    make_partner,
    make_programme,
    make_proposal,
    make_question,
    make_reported,
    make_route,
    make_series,
)
from tests.people import People
from tests.signing import make_ready

# Views of others, and of the ground floor, which knows no permissions: no rule, and each for a reason.
OF_ALLAUTH = {
    "account_change_password",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email",
    "account_email_verification_sent",
    "account_inactive",
    "account_login",
    "account_logout",
    "account_reauthenticate",
    "account_request_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_set_password",
    "account_signup",
    "mfa_activate_totp",
    "mfa_add_webauthn",
    "mfa_authenticate",
    "mfa_deactivate_totp",
    "mfa_download_recovery_codes",
    "mfa_edit_webauthn",
    "mfa_generate_recovery_codes",
    "mfa_index",
    "mfa_list_webauthn",
    "mfa_login_webauthn",
    "mfa_reauthenticate",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_view_recovery_codes",
    "socialaccount_login_cancelled",
}
OF_THE_GROUND = {
    "healthz",  # asked by machines
    "readyz",
    "set_language",  # changes a cookie of the visitor
    "theme",  # a style sheet
}
SIGN_IN_FIRST = OF_ALLAUTH - {
    "account_confirm_email",
    "account_confirm_login_code",  # a stage of signing in
    "account_email_verification_sent",
    "account_inactive",
    "account_login",
    "account_logout",
    "account_request_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_signup",
    "mfa_authenticate",  # a stage of signing in
    "mfa_login_webauthn",
    "socialaccount_login_cancelled",
}


@dataclass(frozen=True)
class Address:
    """One pattern of the URLconf: its full name, its route, the names in it and its view."""

    name: str
    route: str
    keywords: tuple[str, ...]
    view: Callable[..., Any] = field(compare=False)

    @property
    def rule(self) -> Any:
        return getattr(self.view, "rule", None)


def walk(resolver: URLResolver, namespace: str = "", route: str = "", above: tuple[str, ...] = ()) -> Iterator[Address]:
    """Every address below the resolver."""
    for pattern in resolver.url_patterns:
        here, keywords = route + str(pattern.pattern), (*above, *pattern.pattern.regex.groupindex)
        if isinstance(pattern, URLResolver):
            inside = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from walk(pattern, inside, here, keywords)
        elif isinstance(pattern, URLPattern):
            yield Address(f"{namespace}{pattern.name}", here, keywords, pattern.callback)


ADDRESSES = list(walk(get_resolver()))
OWN_ADDRESSES = [address for address in ADDRESSES if address.name not in OF_ALLAUTH | OF_THE_GROUND]


@dataclass(frozen=True)
class Rows:
    """What the keywords of addresses name in one pact; each register has its number 1."""

    pact: Pact
    partnership: Partnership
    membership: Membership
    invitation: int
    section: int
    allocation: int
    evaluation: int
    others: dict[str, int | str]
    """Further rows by the name that KEYWORDS gives them."""
    mine: int | None = None
    """The partner of whoever calls, where the address names that."""


# Where a key of a row stands in a route, and which row it is.
KEYWORDS: list[tuple[str, Callable[[Rows], Any]]] = [
    ("<slug:pact>", lambda rows: rows.pact.slug),
    ("partners/people/invitations/<int:pk>", lambda rows: rows.invitation),
    ("partners/people/rights/<int:pk>", lambda rows: rows.others["review"]),
    ("partners/people/<int:pk>", lambda rows: rows.membership.pk),
    ("partners/bodies/seats/<int:pk>", lambda rows: rows.others["seat"]),
    ("partners/bodies/<int:pk>", lambda rows: rows.others["body"]),
    ("partners/meetings/<int:pk>", lambda rows: rows.others["meeting"]),
    ("decisions/meetings/<int:pk>", lambda rows: rows.others["meeting"]),
    ("decisions/conditions/<int:pk>", lambda rows: rows.others["condition"]),
    ("position/<int:pk>", lambda rows: rows.mine or rows.partnership.pk),
    ("indicators/<int:indicator>", lambda rows: rows.others["indicator"]),
    ("<int:reallocation>", lambda rows: rows.others["reallocation"]),
    ("<int:expenditure>", lambda rows: rows.others["expenditure"]),
    ("<int:contribution>", lambda rows: rows.others["contribution"]),
    ("evaluations/findings/<int:pk>", lambda rows: rows.others["finding"]),
    ("partners/<int:pk>", lambda rows: rows.partnership.pk),
    ("pact/sections/<int:pk>", lambda rows: rows.section),
    ("pact/pictures/<int:pk>", lambda rows: rows.others["picture"]),
    ("pact/pictures/<str:name>", lambda rows: rows.others["file"]),
    ("pact/testimonies/<int:pk>", lambda rows: rows.others["testimony"]),
    ("pact/signing/<int:place>", lambda rows: rows.others["place"]),
    ("pact/signing/<int:deed>", lambda rows: rows.others["deed"]),
    ("<int:place>", lambda rows: rows.others["place"]),
    ("<int:deed>", lambda rows: rows.others["deed"]),
    ("<int:reservation>", lambda rows: rows.others["reservation"]),
    ("<int:signature>", lambda rows: rows.others["signature"]),
    ("programmes/<int:number>/testimonies/<int:pk>", lambda rows: rows.others["voice"]),
    ("imports/<int:pk>", lambda rows: rows.others["import"]),
    ("wording/<int:pk>", lambda rows: rows.others["term"]),
    ("imports/new/<slug:kind>", lambda rows: "questions"),
    ("imports/template/<slug:kind>", lambda rows: "questions"),
    ("edit/<slug:step>", lambda rows: "audience"),
    ("programmes/check/<str:token>", lambda rows: "een-briefje-dat-niet-bestaat"),
    ("programmes/overlap/<str:first>", lambda rows: "A1"),
    ("<str:second>", lambda rows: "A2"),
    ("evaluations/<int:pk>", lambda rows: rows.evaluation),
    ("<int:allocation>", lambda rows: rows.allocation),
    ("<slug:component>", lambda rows: "questions"),
    ("<int:number>", lambda rows: 1),
    ("<int:question>", lambda rows: 1),
    ("<str:provider_id>", lambda rows: "onbekend.example"),
    ("<str:secret>", lambda rows: "een-geheim-dat-niet-bestaat"),
]


def path_of(address: Address, rows: Rows) -> str:
    """The address with its keywords filled in from the rows."""
    kwargs = {}
    for keyword in address.keywords:
        found = [value for place, value in KEYWORDS if place.endswith(f":{keyword}>") and place in address.route]
        assert found, f"KEYWORDS must say which row <{keyword}> of {address.route} is"
        kwargs[keyword] = found[0](rows)
    return reverse(address.name, kwargs=kwargs)


def fill(pact: Pact, partnership: Partnership, by: User) -> Rows:
    """One of everything in a pact, all of it the partnership's own."""
    make_question(pact, partnership=partnership, state=SupportQuestion.State.SUBMITTED, created_by=by)
    programme = make_programme(pact, provider=partnership, created_by=by)
    # Of somebody else, for the same: the two overlap.
    make_programme(
        pact, provider=make_partner(pact, f"Dubbel in {pact}", kind=Partnership.Kind.EXECUTING), created_by=by
    )
    measure = make_measure(pact, lead=partnership, proposed_by=by)
    package = make_package(pact)
    allocation = make_allocation(package.years.get(), sector="", partnership=partnership, created_by=by)
    series = make_series(pact, participants=list(pact.partnerships.all()), created_by=by)
    evaluation = series.evaluations.get()
    evaluation.state, evaluation.opened_at = Evaluation.State.OPEN, timezone.now()
    evaluation.save()
    for participant in pact.partnerships.all():
        Participation.unscoped.create(evaluation=evaluation, partnership=participant)
    section = pact_workflow.add_section(pact, title="Aanleiding", body="<p>Tekst</p>", by=by)
    others = fill_pact(pact, section, by) | fill_registers(programme)
    others |= fill_decisions(measure, by) | fill_money(measure, allocation, by)
    finding = make_finding(make_reported(pact, participants=[partnership], created_by=by), measure=measure)
    others |= {"finding": finding.pk}
    running = make_measure(pact, lead=partnership, proposed_by=by, state="running", outcome_on=date(2026, 1, 2))
    findings.propose(running, field="title", after="Een andere naam", reason="Duidelijker.", by=by)
    plan_workflow.sections_of(pact)
    plan_workflow.freeze(pact, by=by)
    invitation, _secret = people_workflow.invite(
        partnership, email="nieuw@voorbeeld.example", name="nieuw", role=Role.READER, by=by
    )
    return Rows(
        pact=pact,
        partnership=partnership,
        membership=partnership.memberships.order_by("pk").first(),
        invitation=invitation.pk,
        section=section.pk,
        allocation=allocation.pk,
        evaluation=evaluation.pk,
        others=others,
    )


def fill_pact(pact: Pact, section: PactSection, by: User) -> dict[str, int | str]:
    """What stands beside the text, a body that meets, and a version on the table that all but the first partner sign.

    The first partner of the pact is the signatory's: its place is the one that the addresses name.
    """
    picture = pact_workflow.add_picture(section, image=check_image(a_picture()), alt="Een veld", by=by)
    testimony = pact_workflow.add_testimony(
        pact,
        section=section,
        quotation="Zo kan het ook.",
        source="leerling, 15 jaar",
        consent_on=date(2026, 1, 2),
        consent_note="Op papier.",
        by=by,
    )
    version = pact_workflow.freeze(pact, by=by)
    # Any certified file will do, as nobody seals here; one that is the same for all is made once.
    chapter = Chapter("aanleiding", "Aanleiding", [SignatureSheet("Gemeenten", [Party("Gemeente", "partnership-1")])])
    anything = Document("pact", "Pact", "Pact", "2026-06-01T09:00:00+02:00", [chapter])
    make_ready(Rendition.objects.in_pact(pact).get(kind="pact", object_id=version.pk), anything.to_data())
    deed = signing_workflow.open_signing(version, by=by)
    places = list(SignaturePlace.objects.in_pact(pact).order_by("position"))
    reservation = signing_workflow.reserve(
        places[0],
        by=make_member(places[0].partnership, Role.SIGNATORY),
        reason="Het college bespreekt het nog.",
    )
    on_paper = make_partner(pact, f"Later bij {pact}", position=90)
    sheet = SignaturePlace.unscoped.create(deed=deed, partnership=on_paper, field="later", position=90)
    signature = signing_workflow.record_paper(
        sheet,
        by=by,
        signatory="bestuurder",
        function="bestuurder",
        mandate="besluit",
        signed_in="Hier",
        signed_on=timezone.localdate(),
        scan=check_scan(a_picture()),
    )
    body = bodies.found(pact, name="Stuurgroep", kind=Body.Kind.STEERING, by=by)
    seat = bodies.take_seat(
        body, membership=Membership.objects.in_pact(pact).filter(user=by).first(), part=Seat.Part.CHAIR, by=by
    )
    begin = timezone.now() + timedelta(days=7)
    meeting = bodies.plan(
        body, title="Overleg", starts_at=begin, ends_at=begin + timedelta(hours=1), place="Stadhuis", by=by
    )
    review = RightsReview.unscoped.create(pact=pact, reviewed_by=by)
    return {
        "picture": picture.pk,
        "file": picture.file.name.rpartition("/")[2],
        "testimony": testimony.pk,
        "deed": deed.pk,
        "place": places[0].pk,
        "reservation": reservation.pk,
        "signature": signature.pk,
        "body": body.pk,
        "seat": seat.pk,
        "meeting": meeting.pk,
        "review": review.pk,
    }


def fill_registers(programme: Programme) -> dict[str, int]:
    """What stands beside the registers: a voice at a programme, a file that was brought in, a word of the mirror."""
    pact, partnership = programme.pact, programme.provider
    voice = programmes.record_testimony(
        programme,
        quotation="Het hielp.",
        source="leerling, 16 jaar",
        consent_on=date(2026, 1, 2),
        consent_note="Op papier.",
        by=programme.created_by,
    )
    # Whoever brings in a file reads how it goes, and so does a coordinator.
    representative = partnership.memberships.filter(role=Role.REPRESENTATIVE).order_by("pk").first()
    brought_by = representative.user if representative else programme.created_by
    brought = Import.unscoped.create(pact=pact, kind="questions", filename="vragen.xlsx", uploaded_by=brought_by)
    term = MirrorTerm.unscoped.create(pact=pact, term="probleemgeval", reason="Zegt iets ergs.", alternative="jongere")
    return {"voice": voice.pk, "import": brought.pk, "term": term.pk}


def fill_decisions(measure: Measure, by: User) -> dict[str, int]:
    """A proposal on its way, about which the first step said something under a condition."""
    make_route(measure.pact)
    proposal = make_proposal(measure.pact, [measure], partnership=measure.lead, written_by=by)
    step = next_step(proposal)
    assert step is not None
    decision = deciding.record_outcome(
        proposal,
        step=step,
        outcome="positive",
        decided_on=timezone.localdate(),
        reason="Goed.",
        conditions=["Vraag ook jongeren."],
        by=by,
    )
    return {"condition": decision.conditions.get().pk}


def fill_money(measure: Measure, share: Allocation, by: User) -> dict[str, int]:
    """A number to move, money of the partner's own, and a share of which a part was spent and a part would move."""
    pact, partnership = measure.pact, measure.lead
    indicator = make_indicator(measure)
    contribution = contributing.pledge(measure, partnership=partnership, year=2026, amount=Decimal(10), by=by)
    funding.commit(share, by=by, decision="B1")
    booked, _made = spending.book(
        share,
        partnership=partnership,
        amount=Decimal(10),
        spent_on=share.package_year.package.spend_from,
        description="Boeken",
        receipt=check_scan(a_picture()),
        once=uuid4(),
        by=by,
    )
    move = reallocating.propose(share, amount=Decimal(10), measure=measure, reason="Daar is meer nodig.", by=by)
    assert move.source.package_year.package.pact == pact
    return {
        "indicator": indicator.pk,
        "contribution": contribution.pk,
        "expenditure": booked.pk,
        "reallocation": move.pk,
    }


def a_picture() -> ContentFile:
    made = BytesIO()
    Image.new("RGB", (40, 30), "#1f8a94").save(made, "PNG")
    return ContentFile(made.getvalue(), name="veld.png")


@pytest.fixture
def filled(people: People) -> dict[str, Rows]:
    """Both pacts with one of everything; in the first all is the representative's school's."""
    elsewhere = people.other_pact.partnerships.get()
    return {
        "own": fill(people.pact, people.school, people.coordinator),
        "other": fill(people.other_pact, elsewhere, people.stranger),
    }


ACTORS = ["coordinator", "representative", "signatory", "advisor", "reader", "stranger", None]


def fault_of(answer: Any, address: Address, roles: set[str], is_anonymous: bool) -> str:
    """What is wrong with an answer, "" when it is by the rule."""
    status = answer.status_code
    to_sign_in = status == 302 and answer.headers["Location"].startswith(reverse("account_login"))
    if status >= 500:
        return f"{status} instead of an answer"
    if address.rule == "public":
        return "403 on a public address" if status == 403 else ""
    if is_anonymous:
        return "" if to_sign_in else f"{status} instead of the sign-in page"
    if address.rule == "signed in":
        return f"{status} for somebody who is signed in" if status in {403, 404} or to_sign_in else ""
    if not roles:
        return "" if status == 404 else f"{status} instead of 404 for a stranger"
    if not roles & set(GRANTS[address.rule]):
        return "" if status == 403 else f"{status} instead of 403"
    return f"{status} although it is granted" if status in {403, 404} or to_sign_in else ""


def deviations(address: Address, filled: dict[str, Rows], people: People) -> list[str]:
    """Call the address as everybody, in both pacts, by GET and POST, plain and by htmx; what was not by the rule."""
    found = []
    places = filled if "pact" in address.keywords else {"own": filled["own"]}
    for actor in ACTORS:
        user = getattr(people, actor) if actor else None
        client = Client()
        if user:
            client.force_login(user)
        for place, rows in places.items():
            memberships = list(Membership.unscoped.filter(user=user, partnership__pact=rows.pact)) if user else []
            roles = {membership.role for membership in memberships}
            seen = replace(rows, mine=memberships[0].partnership_id) if memberships else rows
            for method in ("get", "post"):
                for headers in ({}, {"HX-Request": "true"}):
                    data = {"partnership": memberships[0].partnership_id} if memberships else {}
                    with transaction.atomic():
                        answer = getattr(client, method)(path_of(address, seen), data, headers=headers)
                        if answer.streaming:
                            list(answer.streaming_content)  # closes the file
                        transaction.set_rollback(True)
                    if fault := fault_of(answer, address, roles, user is None):
                        found.append(f"{method} {address.route} ({place} pact, {actor}, {headers}): {fault}")
    return found


def test_it_has_a_rule_for_every_address():
    for address in OWN_ADDRESSES:
        rule = address.rule
        assert isinstance(rule, Permission) or rule in {"public", "signed in"}, f"{address.route} declares no rule"
        if isinstance(rule, Permission):
            assert "pact" in address.keywords, f"{address.route} asks a permission, and names no pact to hold it in"


def test_it_lists_no_exception_that_is_gone():
    assert {address.name for address in ADDRESSES} >= OF_ALLAUTH | OF_THE_GROUND


def test_it_names_every_address_once():
    names = [address.name for address in ADDRESSES]
    assert sorted(names) == sorted(set(names))


def test_it_grants_only_to_roles_that_exist():
    assert set(GRANTS) == set(Permission)
    assert all(set(grants) <= set(Role) for grants in GRANTS.values())


@pytest.mark.parametrize("address", OWN_ADDRESSES, ids=lambda address: address.name)
def test_it_answers_by_the_rule(address, filled, people):
    assert deviations(address, filled, people) == []


@pytest.mark.parametrize("name", sorted(SIGN_IN_FIRST))
def test_it_shows_account_pages_only_to_who_is_signed_in(db, name):
    address = next(address for address in ADDRESSES if address.name == name)
    there = reverse(name, kwargs=dict.fromkeys(address.keywords, 1))
    for method in ("get", "post"):
        answer = getattr(Client(), method)(there)
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("account_login"))


def test_it_sees_a_view_that_lets_everybody_in(filled, people, monkeypatch):
    """The lock off: with every permission granted to everybody, the walk finds what the table would have refused."""
    address = next(address for address in ADDRESSES if address.name == "partners:organisation_add")
    monkeypatch.setattr(Access, "can", lambda self, permission, partnership=None: True)
    assert any("instead of 403" in fault for fault in deviations(address, filled, people))


def test_it_sees_a_pact_without_walls(filled, people, monkeypatch):
    """The lock off: when a membership of any pact is enough, the walk finds the strangers inside."""
    address = next(address for address in ADDRESSES if address.name == "partners:organisation_list")
    monkeypatch.setattr(MembershipQuerySet, "in_pact", lambda self, pact: self.across_pacts())
    assert any("instead of 404" in fault for fault in deviations(address, filled, people))
