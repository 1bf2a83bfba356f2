"""The report of an evaluation: who answered, and from five answers on what they said.

While an evaluation is open only the response is shown. Counts that change with each answer, beside a list of who has
answered, would tell what the last one said.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from django.db.models import prefetch_related_objects

from evaluations.answering.models import Answer
from evaluations.reporting import outcomes
from evaluations.reporting.outcomes import FEWEST, Outcome
from evaluations.series.models import Evaluation, Topic


class Withheld(Enum):
    """Why a report shows no outcomes."""

    NOT_CLOSED = "not closed"
    TOO_FEW = "too few"


@dataclass(frozen=True, slots=True)
class PartnerResponse:
    """Whether one partner answered, and when."""

    partner: str
    sector: str
    answered_at: datetime.datetime | None


@dataclass(frozen=True, slots=True)
class TopicOutcome:
    """A topic with what was said on it."""

    topic: Topic
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Report:
    """What members may see of one evaluation."""

    evaluation: Evaluation
    partners: tuple[PartnerResponse, ...]
    topics: tuple[TopicOutcome, ...]
    withheld: Withheld | None

    @property
    def invited(self) -> int:
        return len(self.partners)

    @property
    def answered(self) -> int:
        return sum(partner.answered_at is not None for partner in self.partners)

    @property
    def scales(self) -> tuple[TopicOutcome, ...]:
        return tuple(each for each in self.topics if each.topic.kind == Topic.Kind.SCALE)

    @property
    def others(self) -> tuple[TopicOutcome, ...]:
        """The topics that have no place in the one chart of the scales."""
        return tuple(each for each in self.topics if each.topic.kind != Topic.Kind.SCALE)


def report_of(evaluation: Evaluation) -> Report:
    """The report of one evaluation, worked out from its answers."""
    return reports_of([evaluation])[0]


def reports_of(evaluations: Sequence[Evaluation]) -> list[Report]:
    """The reports of evaluations, in their order, with the same number of queries however many there are."""
    prefetch_related_objects(
        evaluations,
        "series__topics",
        "participations__partnership__organisation",
        "participations__answers",
    )
    return [_report(evaluation) for evaluation in evaluations]


def _report(evaluation: Evaluation) -> Report:
    participations = list(evaluation.participations.all())
    partners = tuple(
        PartnerResponse(
            partner=each.partnership.organisation.name,
            sector=each.partnership.organisation.get_sector_display(),
            answered_at=each.answered_at,
        )
        for each in participations
    )
    withheld = None
    if evaluation.state in (Evaluation.State.SCHEDULED, Evaluation.State.OPEN):
        withheld = Withheld.NOT_CLOSED
    elif sum(partner.answered_at is not None for partner in partners) < FEWEST:
        withheld = Withheld.TOO_FEW
    topics = (
        ()
        if withheld
        else outcomes_of(
            evaluation.series.topics.all(), (answer for each in participations for answer in each.answers.all())
        )
    )
    return Report(evaluation, partners, topics, withheld)


def outcomes_of(topics: Iterable[Topic], answers: Iterable[Answer]) -> tuple[TopicOutcome, ...]:
    """What was said on each topic, in the order of the topics."""
    said: dict[int, list[Answer]] = defaultdict(list)
    for answer in answers:
        said[answer.topic_id].append(answer)
    return tuple(TopicOutcome(topic, _outcome(topic, said[topic.pk])) for topic in topics)


def _outcome(topic: Topic, answers: Sequence[Answer]) -> Outcome:
    match topic.kind:
        case Topic.Kind.SCALE:
            return outcomes.of_scale(answers)
        case Topic.Kind.NUMBER:
            return outcomes.of_number(answers, counts_people=topic.counts_people)
        case Topic.Kind.CHOICE:
            return outcomes.of_choice(answers, topic.options)
    return outcomes.of_texts(answers)
