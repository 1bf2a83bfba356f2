"""The live registers of one pact, read once: what the chapters, the summary and the loose ends are made from."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

from django.db.models import F, Q

from partners.organisations.models import Partnership
from partners.pact.models import CollaborationArea, Pact
from plan.decisions.models import Condition, Proposal, ProposalItem
from plan.funding import sums
from plan.funding.models import SupportPackage
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
    packages: list[SupportPackage]
    money: sums.Money
    proposals: list[Proposal]
    """Those on which a body still has to say something."""
    on_route: set[int]
    """The keys of the measures in a proposal on which a body still has to say something."""
    conditions: list[Condition]
    """Those that are not answered, of proposals that are under way or were adopted."""

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
    def totals(self) -> sums.Sum:
        """All money of the packages: budget, allocated, committed, spent."""
        return sums.total(self.money)

    @cached_property
    def pledged(self) -> Decimal:
        """What partners add from their own means, in euros."""
        return sums.total_pledged(self.money)

    @cached_property
    def funded(self) -> dict[int, Decimal]:
        """What each measure has, by its number, in euros: allocated, also when only proposed, and own contributions."""
        allocated = {line.key: line.sum.allocated for line in sums.per_measure(self.money)}
        pledged = sums.pledged_per_measure(self.money)
        return {
            measure.number: allocated.get(measure.number, Decimal(0)) + pledged.get(measure.number, Decimal(0))
            for measure in self.measures
        }

    @cached_property
    def package_years(self) -> list[sums.Line]:
        """The sum of each year of each package; the key is the pair of number and year."""
        return sums.per_package_year(self.money)

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

    def unassigned(self) -> list[sums.Line]:
        """Years of packages with money that serves no measure and no share."""
        return [line for line in self.package_years if line.sum.remaining > 0]

    def unproposed(self) -> list[Measure]:
        """Measures on which nobody is asked to decide: proposed or deferred, and in no proposal on the route."""
        waiting = (Measure.State.PROPOSED, Measure.State.DEFERRED)
        return [measure for measure in self.measures if measure.state in waiting and measure.pk not in self.on_route]


def read(pact: Pact, *, on: date) -> Registers:
    """Read the registers of `pact` as they stand, judgements of fit as they hold on a day. Some twenty queries."""
    measures = (
        Measure.objects.in_pact(pact)
        .in_force()
        .select_related("lead__organisation")
        .prefetch_related("questions", "areas", "programmes", "executing__organisation")
        .order_by("number")
    )
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
        measures=list(measures),
        packages=list(SupportPackage.objects.in_pact(pact).order_by("number")),
        money=sums.read(pact),
        proposals=list(Proposal.objects.in_pact(pact).under_way().order_by("number")),
        on_route=set(
            ProposalItem.objects.in_pact(pact)
            .filter(kind="measure", proposal__state__in=Proposal.UNDER_WAY)
            .values_list("object_id", flat=True)
        ),
        conditions=open_conditions(pact),
    )


def open_conditions(pact: Pact) -> list[Condition]:
    """The conditions that somebody has to answer yet: not those of a round that is over or of a superseded decision."""
    rows = Condition.objects.in_pact(pact).filter(
        Q(position__isnull=True) | Q(position__round=F("proposal__round")),
        state=Condition.State.OPEN,
        proposal__state__in=[*Proposal.UNDER_WAY, Proposal.State.ADOPTED],
        decision__superseded_by__isnull=True,
    )
    rows = rows.select_related("proposal", "position__partnership__organisation", "decision__step__body")
    return list(rows.order_by("proposal__number", "pk"))
