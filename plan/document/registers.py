"""The live registers of one pact, read once: what the chapters, the summary and the loose ends are made from."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from partners.organisations.models import Partnership
from partners.pact.models import CollaborationArea, Pact
from plan.funding.models import Allocation, PackageYear, SupportPackage
from plan.measures.models import Measure
from plan.programmes.models import Fit, Programme
from plan.questions.models import SupportQuestion
from plan.questions.support import support_counts

LEVELS = [Fit.Level.NONE, Fit.Level.PARTLY, Fit.Level.SUFFICIENT]
"""From worst to best."""


@dataclass
class Registers:
    """Rows of one pact as they stood on a day, with their neighbours on the chain already at hand: no queries after."""

    pact: Pact
    on: date
    areas: list[CollaborationArea]
    signatories: list[Partnership]
    questions: list[SupportQuestion]
    """The accepted ones."""
    merged: list[SupportQuestion]
    """Those that another question speaks for."""
    support: dict[int, int]
    """How many partners stand behind each accepted question, by its key."""
    programmes: list[Programme]
    fits: list[Fit]
    """The judgements of accepted questions that hold on the day."""
    measures: list[Measure]
    """All but the rejected ones."""
    rejected: list[Measure]
    packages: list[SupportPackage]
    years: list[PackageYear]
    allocations: list[Allocation]
    """All but the rejected ones."""

    @cached_property
    def question_codes(self) -> dict[int, str]:
        return {question.pk: question.code for question in self.questions}

    @cached_property
    def fits_of_question(self) -> dict[int, list[Fit]]:
        found = defaultdict(list)
        for fit in self.fits:
            found[fit.question_id].append(fit)
        return found

    @cached_property
    def fits_of_programme(self) -> dict[int, list[Fit]]:
        found = defaultdict(list)
        for fit in self.fits:
            found[fit.programme_id].append(fit)
        return found

    @cached_property
    def measures_of_question(self) -> dict[int, list[Measure]]:
        found = defaultdict(list)
        for measure in self.measures:
            for key in self.answered_by(measure):
                found[key].append(measure)
        return found

    def answered_by(self, measure: Measure) -> list[int]:
        """The keys of the questions that a measure answers, each once: for a merged one the question it stands in."""
        return list(dict.fromkeys(question.merged_into_id or question.pk for question in measure.questions.all()))

    @cached_property
    def merged_into(self) -> dict[int, list[SupportQuestion]]:
        """What was merged into each question, by its key."""
        found: dict[int, list[SupportQuestion]] = defaultdict(list)
        for question in self.merged:
            if question.merged_into_id is not None:
                found[question.merged_into_id].append(question)
        return found

    @cached_property
    def money_of_measure(self) -> dict[int, Decimal]:
        """What was allocated to each measure, in euros; proposed amounts count, for they take from the budget."""
        found: dict[int, Decimal] = defaultdict(Decimal)
        for allocation in self.allocations:
            if allocation.measure_id is not None:
                found[allocation.measure_id] += allocation.amount
        return found

    @cached_property
    def budget(self) -> Decimal:
        return sum((year.budget for year in self.years), Decimal(0))

    @cached_property
    def allocated(self) -> Decimal:
        return sum((allocation.amount for allocation in self.allocations), Decimal(0))

    def best_fit(self, question: SupportQuestion) -> Fit.Level | None:
        """The best valid judgement of any programme on a question; None when nobody judged."""
        levels = [Fit.Level(fit.level) for fit in self.fits_of_question.get(question.pk, [])]
        return max(levels, key=LEVELS.index, default=None)

    def unanswered(self) -> list[SupportQuestion]:
        """Accepted questions that reach no measure."""
        return [question for question in self.questions if not self.measures_of_question.get(question.pk)]

    def purposeless(self) -> list[Measure]:
        """Measures that answer no accepted question."""
        return [
            measure
            for measure in self.measures
            if not any(key in self.question_codes for key in self.answered_by(measure))
        ]

    def unassigned(self) -> list[PackageYear]:
        """Years of packages with money that serves no measure and no share."""
        return [year for year in self.years if self.remaining(year) > 0]

    @cached_property
    def allocated_of_year(self) -> dict[int, Decimal]:
        found: dict[int, Decimal] = defaultdict(Decimal)
        for allocation in self.allocations:
            found[allocation.package_year_id] += allocation.amount
        return found

    def remaining(self, year: PackageYear) -> Decimal:
        """What of a year is left, in euros, by the allocations that were read here: all figures add up."""
        return year.budget - self.allocated_of_year.get(year.pk, Decimal(0))


def read(pact: Pact, *, on: date) -> Registers:
    """Read the registers of `pact` as they stand, judgements of fit as they hold on a day. Some twenty queries."""
    measures = list(
        Measure.objects.in_pact(pact)
        .select_related("lead__organisation")
        .prefetch_related("questions", "areas", "programmes", "executing__organisation")
        .order_by("number")
    )
    in_force = [measure for measure in measures if measure.state != Measure.State.REJECTED]
    questions = list(
        SupportQuestion.objects.in_pact(pact)
        .accepted()
        .select_related("partnership__organisation")
        .prefetch_related("areas")
        .order_by("number")
    )
    return Registers(
        pact=pact,
        on=on,
        areas=list(CollaborationArea.objects.in_pact(pact)),
        signatories=list(Partnership.objects.in_pact(pact).current().signatories().select_related("organisation")),
        questions=questions,
        merged=list(
            SupportQuestion.objects.in_pact(pact)
            .filter(merged_into__state=SupportQuestion.State.ACCEPTED)
            .select_related("partnership__organisation")
            .order_by("number")
        ),
        support=support_counts(questions),
        programmes=list(
            Programme.objects.in_pact(pact)
            .select_related("provider__organisation")
            .prefetch_related("areas")
            .order_by("number")
        ),
        fits=list(
            Fit.objects.in_pact(pact)
            .valid(on)
            .filter(question__state=SupportQuestion.State.ACCEPTED)
            .select_related("question", "programme")
            .order_by("question__number", "programme__number")
        ),
        measures=in_force,
        rejected=[measure for measure in measures if measure.state == Measure.State.REJECTED],
        packages=list(SupportPackage.objects.in_pact(pact).prefetch_related("sectors").order_by("number")),
        years=list(PackageYear.objects.in_pact(pact).select_related("package").order_by("package__number", "year")),
        allocations=list(
            Allocation.objects.in_pact(pact)
            .counting()
            .select_related("package_year__package", "measure", "partnership__organisation")
            .order_by("package_year__package__number", "package_year__year", "pk")
        ),
    )
