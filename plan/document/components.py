"""The plan's own registers, as the blocks that stand below the narrative of each component. Pure: no queries."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, cast

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pact_portal.foundation.documents.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Heading,
    Paragraph,
    Row,
    Table,
)
from pact_portal.foundation.templatetags.portal import euro
from partners.organisations.models import Partnership, Sector
from plan.decisions.models import Condition
from plan.document.models import Component
from plan.document.registers import Registers
from plan.funding import sums
from plan.funding.models import Allocation, SupportPackage
from plan.measures.models import Measure
from plan.programmes.models import Fit, Layer, Programme
from plan.questions.models import SupportQuestion

KEYS = {
    Component.SPREADING: "verspreiden",
    Component.QUESTIONS: "vragen",
    Component.PROGRAMMES: "aanbod",
    Component.DECISIONS: "besluitvorming",
    Component.FUNDING: "financiering",
    Component.EVALUATION: "evaluatie",
}
"""The anchor of each component's chapter; frozen versions are compared on it, so it never changes."""

NOTHING = "–"


def anchor_of(row: SupportQuestion | Programme | Measure | SupportPackage) -> str:
    """The name under which links inside the document find this row."""
    words = {SupportQuestion: "vraag", Programme: "aanbod", Measure: "maatregel", SupportPackage: "pakket"}
    return f"{words[type(row)]}-{row.number}"


def period(first: date | None, last: date | None) -> str:
    """From and until, in years when both are known, as short as a table needs it."""
    if first is None and last is None:
        return NOTHING
    if first is None or last is None:
        return _("vanaf %(year)s") % {"year": first.year} if first else _("tot %(year)s") % {"year": last.year}  # type: ignore[union-attr]
    return str(first.year) if first.year == last.year else f"{first.year}–{last.year}"


def refer(rows: Iterable[SupportQuestion | Programme | Measure], *, nothing: str = NOTHING) -> Cell:
    """A cell that names rows by their codes, and leads to the first of them."""
    listed = sorted(rows, key=lambda row: row.number)
    return Cell(", ".join(row.code for row in listed) or nothing, to=anchor_of(listed[0]) if listed else None)


def number(amount: int | None) -> str:
    return NOTHING if amount is None else f"{amount:,}".replace(",", ".")


def spreading(registers: Registers) -> list[Block]:
    """The measures that spread the ideas of the pact."""
    chosen = [measure for measure in registers.measures if measure.line == Measure.Line.SPREAD]
    return [
        Table(
            caption=_("Maatregelen die het gedachtegoed verspreiden"),
            columns=[
                Column(_("Nr."), "key"),
                Column(_("Maatregel")),
                Column(_("Trekker")),
                Column(_("Periode"), "date"),
            ],
            rows=[
                Row(
                    key=f"measure-{measure.number}",
                    cells=[
                        Cell(measure.code, to=anchor_of(measure)),
                        Cell(measure.title),
                        Cell(str(measure.lead)),
                        Cell(period(measure.starts_on, measure.ends_on)),
                    ],
                )
                for measure in chosen
            ],
            empty=_("Er zijn nog geen maatregelen om het gedachtegoed te verspreiden."),
        )
    ]


def questions(registers: Registers) -> list[Block]:
    """The accepted questions per area, each with the fit of what exists and the measures that answer it.

    Below each stands what was merged into it; its partners are those behind all of them together.
    """
    unanswered = len(registers.unanswered())
    blocks: list[Block] = [
        Facts(
            [
                Fact(_("aangenomen vragen"), number(len(registers.questions))),
                Fact(_("met een maatregel"), number(len(registers.questions) - unanswered)),
                Fact(_("nog zonder maatregel"), number(unanswered)),
            ],
            style="key",
        )
    ]
    named: set[int] = set()
    for area in registers.areas:
        chosen = [question for question in registers.questions if area in question.areas.all()]
        rows = []
        for question in chosen:
            fit = registers.best_fit(question)
            rows.append(
                Row(
                    key=f"question-{question.number}",
                    # A question of two areas stands in both tables; links lead to the first.
                    anchor=None if question.pk in named else anchor_of(question),
                    cells=[
                        Cell(question.code),
                        Cell(question.title),
                        Cell(str(question.partnership)),
                        Cell(f"{question.age_from}–{question.age_to}"),
                        Cell(number(question.young_people)),
                        Cell(str(fit.label) if fit else _("nog niet beoordeeld")),
                        refer(registers.measures_of_question.get(question.pk, []), nothing=_("nog geen")),
                        Cell(number(registers.support[question.pk])),
                    ],
                )
            )
            rows += [_merged(each, question) for each in registers.merged_into.get(question.pk, [])]
            named.add(question.pk)
        blocks += [
            Heading(area.name, anchor=f"gebied-{area.position}"),
            Table(
                caption=_("Ondersteuningsvragen: %(area)s") % {"area": area.name},
                columns=[
                    Column(_("Nr."), "key"),
                    Column(_("Vraag"), weight=8),
                    Column(_("Namens"), weight=5),
                    Column(_("Leeftijd"), weight=3),
                    Column(_("Jongeren"), "number", weight=3),
                    Column(_("Bestaand aanbod"), weight=4),
                    Column(_("Maatregel"), weight=4),
                    Column(_("Partners"), "number", weight=3),
                ],
                rows=rows,
                empty=_("In dit gebied zijn nog geen vragen aangenomen."),
            ),
        ]
    return blocks


