"""Rows for tests, each complete with as little as its test cares about."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from itertools import count
from typing import Any

from allauth.account.models import EmailAddress
from django.utils import timezone

from evaluations.models import Evaluation, EvaluationSeries, Finding, Topic
from partners.models import (
    Body,
    CollaborationArea,
    Deed,
    DeedRevision,
    Membership,
    Organisation,
    Pact,
    PactVersion,
    Partnership,
    SealCertificate,
    Sector,
    User,
)
from partners.permissions import Role
from plan.decisions.route import StepRow, keep_route
from plan.decisions.writing import submit, write
from plan.models import (
    Allocation,
    DecisionStep,
    Fit,
    Indicator,
    Measure,
    PackageSector,
    PackageYear,
    Programme,
    Proposal,
    Reallocation,
    SupportPackage,
    SupportQuestion,
)

PASSWORD = "een-lang-wachtwoord-voor-proeven"
_serial = count(1)


def make_pact(**fields: Any) -> Pact:
    """A pact with two areas of cooperation, from 2021 until 2030."""
    serial = next(_serial)
    pact = Pact(
        **{
            "slug": f"pact-{serial}",
            "name": f"Pact {serial}",
            "region": f"Regio {serial}",
            "starts_on": date(2021, 1, 1),
            "ends_on": date(2030, 12, 31),
            **fields,
        }
    )
    pact.full_clean()
    pact.save()
    for position, name in enumerate(["Soepele overgangen", "Onderwijs en jeugdhulp"], 1):
        CollaborationArea.unscoped.create(pact=pact, position=position, name=name)
    return pact


def make_partner(
    pact: Pact, name: str = "", sector: str = Sector.PRIMARY, kind: str = Partnership.Kind.SIGNATORY, **fields: Any
) -> Partnership:
    """An organisation that has taken part since 2021."""
    serial = next(_serial)
    organisation = Organisation.objects.create(name=name or f"Organisatie {serial}", sector=sector)
    return Partnership.unscoped.create(
        **{"pact": pact, "organisation": organisation, "kind": kind, "joined_on": date(2021, 1, 1), **fields}
    )


def make_user(email: str = "", name: str = "", password: str | None = PASSWORD) -> User:
    """An account with a confirmed address."""
    serial = next(_serial)
    user = User.objects.create_user(
        email=email or f"persoon{serial}@voorbeeld.example", password=password, name=name or f"functie {serial}"
    )
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def make_member(partnership: Partnership, role: str = Role.REPRESENTATIVE, email: str = "", **fields: Any) -> User:
    """A user acting for the partnership."""
    user = make_user(email=email, **fields)
    Membership.unscoped.create(user=user, partnership=partnership, role=role, started_on=date(2021, 1, 1))
    return user


def put_in_force(version: PactVersion) -> Deed:
    """Let a frozen version be signed by all, without the signatures: for tests of what comes after."""
    now = timezone.now()
    deed = Deed.unscoped.create(
        version=version,
        number=0,
        content_sha256=version.content_sha256,
        state=Deed.State.COMPLETE,
        opened_at=now,
        opened_by=version.frozen_by,
        completed_at=now,
    )
    certificate, _created = SealCertificate.objects.get_or_create(
        fingerprint="0" * 64, defaults={"pem": "", "subject": "proef", "valid_from": now, "valid_until": now}
    )
    DeedRevision.unscoped.create(
        deed=deed, number=0, certificate=certificate, file="deeds/proef.pdf", size=14, sha256=f"{version.pk:064}"
    )
    version.pact.signed_on, version.pact.signed_in = date(2022, 6, 16), "Hier"
    version.pact.save()
    return deed


def _author(pact: Pact) -> User:
    return User.objects.filter(memberships__partnership__pact=pact).first() or make_user()


def _partner(pact: Pact) -> Partnership:
    return pact.partnerships.first() or make_partner(pact)


def make_question(pact: Pact, **fields: Any) -> SupportQuestion:
    """An accepted question in the first area. `areas` and `municipalities` are lists."""
    areas = fields.pop("areas", None) or [pact.areas.first()]
    municipalities = fields.pop("municipalities", [])
    state = fields.get("state", SupportQuestion.State.ACCEPTED)
    if state == SupportQuestion.State.MERGED and "merged_into" not in fields:
        fields["merged_into"] = make_question(pact)
    if state == SupportQuestion.State.WITHDRAWN:
        fields.setdefault("withdrawn_at", timezone.now())
    question = SupportQuestion(
        **{
            "pact": pact,
            "partnership": fields.pop("partnership", None) or _partner(pact),
            "title": f"Hoe helpen wij jongeren bij {next(_serial)}?",
            "protective_level": SupportQuestion.Level.SURROUNDINGS,
            "state": state,
            "created_by": fields.pop("created_by", None) or _author(pact),
            "submitted_at": None if state == SupportQuestion.State.DRAFT else "2026-01-02T10:00:00+01:00",
            **fields,
        }
    )
    question.take_number()
    question.save()
    question.areas.set(areas)
    question.municipalities.set(municipalities)
    return question


def make_programme(pact: Pact, **fields: Any) -> Programme:
    """A programme in the layer preventie, in the first area."""
    areas = fields.pop("areas", None) or [pact.areas.first()]
    municipalities = fields.pop("municipalities", [])
    programme = Programme(
        **{
            "pact": pact,
            "provider": fields.pop("provider", None) or _partner(pact),
            "name": f"Aanbod {next(_serial)}",
            "preventie": True,
            "created_by": fields.pop("created_by", None) or _author(pact),
            **fields,
        }
    )
    programme.take_number()
    programme.save()
    programme.areas.set(areas)
    programme.municipalities.set(municipalities)
    return programme


def make_fit(question: SupportQuestion, programme: Programme, **fields: Any) -> Fit:
    """A judgement of today that the programme answers the question sufficiently; it holds for a year."""
    return Fit.unscoped.create(
        **{
            "question": question,
            "programme": programme,
            "level": Fit.Level.SUFFICIENT,
            "reason": "Bereikt de jongeren om wie het gaat.",
            "evidence": "Gesprek met de aanbieder.",
            "judged_by": fields.pop("judged_by", None) or _author(question.pact),
            **fields,
        }
    )


def make_measure(pact: Pact, **fields: Any) -> Measure:
    """A proposed measure that continues what exists. `questions`, `programmes`, `areas`, `executing` are lists."""
    many = {
        "areas": fields.pop("areas", None) or [pact.areas.first()],
        "questions": fields.pop("questions", []),
        "programmes": fields.pop("programmes", []),
        "executing": fields.pop("executing", []),
    }
    measure = Measure(
        **{
            "pact": pact,
            "lead": fields.pop("lead", None) or _partner(pact),
            "title": f"Maatregel {next(_serial)}",
            "kind": Measure.Kind.CONTINUE,
            "line": Measure.Line.STRENGTHEN,
            "starts_on": date(2026, 1, 1),
            "ends_on": date(2027, 12, 31),
            "goal": "<p>Jongeren kunnen bij iemand terecht.</p>",
            "budget": Decimal("10000.00"),
            "remains_after": "De partner betaalt het daarna zelf.",
            "proposed_by": fields.pop("proposed_by", None) or _author(pact),
            **fields,
        }
    )
    measure.take_number()
    measure.save()
    for name, rows in many.items():
        getattr(measure, name).set(rows)
    return measure


def make_indicator(measure: Measure, **fields: Any) -> Indicator:
    """A number of young people that should double."""
    return Indicator.unscoped.create(
        **{
            "measure": measure,
            "name": f"Jongeren die meedoen {next(_serial)}",
            "unit": "jongeren",
            "direction": Indicator.Direction.UP,
            "baseline": Decimal(40),
            "target": Decimal(80),
            **fields,
        }
    )


def make_package(
    pact: Pact, years: dict[int, Decimal | int] | None = None, sectors: list[str] | None = None, **fields: Any
) -> SupportPackage:
    """A package with a budget of 100,000 for 2026, open to primary and secondary schools and municipalities."""
    package = SupportPackage(
        **{
            "pact": pact,
            "name": f"Steunpakket {next(_serial)}",
            "giver": "Rijk",
            "legal_form": SupportPackage.LegalForm.SPUK,
            "purpose": "Jongeren ondersteunen.",
            "spend_from": date(2026, 1, 1),
            "spend_until": date(2027, 12, 31),
            **fields,
        }
    )
    package.take_number()
    package.save()
    for sector in [Sector.PRIMARY, Sector.SECONDARY, Sector.MUNICIPALITY] if sectors is None else sectors:
        PackageSector.objects.create(package=package, sector=sector)
    for year, budget in ({2026: Decimal(100_000)} if years is None else years).items():
        PackageYear.unscoped.create(package=package, year=year, budget=budget)
    return package


def make_allocation(package_year: PackageYear, amount: Decimal | int = 1000, **fields: Any) -> Allocation:
    """An amount for the sector po, unless another target is given."""
    if not {"measure", "partnership", "sector"} & fields.keys():
        fields["sector"] = Sector.PRIMARY
    return Allocation.unscoped.create(
        **{
            "package_year": package_year,
            "amount": amount,
            "created_by": _author(package_year.package.pact),
            **fields,
        }
    )


def make_body(pact: Pact, name: str = "", kind: str = Body.Kind.STEERING, **fields: Any) -> Body:
    """A body that meets."""
    return Body.unscoped.create(**{"pact": pact, "kind": kind, "name": name or f"Overleg {next(_serial)}", **fields})


def make_route(pact: Pact, kinds: Sequence[str] = ("prepares", "advises", "decides")) -> list[DecisionStep]:
    """The route of a pact: a step of each of these kinds, each with a body of its own and four weeks."""
    bodies = {
        "prepares": ("Projectgroep", Body.Kind.PROJECT),
        "advises": ("Klankbordgroep", Body.Kind.ADVISORY),
        "decides": ("Stuurgroep", Body.Kind.STEERING),
    }
    rows = []
    for place, kind in enumerate(kinds, 1):
        name, sort = bodies[kind]
        body = make_body(pact, f"{name} {next(_serial)}", sort)
        rows.append(StepRow(name=f"{name} ({place})", body=body, kind=kind))
    return keep_route(pact, steps=rows, by=_author(pact))


def make_proposal(
    pact: Pact, rows: Sequence[Measure | Allocation | Reallocation] = (), *, submitted: bool = True, **fields: Any
) -> Proposal:
    """A proposal that carries these rows (a new measure when none), on the route of the pact unless told otherwise."""
    by = fields.pop("written_by", None) or _author(pact)
    carried = rows or [make_measure(pact)]
    proposal = write(
        pact,
        **{
            "title": f"Voorstel {next(_serial)}",
            "explanation": "<p>Hierover vragen wij een besluit.</p>",
            "partnership": fields.pop("partnership", None) or _partner(pact),
            "items": [(type(row).__name__.lower(), row.pk) for row in carried],
            "by": by,
            **fields,
        },
    )
    return submit(proposal, by=by) if submitted else proposal


def make_series(pact: Pact, participants: list[Partnership] | None = None, **fields: Any) -> EvaluationSeries:
    """A series every six months with a scale and an open topic, and one scheduled evaluation on its first day."""
    series = EvaluationSeries.unscoped.create(
        **{
            "pact": pact,
            "name": f"Halfjaarlijkse evaluatie {next(_serial)}",
            "starts_on": date(2026, 6, 1),
            "ends_on": date(2027, 12, 31),
            "created_by": fields.pop("created_by", None) or _author(pact),
            **fields,
        }
    )
    series.participants.set(participants if participants is not None else [_partner(pact)])
    Topic.unscoped.create(series=series, position=1, kind=Topic.Kind.SCALE, text="Hoe gaat de samenwerking?")
    Topic.unscoped.create(series=series, position=2, kind=Topic.Kind.OPEN, text="Wat kan beter?")
    Evaluation.unscoped.create(series=series, due_on=series.starts_on, closes_on=date(2026, 6, 29))
    return series


def make_reported(pact: Pact, **fields: Any) -> Evaluation:
    """An evaluation that was reported, of a series of its own."""
    evaluation = make_series(pact, **fields).evaluations.get()
    evaluation.state, evaluation.opened_at = Evaluation.State.REPORTED, timezone.now()
    evaluation.save()
    return evaluation


def make_finding(evaluation: Evaluation, **fields: Any) -> Finding:
    """A finding about the whole plan, from which nothing followed yet."""
    return Finding.unscoped.create(
        **{
            "evaluation": evaluation,
            "text": f"Bevinding {next(_serial)}",
            "recorded_by": _author(evaluation.series.pact),
            **fields,
        }
    )
