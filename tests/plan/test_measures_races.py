"""Two who change one measure at the same moment, by connections of their own."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from partners.models import Partnership, User
from plan.measures import indicators, workflow
from plan.models import Indicator, Measure
from tests.factories import make_measure, make_member, make_pact, make_partner, make_programme, make_question

State = Measure.State


@dataclass(frozen=True)
class Scene:
    """A measure of a school, proposed for one question."""

    measure: Measure
    school: Partnership
    by: User

    def fresh(self) -> Measure:
        return Measure.unscoped.select_related("pact").get(pk=self.measure.pk)


@pytest.fixture
def scene(transactional_db: None) -> Scene:
    with transaction.atomic():
        pact = make_pact()
        school = make_partner(pact)
        by = make_member(school)
        measure = make_measure(
            pact, lead=school, questions=[make_question(pact)], programmes=[make_programme(pact)], proposed_by=by
        )
    return Scene(measure, school, by)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """Run the acts in threads with connections of their own; what each returned, or its fault."""
    start, outcomes = threading.Barrier(len(acts)), {}

    def run(place: int, act: Callable[[], Any]) -> None:
        try:
            start.wait(timeout=10)
            outcomes[place] = act()
        except ValidationError as fault:
            outcomes[place] = fault
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    return [outcomes[place] for place in range(len(acts))]


def faults(outcomes: list[Any]) -> list[str]:
    return [outcome.messages[0] for outcome in outcomes if isinstance(outcome, ValidationError)]


def approve(scene: Scene) -> None:
    Measure.unscoped.update(state=State.APPROVED, outcome_on=date(2026, 1, 1))


@pytest.mark.django_db(transaction=True)
def test_it_starts_once_for_two_who_click_at_once(scene: Scene) -> None:
    approve(scene)
    outcomes = at_once(*[lambda: workflow.start(scene.fresh(), by=scene.by)] * 2)
    assert [("is in uitvoering" in fault) for fault in faults(outcomes)] == [True]
    assert scene.measure.changes.count() == 1


@pytest.mark.django_db(transaction=True)
def test_it_would_start_twice_without_the_lock(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """The twin: both read the measure before either writes."""
    approve(scene)
    both = threading.Barrier(2)

    def unlocked(measure: Measure) -> Measure:
        row = Measure.unscoped.select_related("pact").get(pk=measure.pk)
        both.wait(timeout=10)
        return row

    monkeypatch.setattr(workflow, "_lock", unlocked)
    outcomes = at_once(*[lambda: workflow.start(scene.fresh(), by=scene.by)] * 2)
    assert faults(outcomes) == []
    assert scene.measure.changes.count() == 2


@pytest.mark.django_db(transaction=True)
def test_it_lets_the_second_of_two_who_revise_see_what_the_first_wrote(scene: Scene) -> None:
    seen = workflow.mark_of(scene.measure)

    def revise(title: str) -> Measure:
        measure = scene.fresh()
        many: dict[str, Any] = {name: list(getattr(measure, name).all()) for name in workflow.MANY}
        return workflow.revise(measure, by=scene.by, lead=scene.school, seen=seen, title=title, **many)

    outcomes = at_once(lambda: revise("Van de een"), lambda: revise("Van de ander"))
    assert len(faults(outcomes)) == 1
    assert "Iemand anders heeft dit gewijzigd" in faults(outcomes)[0]


@pytest.mark.django_db(transaction=True)
def test_it_neither_loses_a_decision_nor_a_text_when_both_come_at_once(scene: Scene) -> None:
    def revise() -> Measure:
        measure = scene.fresh()
        many: dict[str, Any] = {name: list(getattr(measure, name).all()) for name in workflow.MANY}
        return workflow.revise(measure, by=scene.by, lead=scene.school, title="Anders", **many)

    def decide() -> Measure:
        return workflow.decide(
            scene.fresh(), outcome=State.APPROVED, on=date(2026, 1, 1), reason="Zo.", by=scene.by, decision="B1"
        )

    revised, decided = at_once(revise, decide)
    now = scene.fresh()
    assert isinstance(decided, Measure)
    assert (now.state, now.title == "Anders") == (State.APPROVED, isinstance(revised, Measure))


@pytest.mark.django_db(transaction=True)
def test_it_takes_an_indicator_once_from_two_who_add_it_at_once(scene: Scene) -> None:
    def add() -> Indicator:
        return indicators.add(
            scene.fresh(), by=scene.by, name="Overstap", unit="procent", direction="up", target=Decimal(60)
        )

    outcomes = at_once(add, add)
    assert faults(outcomes) == ["Deze indicator staat al bij de maatregel."]
    assert Indicator.unscoped.count() == 1
