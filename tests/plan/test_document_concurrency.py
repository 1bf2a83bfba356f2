"""What must hold when many do the same at once: PostgreSQL, with a connection for each."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, connections

from pact_portal.foundation.documents import registry, rendering
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.richtext.revisions import StaleText, save_text
from partners.models import User
from plan.document.models import Component, PlanSection, PlanSectionRevision, PlanVersion
from plan.document.workflow import Unchanged, ask_for_pdf, freeze, sections_of
from tests.factories import make_member, make_pact, make_partner

EDITORS = 50

pytestmark = pytest.mark.django_db(transaction=True)


def at_once[Outcome](count: int, act: Callable[[int], Outcome]) -> list[Outcome]:
    """Run `act` in so many threads that start together, each with a connection of its own."""
    start = Barrier(count)

    def run(place: int) -> Outcome:
        try:
            connection.ensure_connection()
            start.wait(60)
            return act(place)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


@pytest.fixture
def writer(transactional_db: None) -> User:
    return make_member(make_partner(make_pact(slug="samen")))


@pytest.fixture
def section(writer: User) -> PlanSection:
    pact = writer.memberships.get().partnership.pact
    return next(each for each in sections_of(pact) if each.component == Component.FUNDING)


def test_it_saves_one_of_fifty_editors_and_tells_the_others(section: PlanSection, writer: User) -> None:
    def act(place: int) -> str:
        try:
            save_text(section, body=f"<p>Tekst van schrijver {place}</p>", base=0, by=writer)
        except StaleText as stale:
            return stale.current.body
        return "saved"

    outcomes = at_once(EDITORS, act)
    section.refresh_from_db()
    # Whoever is told sees the text that stands; that the own one is still in the form is shown with the pages.
    assert (outcomes.count("saved"), outcomes.count(section.body)) == (1, EDITORS - 1)
    revision = PlanSectionRevision.objects.get(section=section)
    assert (section.revision, revision.number, revision.body) == (1, 1, section.body)


def test_it_would_lose_texts_without_asking_for_the_base(section: PlanSection, writer: User) -> None:
    """The twin of the law above with its guard off: everybody is told "saved", and all but one text is gone."""

    def act(place: int) -> str:
        PlanSection.unscoped.filter(pk=section.pk).update(body=f"<p>Tekst van schrijver {place}</p>")
        return "saved"

    outcomes = at_once(EDITORS, act)
    kept = PlanSection.unscoped.filter(pk=section.pk, body__startswith="<p>Tekst van").count()
    assert outcomes.count("saved") - kept == EDITORS - 1


def test_it_freezes_once_when_many_press_at_once(section: PlanSection, writer: User) -> None:
    def act(place: int) -> str:
        try:
            freeze(section.pact, by=writer)
        except Unchanged:
            return "unchanged"
        return "frozen"

    outcomes = at_once(8, act)
    assert (outcomes.count("frozen"), outcomes.count("unchanged")) == (1, 7)
    assert PlanVersion.objects.in_pact(section.pact).get().number == 1


def test_it_makes_the_sections_once_when_many_open_the_plan(writer: User) -> None:
    pact = writer.memberships.get().partnership.pact
    found = at_once(8, lambda place: [section.pk for section in sections_of(pact)])
    assert len({tuple(keys) for keys in found}) == 1
    assert PlanSection.objects.in_pact(pact).count() == len(Component)


@pytest.fixture
def rendition(section: PlanSection, writer: User) -> Rendition:
    version = freeze(section.pact, by=writer)
    return Rendition.objects.in_pact(section.pact).get(kind="plan", object_id=version.pk)


def test_it_makes_a_file_once_when_two_workers_take_it(rendition: Rendition, monkeypatch: pytest.MonkeyPatch) -> None:
    made = []

    def renderer(version_id: int, progress: registry.Progress) -> bytes:
        made.append(version_id)
        progress(50, "halverwege")
        return b"%PDF-1.7"

    monkeypatch.setitem(registry._renderers, "plan", renderer)
    outcomes = at_once(2, lambda place: rendering.render(rendition.pk))
    assert sorted(outcomes) == [False, True]
    assert made == [rendition.object_id]
    rendition.refresh_from_db()
    assert (rendition.state, rendition.progress, rendition.size) == (Rendition.State.READY, 100, 8)
    assert rendition.file.read() == b"%PDF-1.7"
    rendition.file.close()
    assert not rendering.render(rendition.pk)


@pytest.mark.logs_errors
def test_it_tells_of_a_failure_and_can_be_asked_again(
    rendition: Rendition, writer: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(version_id: int, progress: registry.Progress) -> bytes:
        raise RuntimeError("geheim van de machine")

    monkeypatch.setitem(registry._renderers, "plan", broken)
    for _ in range(rendering.MOST_ATTEMPTS):
        Rendition.unscoped.update(leased_until="2020-01-01T00:00:00Z")
        assert not rendering.render(rendition.pk)
    rendition.refresh_from_db()
    assert rendition.state == Rendition.State.FAILED
    assert "niet gelukt" in rendition.failure
    assert "geheim" not in rendition.failure
    assert not rendering.render(rendition.pk)

    monkeypatch.setitem(registry._renderers, "plan", lambda version_id, progress: b"%PDF-1.7")
    version = PlanVersion.objects.in_pact(rendition.pact).get()
    ask_for_pdf(version, by=writer)
    assert rendering.render(rendition.pk)
    rendition.refresh_from_db()
    assert (rendition.state, rendition.failure) == (Rendition.State.READY, "")