def _merged(question: SupportQuestion, root: SupportQuestion) -> Row:
    """A question below the one that speaks for it: what it asked, and where its answer stands."""
    return Row(
        key=f"question-{question.number}",
        cells=[
            Cell(question.code),
            Cell(question.title),
            Cell(str(question.partnership)),
            Cell(f"{question.age_from}–{question.age_to}"),
            Cell(number(question.young_people)),
            Cell(_("opgegaan in %(root)s") % {"root": root.code}, to=anchor_of(root)),
            Cell(NOTHING),
            Cell(NOTHING),
        ],
    )


def programmes(registers: Registers) -> list[Block]:
    """What exists, per layer, with the questions that it fits."""
    blocks: list[Block] = []
    named: set[int] = set()
    for layer in Layer:
        rows = []
        for programme in registers.programmes:
            if not getattr(programme, layer.value):
                continue
            fits = [fit for fit in registers.fits_of_programme.get(programme.pk, []) if fit.level != Fit.Level.NONE]
            rows.append(
                Row(
                    key=f"programme-{programme.number}",
                    anchor=None if programme.pk in named else anchor_of(programme),
                    cells=[
                        Cell(programme.code),
                        Cell(programme.name),
                        Cell(str(programme.provider)),
                        Cell(f"{programme.age_from}–{programme.age_to}"),
                        Cell(number(programme.reach_per_year)),
                        Cell(period(programme.starts_on, programme.ends_on)),
                        refer([fit.question for fit in fits], nothing=_("geen")),
                    ],
                )
            )
            named.add(programme.pk)
        name = str(layer.label)
        blocks += [
            Heading(name[:1].upper() + name[1:], anchor=f"laag-{layer.value}"),
            Table(
                caption=_("Bestaand aanbod: %(layer)s") % {"layer": name},
                columns=[
                    Column(_("Nr."), "key"),
                    Column(_("Aanbod"), weight=8),
                    Column(_("Aanbieder"), weight=5),
                    Column(_("Leeftijd"), weight=3),
                    Column(_("Bereik per jaar"), "number", weight=3),
                    Column(_("Loopt"), "date"),
                    Column(_("Sluit aan op"), weight=4),
                ],
                rows=rows,
                empty=_("In deze laag is nog geen aanbod opgenomen."),
            ),
        ]
    return blocks


def decisions(registers: Registers) -> list[Block]:
    """The measures per programme line; the register of decisions is handed in."""
    blocks: list[Block] = [
        Paragraph(_("Gedekt is wat uit steunpakketten is toegewezen, met wat partners zelf bijdragen."))
    ]
    for line in Measure.Line:
        name = str(line.label)
        blocks += [
            Heading(name[:1].upper() + name[1:], anchor=f"lijn-{line.value}"),
            Table(
                caption=_("Maatregelen: %(line)s") % {"line": name},
                columns=[
                    Column(_("Nr."), "key"),
                    Column(_("Maatregel"), weight=8),
                    Column(_("Trekker en uitvoerders"), weight=6),
                    Column(_("Vraag"), weight=3),
                    Column(_("Periode"), "date"),
                    Column(_("Begroting"), "euro"),
                    Column(_("Gedekt"), "euro"),
                    Column(_("Status"), weight=3),
                ],
                rows=[_measure(registers, measure) for measure in registers.measures if measure.line == line],
                empty=_("In deze programmalijn zijn nog geen maatregelen."),
            ),
        ]
    return blocks


