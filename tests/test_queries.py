"""No page asks the database more for fifty rows than for one."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from evaluations.findings import workflow as findings
from evaluations.models import Adjustment, Answer, Evaluation, Participation
from pact_portal.foundation.documents.models import Rendition
from partners.bodies import workflow as bodies
from partners.models import (
    Body,
    Deed,
    Meeting,
    MirrorTerm,
    PactSection,
    PactVersion,
    Partnership,
    Reservation,
    RightsReview,
    Seat,
    Sector,
    Signature,
    SignaturePlace,
    User,
)
from partners.pact import workflow as pacts
from partners.permissions import Role
from partners.signing import workflow as signing
from plan.decisions import deciding, positions
from plan.decisions.carried import next_step
from plan.document import workflow as document
from plan.funding import contributing, reallocating, spending
from plan.funding import workflow as funding
from plan.models import (
    CurationNote,
    Endorsement,
    Fit,
    Import,
    Measure,
    Merge,
    Programme,
    ProposalItem,
    QuestionNews,
    StateChange,
    SupportQuestion,
)
from tests.factories import (
    make_allocation,
    make_finding,
    make_fit,
    make_indicator,
    make_measure,
    make_member,
    make_package,
    make_partner,
    make_programme,
    make_proposal,
    make_question,
    make_route,
    make_series,
)
from tests.people import People
from tests.signing import make_ready

MANY = 50

PAGES = [
    "",
    "questions/",
    "questions/1/",
    "questions/1/fit/",
    "questions/1/merge/",
    "questions/new/",
    "questions/own/",
    "questions/queue/",
    "questions/analysis/",
    "questions/similar/?title=jongeren+helpen",
    "questions/export/?format=csv",
    "programmes/",
    "programmes/1/",
    "programmes/own/",
    "programmes/examples/",
    "programmes/overlap/",
    "programmes/export/?format=csv",
    "imports/new/questions/",
    "wording/",
    "coverage/",
    "coverage/?by=phase",
    "measures/",
    "measures/1/",
    "measures/new/",
    "measures/1/edit/",
    "decisions/",
    "decisions/1/",
    "decisions/export/?format=csv",
    "decisions/meetings/{meeting}/",
    "decisions/proposals/",
    "decisions/proposals/1/",
    "decisions/proposals/1/decide/",
    "decisions/proposals/2/",
    "decisions/proposals/2/edit/",
    "decisions/proposals/new/",
    "decisions/route/",
    "decisions/route/edit/",
    "funding/",
    "funding/1/",
    "funding/allocate/",
    "funding/allocations/{allocation}/",
    "funding/charts/",
    "funding/settlement/",
    "funding/settlement/export/?format=csv&by=package",
    "funding/settlement/export/?format=csv&by=organisation",
    "plan/",
    "plan/preview/",
    "plan/versions/",
    "evaluations/",
    "evaluations/{evaluation}/",
    "evaluations/adjustments/1/",
    "pact/",
    "partners/",
    "partners/{partner}/",
    "partners/people/",
    "partners/people/rights/",
    "partners/bodies/",
    "partners/bodies/{body}/",
    "partners/meetings/{meeting}/",
    "pact/sections/{section}/history/",
    "pact/testimonies/",
    "pact/freeze/",
    "pact/signing/",
    "log/",
]


def _grow(people: People, rows: int, evaluation: Evaluation) -> None:
    """So many more of everything, and all of it on the first question, programme, measure and package too."""
    pact = people.pact
    first_question, first_programme = pact.supportquestions.get(number=1), pact.programmes.get(number=1)
    first_measure, first_package = pact.measures.get(number=1), pact.supportpackages.get(number=1)
    scale = evaluation.series.topics.get(position=1)
    above = pact.sections.count() + 1
    for number in range(rows):
        partner = make_partner(pact, f"Gemeente {number}", Sector.MUNICIPALITY, contact_email="a@b.example")
        make_member(partner)
        question = make_question(pact, partnership=partner, areas=list(pact.areas.all()), municipalities=[partner])
        programme = make_programme(pact, provider=partner, areas=list(pact.areas.all()), municipalities=[partner])
        make_fit(question, programme)
        make_fit(first_question, programme)
        make_fit(question, first_programme)
        _beside(question, programme, partner, people)
        measure = make_measure(pact, lead=partner, questions=[question, first_question], programmes=[programme])
        first_measure.questions.add(question)
        first_measure.executing.add(partner)
        package = make_package(pact)
        make_allocation(package.years.get(), measure=measure)
        make_allocation(first_package.years.get(), 10, measure=first_measure)
        _decide_and_spend(measure, evaluation, people)
        PactSection.unscoped.create(pact=pact, position=above + number, title="Onderdeel", edited_by=people.coordinator)
        participation = Participation.unscoped.create(
            evaluation=evaluation, partnership=partner, answered_at="2026-06-02T10:00+02:00", answered_by=people.other
        )
        Answer.unscoped.create(participation=participation, topic=scale, scale=1 + number % 5)
    series = make_series(pact, name="Nog een cyclus")
    for number in range(rows):
        Evaluation.unscoped.create(
            series=series, due_on=date(2030 + number // 12, 1 + number % 12, 1), closes_on=date(2035, 1, 1)
        )


def _beside(question: SupportQuestion, programme: Programme, partner: Partnership, people: People) -> None:
    """What others say of a question and a programme: endorsements, notes, news, merged ones, a voice."""
    pact, by = people.pact, people.coordinator
    first_question = pact.supportquestions.get(number=1)
    asks = {"partnership": people.school, "title": "Wat helpt leerlingen met faalangst?"}
    waiting = make_question(pact, state=SupportQuestion.State.SUBMITTED, **asks)
    merged = make_question(pact, partnership=partner, state=SupportQuestion.State.MERGED, merged_into=first_question)
    Merge.unscoped.create(source=merged, target=first_question, state_before="submitted", merged_by=by)
    make_fit(merged, programme)
    for asked in {each.pk: each for each in (question, first_question, waiting, merged)}.values():
        Endorsement.unscoped.create(question=asked, partnership=partner, endorsed_by=by)
        CurationNote.unscoped.create(question=asked, text="Bellen.", written_by=by)
        key = f"{asked.pk}-{partner.pk}"
        QuestionNews.unscoped.create(question=asked, kind="accepted", happened_at=timezone.now(), key=key)
    own = make_programme(pact, provider=people.school, is_example=True, example_reason="Werkt goed.")
    for shown in (own, pact.programmes.get(number=1)):
        spoken = pact.testimonies.create(
            quotation="Het hielp.", source="leerling", consent_on="2026-01-01", consent_note="papier", recorded_by=by
        )
        shown.testimonies.add(spoken)
    Import.unscoped.create(pact=pact, kind="questions", filename="vragen.xlsx", uploaded_by=by)
    MirrorTerm.unscoped.create(pact=pact, term=f"woord {partner.pk}", reason="Zomaar.", alternative="iets")


def _decide_and_spend(measure: Measure, evaluation: Evaluation, people: People) -> None:
    """A proposal with the measure and money, what was said of the first one, what was spent, and what was learnt."""
    pact, by, partner = people.pact, people.coordinator, measure.lead
    first_measure, first_proposal = pact.measures.get(number=1), pact.proposals.get(number=1)
    share = make_allocation(make_package(pact, sectors=Sector.values).years.get(), 100, measure=measure)
    proposal = make_proposal(pact, [measure, share], partnership=partner, written_by=by)
    step = next_step(proposal)
    assert step is not None
    says = {"decided_on": timezone.localdate(), "reason": "Goed.", "conditions": ["Let op de zomer."], "by": by}
    deciding.record_outcome(proposal, step=step, outcome="positive", **says)
    positions.state_position(
        first_proposal, partnership=partner, stance="agree_if", mandate="college", text="Ook hier.", by=by
    )
    draft = pact.proposals.get(number=2)
    ProposalItem.unscoped.create(proposal=draft, kind="measure", object_id=make_measure(pact, lead=partner).pk)
    make_indicator(measure)
    make_indicator(first_measure)
    StateChange.unscoped.create(measure=first_measure, state="running", on=timezone.localdate(), by=by)
    for each in (measure, first_measure):
        contributing.pledge(each, partnership=partner, year=2026, amount=Decimal(10), by=by)
    first_share = pact.supportpackages.get(number=1).years.get().allocations.order_by("pk").first()
    funding.commit(share, by=by, decision="B1")
    for spent_of in (share, first_share):
        spending.book(
            spent_of,
            partnership=spending.spenders_of(spent_of)[0],
            amount=Decimal("0.05"),
            spent_on=spent_of.package_year.package.spend_from,
            description="Boeken",
            once=uuid4(),
            by=by,
        )
    reallocating.propose(first_share, amount=Decimal("0.01"), measure=measure, reason="Meer nodig.", by=by)
    finding = make_finding(evaluation, measure=first_measure)
    make_finding(evaluation)
    running = make_measure(pact, lead=partner, state="running", outcome_on=date(2026, 1, 2))
    findings.propose(running, field="title", after=f"Anders {partner.pk}", reason="Duidelijker.", by=by)
    of_first = Adjustment(
        pact=pact,
        measure=first_measure,
        finding=finding,
        field="title",
        after="Anders",
        reason="Duidelijker.",
        created_by=by,
    )
    of_first.take_number()
    of_first.save()


def _grow_pact(people: People, deed: Deed, body: Body, rows: int) -> None:
    """So many more versions, places on the table, seats, meetings, revisions of a text, and what stands beside it."""
    pact, by = people.pact, people.coordinator
    version, section = deed.version, pact.sections.get(title="Aanleiding")
    newest = pact.versions.order_by("-number").first().number
    begin = timezone.now() + timedelta(days=3)
    for number in range(rows):
        PactVersion.unscoped.create(
            pact=pact,
            number=newest + 1 + number,
            content=version.content,
            content_sha256=version.content_sha256,
            frozen_at=begin,
            frozen_by=by,
        )
        partner = make_partner(pact, f"Tekent {newest} {number}")
        member = make_member(partner, Role.SIGNATORY)
        place = SignaturePlace.unscoped.create(
            deed=deed, partnership=partner, field=f"partner-{partner.pk}", position=newest + number
        )
        if number % 2:
            Reservation.unscoped.create(place=place, reason="Nog niet.", made_by=member)
        else:
            Signature.unscoped.create(
                place=place,
                way="paper",
                signatory="bestuurder",
                function="bestuurder",
                mandate="besluit",
                signed_in="Hier",
                signed_on=date(2026, 6, 2),
                recorded_by=by,
                scan="scans/x.pdf",
                scan_sha256="0" * 64,
            )
        Seat.unscoped.create(body=body, membership=member.memberships.get())
        Meeting.unscoped.create(
            body=body, title="Overleg", starts_at=begin, ends_at=begin + timedelta(hours=1), place="Hier", planned_by=by
        )
        Body.unscoped.create(pact=pact, kind=Body.Kind.LEARNING, name=f"Overleg {newest} {number}")
        section.revisions.create(number=section.revisions.count() + 1, body="<p>Tekst</p>", saved_by=by)
        pact.testimonies.create(
            section=section,
            quotation="Zo kan het.",
            source="leerling",
            consent_on=date(2026, 1, 1),
            consent_note="op papier",
            recorded_by=by,
        )
        RightsReview.unscoped.create(pact=pact, reviewed_by=by)


def _asked(client: Client, path: str) -> int:
    client.get(path)  # what is remembered between requests is remembered now
    with CaptureQueriesContext(connection) as queries:
        assert client.get(path).status_code == 200, path
    return len(queries)


@pytest.mark.slow
def test_it_asks_no_more_for_fifty_rows_than_for_one(people: People, client_for: Callable[[User], Client]) -> None:
    pact = people.pact
    everywhere = {
        "areas": list(pact.areas.all()),
        "municipalities": [make_partner(pact, "Gemeente Eerste", Sector.MUNICIPALITY)],
    }
    question = make_question(pact, partnership=people.school, title="Hoe voorkomen wij faalangst?", **everywhere)
    programme = make_programme(pact, provider=people.school, **everywhere)
    make_fit(question, programme, level=Fit.Level.PARTLY)
    measure = make_measure(
        pact, lead=people.school, questions=[question], programmes=[programme], executing=[people.childcare]
    )
    allocation = make_allocation(make_package(pact).years.get(), 10, measure=measure)
    funding.commit(allocation, by=people.coordinator, decision="B1")
    make_allocation(allocation.package_year, 10, measure=measure)
    make_route(pact)
    make_proposal(pact, [measure], partnership=people.school, written_by=people.coordinator)
    make_proposal(pact, partnership=people.school, written_by=people.coordinator, submitted=False)
    PactSection.unscoped.create(pact=pact, position=1, title="Onderdeel", edited_by=people.coordinator)
    series = make_series(pact, participants=[people.school])
    evaluation = series.evaluations.get()
    evaluation.state, evaluation.opened_at = Evaluation.State.REPORTED, "2026-06-01T10:00+02:00"
    evaluation.save()
    for name in ("Gemeente Tweede", "Gemeente Derde"):
        partner = make_partner(pact, name, Sector.MUNICIPALITY)
        _decide_and_spend(make_measure(pact, lead=partner, questions=[question]), evaluation, people)
    document.sections_of(pact)
    document.freeze(pact, by=people.coordinator)
    section = pacts.add_section(pact, title="Aanleiding", body="<p>Tekst</p>", by=people.coordinator)
    version = pacts.freeze(pact, by=people.coordinator)
    make_ready(Rendition.objects.in_pact(pact).get(kind="pact", object_id=version.pk), version.content)
    deed = signing.open_signing(version, by=people.coordinator)
    body = bodies.found(pact, name="Stuurgroep", kind=Body.Kind.STEERING, by=people.coordinator)
    _grow_pact(people, deed, body, 2)
    meeting = body.meetings.first()
    for partner in (people.childcare, make_partner(pact)):
        _beside(question, programme, partner, people)
    client = client_for(people.coordinator)
    ids = {"evaluation": evaluation.pk, "partner": people.school.pk, "section": section.pk, "allocation": allocation.pk}
    pages = [page.format(**ids, body=body.pk, meeting=meeting.pk) for page in PAGES]
    few = {page: _asked(client, f"/{pact.slug}/{page}") for page in pages}
    # From five answers on a report, and the plan that holds it, says more: there fifty are held against six.
    _grow(people, 6, evaluation)
    reporting = [f"evaluations/{evaluation.pk}/", "plan/preview/"]
    few |= {page: _asked(client, f"/{pact.slug}/{page}") for page in reporting}
    _grow(people, MANY, evaluation)
    _grow_pact(people, deed, body, MANY)
    many = {page: _asked(client, f"/{pact.slug}/{page}") for page in pages}
    more = {page: f"{few[page]} -> {many[page]}" for page in pages if many[page] > few[page]}
    assert not more
