"""Fills demonstration pacts through the same workflow functions as the pages, so that every rule holds for them too."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import cycle, islice
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.utils import timezone

from evaluations.answering import workflow as answering
from evaluations.answering.models import Participation
from evaluations.answering.values import NO_VIEW
from evaluations.findings import workflow as findings
from evaluations.series import workflow as series_workflow
from evaluations.series.models import Evaluation
from pact_portal.foundation.richtext.revisions import save_text
from pact_portal.foundation.uploads.images import check_image
from pact_portal.front.demo import deciding, money, pact_text, pictures, registers, signing
from pact_portal.front.demo.cast import Cast
from partners.bodies import workflow as bodies
from partners.models import Body, Membership, Pact, PactSection, Partnership, Seat, Sector, User
from partners.organisations import workflow as organisations
from partners.pact import workflow as pact_workflow
from partners.people import workflow as people
from partners.permissions import Role
from partners.signing import completion
from partners.wording import workflow as wording
from plan.document import workflow as document
from plan.funding import workflow as funding
from plan.measures import workflow as measures
from plan.models import Fit, Measure, PackageYear, Programme, SupportPackage, SupportQuestion
from plan.programmes import marking, overlap, overlapping
from plan.programmes import workflow as programmes
from plan.questions import endorsing, merging, noting
from plan.questions import workflow as questions

REGION = "regio-alkmaar"
NEIGHBOUR = "andere-regio"

ACCOUNTS: list[tuple[str, str, str, str]] = [
    ("coordinator", "coördinator van het pact", "Gemeente Alkmaar", Role.COORDINATOR),
    ("schoolbestuur", "bestuurder Clusius College", "Clusius College", Role.REPRESENTATIVE),
    ("wethouder", "wethouder gemeente Heiloo", "Gemeente Heiloo", Role.SIGNATORY),
    (
        "klankbord",
        "lid van de klankbordgroep",
        "Samenwerkingsverband Voortgezet Onderwijs Noord-Kennemerland",
        Role.ADVISOR,
    ),
    ("lezer", "beleidsmedewerker gemeente Uitgeest", "Gemeente Uitgeest", Role.READER),
]
"""Local part, name, organisation and role of those who sign in to try the portal."""

LARGE = {"questions": 2000, "programmes": 500, "fits": 1000, "measures": 400, "allocations": 1500}
"""How many rows the registers of a pact for load tests have in all."""


@transaction.atomic
def fill_region(
    slug: str = REGION,
    *,
    name: str = "Veerkrachtpact regio Alkmaar",
    region: str = "Regio Alkmaar (Noord-Kennemerland)",
    password: str | None,
    today: date | None = None,
) -> Pact:
    """A whole pact as the facts of regio Alkmaar tell it, with example data for the rest. All of it, or nothing."""
    today = today or timezone.localdate()
    cast = _found(
        slug,
        name=name,
        region=region,
        hue=205,
        password=password,
        today=today,
        signatories=registers.SIGNATORIES,
        executing=registers.EXECUTING,
        accounts=ACCOUNTS,
    )
    sections = _write_pact(cast, today)
    _sign_pact(cast, sections)
    _meet(cast, today)
    asked = _ask_questions(cast, registers.QUESTIONS)
    offered = _offer_programmes(cast, registers.PROGRAMMES)
    for question, programme, level, reason in registers.FITS:
        programmes.judge_fit(
            asked[question - 1],
            offered[programme - 1],
            level=level,
            reason=reason,
            evidence="Gesprek van indiener en aanbieder.",
            by=cast.coordinator,
        )
    _stand_behind(cast, asked)
    _show_examples(cast, offered, today)
    proposed = _propose_measures(cast, registers.MEASURES, asked, offered, today)
    money.add_indicators(cast, proposed)
    _mark_overlap(cast)
    years = _bring_in_money(cast, registers.PACKAGES, today)
    deciding.lay_route(cast)
    _divide(cast, proposed, years, today)
    for section in document.sections_of(cast.pact):
        save_text(
            section, body=pact_text.PLAN_TEXTS[section.component].strip(), base=section.revision, by=cast.coordinator
        )
    _evaluate(cast, today)
    _learn(cast, proposed)
    version = document.freeze(cast.pact, by=cast.coordinator, label="eerste versie voor de stuurgroep")
    deciding.put(cast, deciding.OF_THE_PLAN, [("plan_version", version.pk)], today)
    return cast.pact


def _divide(cast: Cast, proposed: list[Measure], years: list[list[PackageYear]], today: date) -> None:
    """Give the money a target, decide about it, and spend a part."""
    allocations, committed = [], []
    for package, year, amount, target, is_committed in registers.ALLOCATIONS:
        allocation = funding.allocate(
            years[package - 1][year],
            amount=registers.euros(amount),
            by=cast.coordinator,
            **_target(target, proposed, cast.partners),
        )
        allocations.append(allocation)
        if is_committed:
            committed.append(allocation)
    carried = deciding.Carried(proposed, allocations, committed)
    deciding.decide(cast, carried, deciding.PROPOSALS, today)
    for measure in proposed:
        measure.refresh_from_db()
        if measure.state == Measure.State.APPROVED and measure.starts_on <= today:
            measures.start(measure, on=today - timedelta(days=20), by=cast.coordinator)
    money.add_own_means(cast, proposed, today)
    for allocation in allocations:
        allocation.refresh_from_db()
    money.spend(cast, allocations, today)
    money.propose_moving(cast, allocations, proposed)


def _learn(cast: Cast, proposed: list[Measure]) -> None:
    """What the first evaluation showed: one finding is closed, one changes a measure, one waits."""
    evaluation = Evaluation.objects.in_pact(cast.pact).reported().order_by("due_on").first()
    if evaluation is None:
        return
    found = [
        findings.record(evaluation, measure=proposed[place - 1] if place else None, text=text, by=cast.coordinator)[0]
        for place, text in registers.FINDINGS
    ]
    findings.close(found[1], reason=registers.CLOSED_BECAUSE, by=cast.coordinator)
    findings.propose(
        proposed[0],
        finding=found[0],
        field="budget",
        after=Decimal("195000.00"),
        reason=registers.WHY_MORE,
        by=cast.coordinator,
    )


@transaction.atomic
def fill_neighbour(*, password: str | None, today: date | None = None) -> Pact:
    """A second, small pact: to see that pacts never mix."""
    today = today or timezone.localdate()
    cast = _found(
        NEIGHBOUR,
        name="Pact Andere Regio",
        region="Andere Regio",
        hue=285,
        password=password,
        today=today,
        signatories=[("Gemeente Voorbeeldstad", Sector.MUNICIPALITY), ("Schoolbestuur De Brug", Sector.PRIMARY)],
        executing=[],
        accounts=[("coordinator", "coördinator Andere Regio", "Gemeente Voorbeeldstad", Role.COORDINATOR)],
    )
    pact_workflow.add_section(
        cast.pact,
        title="Aanleiding",
        body="<p>Twee partners in een andere regio beginnen met een pact van henzelf.</p>",
        by=cast.coordinator,
    )
    deed = signing.lay_on_the_table(pact_workflow.freeze(cast.pact, by=cast.coordinator), by=cast.coordinator)
    if deed:
        for place in signing.places_of(deed):
            signing.sign_on_paper(place, by=cast.coordinator, signed_in=registers.SIGNED_IN)
        completion.complete(deed.pk)
    own = {"by": "Schoolbestuur De Brug", "in": ["Gemeente Voorbeeldstad"]}
    asked = _ask_questions(cast, [{**registers.QUESTIONS[2], **own}])
    offered = _offer_programmes(cast, [{**registers.PROGRAMMES[2], **own, "areas": [1]}])
    programmes.judge_fit(
        asked[0],
        offered[0],
        level="partly",
        reason="Helpt leraren; de kinderen oefenen nog niet.",
        evidence="Evaluatie van het eerste jaar.",
        by=cast.coordinator,
    )
    broadened = {
        **registers.MEASURES[0],
        "title": "Training ook voor de brugklas",
        "lead": "Schoolbestuur De Brug",
        "with": ["Gemeente Voorbeeldstad"],
    }
    proposed = _propose_measures(cast, [broadened], asked, offered, today)
    years = _bring_in_money(cast, registers.PACKAGES[2:3], today)
    share = funding.allocate(years[0][0], amount=Decimal("25000.00"), by=cast.coordinator, measure=proposed[0])
    bodies.found(cast.pact, kind=Body.Kind.STEERING, name="Stuurgroep Andere Regio", by=cast.coordinator)
    deciding.lay_route(cast)
    deciding.decide(cast, deciding.Carried(proposed, [share], [share]), [deciding.OF_THE_NEIGHBOUR], today)
    for section in document.sections_of(cast.pact):
        save_text(
            section,
            body="<p>Dit onderdeel van het plan van de andere regio is nog kort.</p>",
            base=section.revision,
            by=cast.coordinator,
        )
    _evaluate(cast, today)
    document.freeze(cast.pact, by=cast.coordinator)
    return cast.pact


def fill_for_load(serial: int, *, say: Callable[[str], object], today: date | None = None) -> Pact:
    """A further pact of the same size as the demonstration, whose registers then grow to LARGE. `say` tells how far."""
    today = today or timezone.localdate()
    slug = f"grote-regio-{serial}"
    pact = Pact.objects.filter(slug=slug).first() or fill_region(
        slug, name=f"Pact grote regio {serial}", region=f"Grote regio {serial}", password=None, today=today
    )
    partners = {p.organisation.name: p for p in Partnership.objects.in_pact(pact).select_related("organisation")}
    coordinator = User.objects.get(email=f"coordinator@{slug}.example")
    cast = Cast(pact, partners, {}, coordinator)
    _grow(cast, today, say)
    return pact


def _found(
    slug: str,
    *,
    name: str,
    region: str,
    hue: int,
    password: str | None,
    today: date,
    signatories: list[tuple[str, str]],
    executing: list[tuple[str, str]],
    accounts: list[tuple[str, str, str, str]],
) -> Cast:
    pact = pact_workflow.found(
        slug=slug,
        name=name,
        region=region,
        motto=pact_text.MOTTO,
        starts_on=registers.BEGINS_ON,
        ends_on=date(today.year + 2, 12, 31),
        areas=registers.AREAS,
        by=None,
        hue=hue,
        is_example=True,
    )
    wording.install_defaults(pact)
    partners, actors = {}, {}
    kinds = [(Partnership.Kind.SIGNATORY, signatories), (Partnership.Kind.EXECUTING, executing)]
    for kind, organisations_of_kind in kinds:
        for position, (organisation, sector) in enumerate(organisations_of_kind, 1):
            partner = organisations.add_partner(
                pact,
                name=organisation,
                sector=sector,
                kind=kind,
                joined_on=registers.BEGINS_ON,
                position=position if kind == Partnership.Kind.SIGNATORY else 100 + position,
                contact_email=f"contact{position}-{kind.value}@{slug}.example",
                by=None,
            )
            partners[organisation] = partner
            actors[organisation] = people.create_account(
                f"vertegenwoordiger{position}-{kind.value}@{slug}.example", f"vertegenwoordiger {organisation}", None
            )
            contact = people.join(actors[organisation], partner, Role.REPRESENTATIVE, by=None)
            lies_in = partners.get(registers.LIES_IN.get(organisation, ""))
            organisations.update_partner(partner, contact=contact, municipality=lies_in, by=None)
    for local, title, organisation, role in accounts:
        user = people.create_account(f"{local}@{slug}.example", title, password)
        people.join(user, partners[organisation], role, by=None)
    return Cast(pact, partners, actors, User.objects.get(email=f"coordinator@{slug}.example"))


def _write_pact(cast: Cast, today: date) -> list[PactSection]:
    """The text of the pact, with a picture and what people said beside it."""
    sections = [
        pact_workflow.add_section(cast.pact, title=title, body=body.strip(), by=cast.coordinator)
        for title, body in pact_text.SECTIONS
    ]
    pact_workflow.add_picture(
        sections[1],
        image=check_image(ContentFile(pictures.drawing(), name="netwerk.png")),
        alt=pictures.ALT,
        caption=pictures.CAPTION,
        by=cast.coordinator,
    )
    for row in registers.TESTIMONIES:
        pact_workflow.add_testimony(
            cast.pact,
            section=sections[row["section"] - 1],
            quotation=row["quotation"],
            source=row["source"],
            consent_on=today - timedelta(days=60),
            consent_note="Voorbeeld: formulier in het dossier van de coördinator.",
            by=cast.coordinator,
        )
    return sections


def _sign_pact(cast: Cast, sections: list[PactSection]) -> None:
    """The first version signed by all, a revised one on the table. Without a key the pact is frozen, and not signed."""
    first = pact_workflow.freeze(cast.pact, by=cast.coordinator)
    deed = signing.lay_on_the_table(first, by=cast.coordinator)
    if deed is None:
        return
    partners = [place.partnership for place in signing.places_of(deed)]
    holders = signing.signatories_of(cast.pact.slug, partners)
    signing.sign_by_all(deed, holders, by=cast.coordinator)
    last = sections[-1]
    save_text(last, body=last.body + pact_text.REVISION.strip(), base=last.revision, by=cast.coordinator)
    revised = signing.lay_on_the_table(pact_workflow.freeze(cast.pact, by=cast.coordinator), by=cast.coordinator)
    if revised:
        signing.sign_by_some(revised, holders, by=cast.coordinator)


def _meet(cast: Cast, today: date) -> None:
    """The bodies of the pact, each with members and a meeting to come."""
    members = list(
        Membership.objects.in_pact(cast.pact).current().select_related("user").order_by("partnership__position", "pk")
    )
    for turn, row in enumerate(registers.BODIES):
        body = bodies.found(cast.pact, kind=row["kind"], name=row["name"], purpose=row["purpose"], by=cast.coordinator)
        title, days, place = row["meets"]
        for seat, membership in enumerate(members[turn :: len(registers.BODIES)][:5]):
            part = (Seat.Part.CHAIR, Seat.Part.SECRETARY)[seat] if seat < 2 else Seat.Part.MEMBER
            bodies.take_seat(body, membership=membership, part=part, by=cast.coordinator)
        begin = timezone.make_aware(datetime.combine(today + timedelta(days=days), time(13, 30)))
        bodies.plan(
            body,
            title=title,
            starts_at=begin,
            ends_at=begin + timedelta(hours=2),
            place=place,
            agenda="<ol>" + "".join(f"<li>{point}</li>" for point in row["agenda"]) + "</ol>",
            by=cast.coordinator,
        )


def _ask_questions(cast: Cast, rows: list[dict[str, Any]]) -> list[SupportQuestion]:
    areas = list(cast.pact.areas.all())
    asked = []
    for row in rows:
        by = cast.actor(row["by"])
        question = questions.draft(
            cast.pact,
            partnership=cast.partners[row["by"]],
            by=by,
            areas=[areas[number - 1] for number in row["areas"]],
            municipalities=[cast.partners[name] for name in row["in"]],
            title=row["title"],
            description=row["description"],
            age_from=row["ages"][0],
            age_to=row["ages"][1],
            protective_level=row["level"],
            transition=row.get("transition", ""),
            young_people=row.get("young_people"),
            urgency=row["urgency"],
            source=row["source"],
        )
        questions.submit(question, by=by)
        asked.append(question)
        if "merged_into" in row:
            merging.merge(question, into=asked[row["merged_into"] - 1], by=cast.coordinator)
            continue
        if "withdrawn" in row:
            questions.withdraw(question, by=by, reason=row["withdrawn"])
            continue
        state = row.get("state", SupportQuestion.State.ACCEPTED)
        if state == SupportQuestion.State.ACCEPTED:
            questions.accept(question, by=cast.coordinator)
        elif state == SupportQuestion.State.RETURNED:
            questions.send_back(question, remark=row["remark"], by=cast.coordinator)
    return asked


def _stand_behind(cast: Cast, asked: list[SupportQuestion]) -> None:
    """Other partners say "ook onze vraag"; coordinators leave each other notes."""
    for place, organisation, note in registers.ENDORSEMENTS:
        endorsing.endorse(
            asked[place - 1], partnership=cast.partners[organisation], by=cast.actor(organisation), note=note
        )
    for place, text in registers.NOTES:
        noting.note(asked[place - 1], text=text, by=cast.coordinator)


def _show_examples(cast: Cast, offered: list[Programme], today: date) -> None:
    """Some programmes are inspiring, some are recognised, and of some nobody said this year that they are right."""
    for place, level in registers.NJI_LEVELS.items():
        programmes.revise(offered[place - 1], by=cast.coordinator, nji_level=level)
    for place, row in registers.EXAMPLES.items():
        programme = offered[place - 1]
        programmes.revise(programme, by=cast.coordinator, is_example=True, example_reason=row["example_reason"])
        programmes.record_testimony(
            programme,
            quotation=row["quotation"],
            source=row["source"],
            consent_on=today - timedelta(days=45),
            consent_note="Voorbeeld: formulier bij de aanbieder.",
            by=cast.coordinator,
        )
    overdue = [offered[place - 1].pk for place in registers.NOT_CONFIRMED]
    # Nothing in the portal makes a programme older than it is.
    Programme.objects.in_pact(cast.pact).filter(pk__in=overdue).update(confirmed_on=today - timedelta(days=400))


def _mark_overlap(cast: Cast) -> None:
    """Two of the overlaps are settled: one pair works together, one would better be one."""
    found = overlap.pairs(overlapping.items_of(cast.pact))
    for pair, kind, note in zip(
        found,
        ["tuned", "merge"],
        ["Beide aanbieders verwijzen naar elkaar en plannen samen (voorbeeld).", ""],
        strict=False,
    ):
        marking.mark_overlap(cast.pact, pair, kind=kind, note=note, by=cast.coordinator)


def _offer_programmes(cast: Cast, rows: list[dict[str, Any]]) -> list[Programme]:
    areas = list(cast.pact.areas.all())
    return [
        programmes.add(
            cast.pact,
            provider=cast.partners[row["by"]],
            by=cast.actor(row["by"]),
            areas=[areas[number - 1] for number in row["areas"]],
            municipalities=[cast.partners[name] for name in row["in"]],
            name=row["name"],
            description=row["description"],
            amplitie="amplitie" in row["layers"],
            preventie="preventie" in row["layers"],
            curatie="curatie" in row["layers"],
            age_from=row["ages"][0],
            age_to=row["ages"][1],
            reach_per_year=row["reach"],
            yearly_cost=registers.euros(row["cost"]),
            funding_source=row["source"],
        )
        for row in rows
    ]


def _propose_measures(
    cast: Cast, rows: list[dict[str, Any]], asked: list[SupportQuestion], offered: list[Programme], today: date
) -> list[Measure]:
    proposed = []
    for row in rows:
        answers = [asked[number - 1] for number in row["questions"]]
        measure = measures.propose(
            cast.pact,
            lead=cast.partners[row["lead"]],
            by=cast.actor(row["lead"]),
            areas=sorted(
                {area for question in answers for area in question.areas.all()}, key=lambda area: area.position
            ),
            questions=answers,
            programmes=[offered[number - 1] for number in row["programmes"]],
            executing=[cast.partners[name] for name in row["with"]],
            on=today - timedelta(days=75),
            title=row["title"],
            kind=row["kind"],
            line=row["line"],
            starts_on=date(today.year, 1, 1),
            ends_on=date(today.year + 1, 12, 31),
            goal=row["goal"],
            learning_question=row["learn"],
            budget=registers.euros(row["budget"]),
            remains_after=row["after"],
            reason_not_broaden=row.get("why_new", ""),
        )
        proposed.append(measure)
    return proposed


def _bring_in_money(cast: Cast, rows: list[dict[str, Any]], today: date) -> list[list[PackageYear]]:
    """The years of each package, in order of the packages."""
    years = []
    for row in rows:
        budgets = {today.year + place: registers.euros(budget) for place, budget in enumerate(row["budgets"])}
        package: SupportPackage = funding.add_package(
            cast.pact,
            by=cast.coordinator,
            sectors=row["sectors"],
            years=budgets,
            intakes=money.intakes_of(cast, row["name"], budgets),
            name=row["name"],
            giver=row["giver"],
            legal_form=row["form"],
            purpose=row["purpose"],
            earmark="Alleen voor jongeren tot en met 23 jaar in de regio (voorbeeld).",
            account_to=row["giver"],
            accountability="De ontvanger verantwoordt zich in de eigen jaarrekening (voorbeeld).",
            account_by=date(today.year + 2, 7, 15),
            spend_from=date(today.year, 1, 1),
            spend_until=date(today.year + 1, 12, 31),
        )
        years.append(list(package.years.order_by("year")))
    return years


def _target(target: int | str, decided: list[Measure], partners: dict[str, Partnership]) -> dict[str, Any]:
    """What an allocation of the lists is for: a measure by its place, a sector by its code, an organisation by name."""
    if isinstance(target, int):
        return {"measure": decided[target - 1]}
    return {"sector": target} if target in Sector.values else {"partnership": partners[target]}


def _evaluate(cast: Cast, today: date) -> None:
    """A series every six months: the first evaluation is answered and over, the second is open today."""
    first = _months_back(today - timedelta(days=5), 6)
    series = series_workflow.plan_series(
        cast.pact,
        by=cast.coordinator,
        name="Halfjaarlijkse evaluatie van het uitvoeringsplan",
        starts_on=first,
        ends_on=date(today.year + 2, 12, 31),
        every_months=6,
        open_days=28,
        participants=[p for p in cast.partners.values() if p.kind == Partnership.Kind.SIGNATORY],
        topics=registers.TOPICS,
    )
    series_workflow.move_on(on=first)
    topics = list(series.topics.all())
    evaluation = Evaluation.objects.in_pact(cast.pact).get(series=series, due_on=first)
    for organisation, said in registers.ANSWERS:
        if organisation not in cast.partners:
            continue
        participation = Participation.objects.in_pact(cast.pact).get(
            evaluation=evaluation, partnership=cast.partners[organisation]
        )
        answering.answer(
            participation,
            values={topic.pk: NO_VIEW if value is None else value for topic, value in zip(topics, said, strict=True)},
            by=cast.actor(organisation),
            on=first,
        )
    series_workflow.move_on(on=today)


def _months_back(day: date, months: int) -> date:
    """The same day so many months earlier, at most the 28th so that it exists in every month."""
    years, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(years, month + 1, min(day.day, 28))


def _match(cast: Cast) -> None:
    """Judgements of every second question of a large pact, of all three levels, and other partners behind them."""
    waiting = SupportQuestion.objects.in_pact(cast.pact).accepted().filter(fits=None).order_by("number")
    offered = cycle(Programme.objects.in_pact(cast.pact).order_by("number"))
    levels, partners = cycle(Fit.Level.values), cycle(cast.partners.items())
    want = LARGE["fits"] - Fit.objects.in_pact(cast.pact).count()
    for question in list(waiting.select_related("pact", "partnership"))[: 2 * max(0, want) : 2]:
        programmes.judge_fit(
            question,
            next(offered),
            level=next(levels),
            reason="Zo beoordeeld in de verkenning.",
            evidence="Verkenning onder scholen.",
            by=cast.coordinator,
        )
        organisation, partner = next(partners)
        if partner.pk != question.partnership_id:
            endorsing.endorse(question, partnership=partner, by=cast.actor(organisation))


def _grow(cast: Cast, today: date, say: Callable[[str], object]) -> None:
    """Let the registers grow to LARGE, by repeating the demonstration's rows under new titles."""

    def repeated(rows: list[dict[str, Any]], have: int, want: int, key: str) -> list[dict[str, Any]]:
        return [
            {**row, key: f"{row[key].rstrip('?')} ({serial})", "outcome": None}
            for serial, row in enumerate(islice(cycle(rows), max(0, want - have)), have + 1)
        ]

    accepted = [row for row in registers.QUESTIONS if not {"state", "merged_into", "withdrawn"} & row.keys()]
    have = SupportQuestion.objects.in_pact(cast.pact).count()
    for start in range(0, max(0, LARGE["questions"] - have), 250):
        batch = repeated(accepted, have + start, min(LARGE["questions"], have + start + 250), "title")
        with transaction.atomic():
            _ask_questions(cast, batch)
        say(f"{cast.pact}: {have + start + len(batch)} ondersteuningsvragen")
    with transaction.atomic():
        have = Programme.objects.in_pact(cast.pact).count()
        _offer_programmes(cast, repeated(registers.PROGRAMMES, have, LARGE["programmes"], "name"))
    say(f"{cast.pact}: {LARGE['programmes']} keer bestaand aanbod")
    with transaction.atomic():
        _match(cast)
    say(f"{cast.pact}: {LARGE['fits']} oordelen over aanbod")
    with transaction.atomic():
        have = Measure.objects.in_pact(cast.pact).count()
        asked = list(SupportQuestion.objects.in_pact(cast.pact).order_by("number")[: len(registers.QUESTIONS)])
        offered = list(Programme.objects.in_pact(cast.pact).order_by("number")[: len(registers.PROGRAMMES)])
        widened = [row for row in registers.MEASURES if row["kind"] != "start"]
        _propose_measures(cast, repeated(widened, have, LARGE["measures"], "title"), asked, offered, today)
    say(f"{cast.pact}: {LARGE['measures']} maatregelen")
    with transaction.atomic():
        years = list(PackageYear.objects.in_pact(cast.pact).select_related("package").order_by("pk"))
        have = sum(year.allocations.count() for year in years)
        roomy = cycle([year for year in years if year.remaining > LARGE["allocations"]])
        for year in islice(roomy, max(0, LARGE["allocations"] - have)):
            funding.allocate(
                year, amount=Decimal("10.00"), by=cast.coordinator, sector=year.package.sectors.all()[0].sector
            )
    say(f"{cast.pact}: {LARGE['allocations']} toewijzingen")