def _measure(registers: Registers, measure: Measure) -> Row:
    who = [str(measure.lead), *sorted(str(partner) for partner in measure.executing.all() if partner != measure.lead)]
    keys = registers.answered_by(measure)
    answered = [question for question in registers.questions if question.pk in keys]
    return Row(
        key=f"measure-{measure.number}",
        anchor=anchor_of(measure),
        cells=[
            Cell(measure.code),
            Cell(f"{measure.title} ({measure.get_kind_display()})"),
            Cell("; ".join(who)),
            refer(answered, nothing=_("geen")),
            Cell(period(measure.starts_on, measure.ends_on)),
            Cell(euro(measure.budget)),
            Cell(euro(registers.funded[measure.number])),
            Cell(str(measure.get_state_display())),
        ],
    )


def funding(registers: Registers) -> list[Block]:
    """What came in, per package and year, and where it goes. All figures are sums over the same entries."""
    total = registers.totals
    facts = [
        Fact(_("beschikbaar"), euro(total.budget)),
        Fact(_("toegewezen"), euro(total.allocated)),
        Fact(_("besteed"), euro(total.spent)),
        Fact(_("nog vrij"), euro(total.remaining)),
    ]
    return [
        Facts(facts, style="key"),
        Heading(_("Steunpakketten"), anchor="steunpakketten"),
        _packages(registers),
        Heading(_("Toewijzingen"), anchor="toewijzingen"),
        _allocations(registers),
    ]


def _packages(registers: Registers) -> Table:
    rows, named = [], set()
    packages = {package.number: package for package in registers.packages}
    for line in registers.package_years:
        package_number, year = _package_year(line)
        package = packages[package_number]
        rows.append(
            Row(
                key=f"package-{package.number}-{year}",
                anchor=None if package.pk in named else anchor_of(package),
                cells=[
                    Cell(package.code),
                    Cell(f"{package.name} ({package.giver})"),
                    Cell(str(year)),
                    Cell(euro(line.sum.budget)),
                    Cell(euro(line.sum.allocated)),
                    Cell(euro(line.sum.committed)),
                    Cell(euro(line.sum.spent)),
                    Cell(euro(line.sum.remaining)),
                ],
            )
        )
        named.add(package.pk)
    return Table(
        caption=_("Steunpakketten per jaar"),
        columns=[
            Column(_("Nr."), "key"),
            Column(_("Steunpakket (gever)"), weight=7),
            Column(_("Jaar"), "number"),
            Column(_("Budget"), "euro"),
            Column(_("Toegewezen"), "euro"),
            Column(_("Toegezegd"), "euro"),
            Column(_("Besteed"), "euro"),
            Column(_("Nog vrij"), "euro"),
        ],
        rows=rows,
        empty=_("Er zijn nog geen steunpakketten."),
    )


def _package_year(line: sums.Line) -> tuple[int, int]:
    """The number of the package and the year of a line of `package_years`."""
    return cast("tuple[int, int]", line.key)


def _allocations(registers: Registers) -> Table:
    states = dict(Allocation.State.choices)
    return Table(
        caption=_("Waar het geld naartoe gaat"),
        columns=[
            Column(_("Pakket"), "key"),
            Column(_("Jaar"), "number"),
            Column(_("Bestemming"), weight=9),
            Column(_("Bedrag"), "euro"),
            Column(_("Besteed"), "euro"),
            Column(_("Status"), weight=3),
        ],
        rows=[
            Row(
                key=f"allocation-{entry.allocation}",
                cells=[
                    Cell(f"{SupportPackage.CODE}{entry.package}", to=f"pakket-{entry.package}"),
                    Cell(str(entry.year)),
                    _target(registers, entry),
                    Cell(euro(entry.amount)),
                    Cell(euro(entry.spent)),
                    Cell(str(states[entry.state])),
                ],
            )
            for entry in registers.money.entries
        ],
        empty=_("Er is nog geen geld toegewezen."),
    )


def _target(registers: Registers, entry: sums.Entry) -> Cell:
    """What an allocation is for; only a measure that stands in the plan can be led to."""
    if entry.measure is not None:
        in_plan = entry.measure in registers.funded
        return Cell(entry.measure_title, to=f"maatregel-{entry.measure}" if in_plan else None)
    name = entry.organisation or str(Sector(entry.sector).label)
    return Cell(_("aandeel %(name)s") % {"name": name})


def evaluation(registers: Registers) -> list[Block]:
    """What the measures want to learn; the floor of evaluations hands in what was learnt so far."""
    asked = [measure for measure in registers.measures if measure.learning_question]
    if not asked:
        return []
    return [
        Table(
            caption=_("Leervragen van de maatregelen"),
            columns=[Column(_("Nr."), "key"), Column(_("Leervraag"))],
            rows=[
                Row(
                    key=f"learning-{measure.number}",
                    cells=[Cell(measure.code, to=anchor_of(measure)), Cell(measure.learning_question)],
                )
                for measure in asked
            ],
        )
    ]


BLOCKS: dict[Component, Callable[[Registers], list[Block]]] = {
    Component.SPREADING: spreading,
    Component.QUESTIONS: questions,
    Component.PROGRAMMES: programmes,
    Component.DECISIONS: decisions,
    Component.FUNDING: funding,
    Component.EVALUATION: evaluation,
}


def loose_ends(registers: Registers, handed_in: Sequence[Table] = ()) -> list[Block]:
    """What does not reach the next link of the chain: domain.md, "The chain". What is `handed_in` comes last."""
    tables = [
        _loose(
            "question",
            [(question, question.partnership) for question in registers.unanswered()],
            caption=_("Aangenomen vragen zonder maatregel"),
            labels=(_("Vraag"), _("Namens")),
            empty=_("Elke aangenomen vraag heeft een maatregel."),
        ),
        _loose(
            "measure",
            [(measure, measure.lead) for measure in registers.purposeless()],
            caption=_("Maatregelen die geen aangenomen vraag beantwoorden"),
            labels=(_("Maatregel"), _("Trekker")),
            empty=_("Elke maatregel beantwoordt een aangenomen vraag."),
        ),
        _loose(
            "unproposed",
            [(measure, measure.lead) for measure in registers.unproposed()],
            caption=_("Voorgestelde maatregelen waarover geen besluit wordt gevraagd"),
            labels=(_("Maatregel"), _("Trekker")),
            empty=_("Elke voorgestelde maatregel staat in een voorstel."),
        ),
        _unassigned(registers),
        _conditions(registers),
        *handed_in,
    ]
    total = sum(len(table.rows) for table in tables)
    if not total:
        return [
            Paragraph(_("Er zijn geen losse einden: elke vraag heeft een maatregel, en al het geld een bestemming."))
        ]
    sentence = ngettext(
        "Dit plan heeft nog %(count)s los eind: iets dat de volgende stap niet bereikt.",
        "Dit plan heeft nog %(count)s losse einden: zaken die de volgende stap niet bereiken.",
        total,
    )
    return [Paragraph(sentence % {"count": number(total)}), *tables]


def _unassigned(registers: Registers) -> Table:
    names = {package.number: package.name for package in registers.packages}
    return Table(
        caption=_("Geld zonder maatregel of aandeel"),
        columns=[
            Column(_("Nr."), "key"),
            Column(_("Steunpakket")),
            Column(_("Jaar"), "number"),
            Column(_("Nog vrij"), "euro"),
        ],
        rows=[
            Row(
                key=f"package-{package}-{year}",
                cells=[
                    Cell(f"{SupportPackage.CODE}{package}", to=f"pakket-{package}"),
                    Cell(names[package]),
                    Cell(str(year)),
                    Cell(euro(line.sum.remaining)),
                ],
            )
            for line in registers.unassigned()
            for package, year in [_package_year(line)]
        ],
        empty=_("Al het geld heeft een bestemming."),
    )


def _conditions(registers: Registers) -> Table:
    under_way = {proposal.pk for proposal in registers.proposals}
    return Table(
        caption=_("Voorwaarden waarop nog geen antwoord is"),
        columns=[Column(_("Voorstel"), "key"), Column(_("Van"), weight=5), Column(_("Voorwaarde"), weight=9)],
        rows=[
            Row(
                key=f"condition-{condition.pk}",
                cells=[
                    Cell(
                        condition.proposal.code,
                        # One that was adopted stands in the plan by its decisions.
                        to=f"voorstel-{condition.proposal.number}" if condition.proposal_id in under_way else None,
                    ),
                    Cell(_whose(condition)),
                    Cell(condition.text),
                ],
            )
            for condition in registers.conditions
        ],
        empty=_("Op elke voorwaarde is een antwoord gegeven."),
    )


def _whose(condition: Condition) -> str:
    """The partner or the body that set a condition."""
    if condition.position is not None:
        return str(condition.position.partnership)
    return condition.decision.step.body.name if condition.decision else NOTHING


def _loose(
    kind: str, rows: Sequence[tuple[Any, Partnership]], *, caption: str, labels: tuple[str, str], empty: str
) -> Table:
    """A table of questions or measures that reach nothing, each with the partner it is of."""
    title, partner = labels
    return Table(
        caption=caption,
        columns=[Column(_("Nr."), "key"), Column(title), Column(partner)],
        rows=[
            Row(
                key=f"{kind}-{row.number}", cells=[Cell(row.code, to=anchor_of(row)), Cell(row.title), Cell(str(whose))]
            )
            for row, whose in rows
        ],
        empty=empty,
    )
