"""Judging how far a programme answers a question: on evidence, by whom, once at a time, and what came before."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from plan.models import QuestionNews
from plan.programmes import judgements, workflow
from plan.programmes.models import Fit
from plan.questions.models import SupportQuestion
from tests.factories import make_fit, make_member, make_pact, make_partner, make_programme, make_question
from tests.plan.test_programmes_pages import judgement

State = SupportQuestion.State


def address(name, pact, *args):
    return reverse(f"plan:{name}", args=[pact.slug, *args])


def text_of(response):
    return response.content.decode()


def judge(question, programme, by, **fields):
    values = {"level": Fit.Level.PARTLY, "reason": "Bereikt een deel.", "evidence": "Cijfers van 2025", **fields}
    return workflow.judge_fit(question, programme, by=by, **values)


def merged_into(root, **fields):
    return make_question(root.pact, state=State.MERGED, merged_into=root, **fields)


# --- Evidence and expiry ---------------------------------------------------------------------------------------------


def test_it_asks_for_evidence_by_name(people):
    with pytest.raises(TypeError):
        workflow.judge_fit(
            make_question(people.pact), make_programme(people.pact), level="none", reason="x", by=people.coordinator
        )


def test_it_refuses_a_judgement_without_evidence_in_the_database_itself(people):
    fit = make_fit(make_question(people.pact), make_programme(people.pact))
    for fault in ({"evidence": ""}, {"expires_on": fit.judged_on}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Fit.objects.in_pact(people.pact).filter(pk=fit.pk).update(**fault)


def test_it_shows_evidence_and_until_when_it_holds(people, client_for):
    question, programme = make_question(people.pact), make_programme(people.pact)
    url = address("fit_judge", people.pact, question.number)
    client_for(people.coordinator).post(url, judgement(programme, expires_on="1-2-2030"))
    for page in (
        address("question_detail", people.pact, question.number),
        address("programme_detail", people.pact, programme.number),
    ):
        shown = text_of(client_for(people.reader).get(page))
        assert "Blijkt uit: Evaluatie van 2025" in shown
        assert "1 februari 2030" in shown


# --- News and history ------------------------------------------------------------------------------------------------


def test_it_tells_who_follows_the_question_when_the_level_is_new(people):
    question, programme = make_question(people.pact), make_programme(people.pact)
    judge(question, programme, people.coordinator)
    judge(question, programme, people.coordinator, reason="Nog steeds een deel.")
    judge(question, programme, people.coordinator, level=Fit.Level.SUFFICIENT)
    told = list(QuestionNews.objects.in_pact(people.pact).order_by("pk"))
    assert [(news.kind, news.details["level"], news.details["code"]) for news in told] == [
        ("matched", "partly", programme.code),
        ("matched", "sufficient", programme.code),
    ]
    assert told[0].path == address("question_detail", people.pact, question.number)


def test_it_shows_what_was_judged_before(people, client_for):
    question, programme = make_question(people.pact), make_programme(people.pact)
    with time_machine.travel(timezone.now() - timedelta(days=500)):
        judge(question, programme, people.coordinator, level=Fit.Level.NONE)
    judge(question, programme, people.representative, level=Fit.Level.SUFFICIENT)
    url = address("fit_judge", people.pact, question.number) + f"?programme={programme.number}"
    for page in (address("question_detail", people.pact, question.number), url):
        shown = text_of(client_for(people.coordinator).get(page))
        assert "1 eerder oordeel" in shown
        assert "sluit niet aan (coördinator)" in shown
    fit = judgements.with_history([Fit.objects.in_pact(people.pact).get()])[0]
    assert [earlier.level for earlier in fit.earlier] == ["sluit niet aan"]


# --- Who may ---------------------------------------------------------------------------------------------------------


def test_it_refuses_every_pair_that_is_not_ones_own(people, client_for):
    """Twelve pairs of a question and a programme, three people: only the own question or the own programme."""
    partners = (people.school, people.childcare, people.municipality)
    questions = [make_question(people.pact, partnership=partner) for partner in partners]
    programmes = [make_programme(people.pact, provider=partner) for partner in partners]
    for who, own in (("representative", people.school), ("other", people.childcare), ("coordinator", None)):
        client = client_for(getattr(people, who))
        for question in questions:
            for programme in programmes:
                client.post(address("fit_judge", people.pact, question.number), judgement(programme))
                may = own is None or own in (question.partnership, programme.provider)
                fits = Fit.objects.in_pact(people.pact).filter(question=question, programme=programme)
                assert fits.exists() is may, (who, question, programme)
                fits.delete()


def test_it_judges_nothing_at_a_question_of_another_pact(people, client_for):
    question = make_question(people.other_pact)
    strange = client_for(people.coordinator).post(
        address("fit_judge", people.pact, question.number), judgement(make_programme(people.pact))
    )
    assert strange.status_code == 404


# --- What is over ----------------------------------------------------------------------------------------------------


def test_it_judges_no_programme_that_has_ended(people, client_for):
    yesterday = timezone.localdate() - timedelta(days=1)
    question = make_question(people.pact)
    over = make_programme(people.pact, name="Gestopt aanbod", provider=people.school, ends_on=yesterday)
    url = address("fit_judge", people.pact, question.number)
    for who in ("coordinator", "representative"):
        client = client_for(getattr(people, who))
        assert "Gestopt aanbod" not in text_of(client.get(url, {"programme": over.number}))
        assert "Kies het aanbod uit de lijst." in text_of(client.post(url, judgement(over)))
    with pytest.raises(ValidationError, match=f"{over.code} is gestopt"):
        judge(question, over, people.coordinator)
    assert not Fit.objects.in_pact(people.pact).exists()
    make_programme(people.pact, name="Loopt vandaag nog", ends_on=timezone.localdate())
    assert "Loopt vandaag nog" in text_of(client_for(people.coordinator).get(url))


def test_it_offers_to_renew_no_judgement_of_what_has_ended(people, client_for):
    yesterday = timezone.localdate() - timedelta(days=1)
    question = make_question(people.pact)
    over = make_programme(people.pact, provider=people.school, ends_on=yesterday)
    make_fit(question, over)
    make_fit(merged_into(question), make_programme(people.pact, ends_on=yesterday))
    client = client_for(people.coordinator)
    for url in (
        address("question_detail", people.pact, question.number),
        address("programme_detail", people.pact, over.number),
    ):
        page = text_of(client.get(url))
        assert "Vernieuwen" not in page
        assert "Beoordeel ook hier" not in page


@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED, State.WITHDRAWN])
def test_it_judges_no_question_that_may_still_change_past_the_form(people, state):
    question = make_question(people.pact, state=state, remark="Voor wie is dit?")
    with pytest.raises(ValidationError, match="als de vraag is ingediend of aangenomen"):
        judge(question, make_programme(people.pact), people.coordinator)
    assert not Fit.objects.in_pact(people.pact).exists()


def test_it_says_at_a_judgement_and_in_the_list_that_a_programme_has_yet_to_begin(people, client_for):
    with time_machine.travel("2026-11-01"):
        later = make_programme(people.pact, starts_on=timezone.localdate() + timedelta(days=31))
        question = make_question(people.pact)
        make_fit(question, later)
        for url in (
            address("question_detail", people.pact, question.number),
            address("programme_detail", people.pact, later.number),
            address("programme_list", people.pact),
        ):
            assert "begint op 2 december 2026" in text_of(client_for(people.coordinator).get(url)), url
    with time_machine.travel("2026-12-02"):
        assert "begint op" not in text_of(client_for(people.coordinator).get(address("programme_list", people.pact)))


# --- Merged questions ------------------------------------------------------------------------------------------------


def test_it_judges_no_question_that_was_merged_into_another(people, client_for):
    root = make_question(people.pact)
    merged, programme = merged_into(root), make_programme(people.pact)
    with pytest.raises(ValidationError, match=f"Beoordeel de aansluiting bij {root.code}"):
        judge(merged, programme, people.coordinator)
    client, url = client_for(people.coordinator), address("fit_judge", people.pact, merged.number)
    response = client.get(url, follow=True)
    assert response.redirect_chain[-1][0] == address("question_detail", people.pact, root.number)
    assert f"Beoordeel de aansluiting bij {root.code}" in text_of(response)
    kept = text_of(client.post(url, judgement(programme, reason="Dit heb ik net getypt.")))
    assert f"Beoordeel de aansluiting bij {root.code}" in kept
    assert "Dit heb ik net getypt." in kept
    assert not Fit.objects.in_pact(people.pact).exists()


def test_it_shows_at_the_root_what_was_judged_at_merged_questions(people, client_for):
    root, programme = make_question(people.pact), make_programme(people.pact)
    merged = merged_into(root)
    make_fit(merged, programme, level=Fit.Level.PARTLY)
    client, url = client_for(people.coordinator), address("question_detail", people.pact, root.number)
    page = text_of(client.get(url))
    assert f"Bij {merged.code} beoordeeld als “sluit deels aan”" in page
    assert "Beoordeel ook hier" in page
    form = text_of(client.get(address("fit_judge", people.pact, root.number), {"programme": programme.number}))
    assert f"Bij {merged.code}, die in deze vraag is opgegaan" in form
    assert "Beoordeel ook hier" not in text_of(client_for(people.reader).get(url))
    judge(root, programme, people.coordinator)
    assert "Beoordeel ook hier" not in text_of(client.get(url))


def test_it_lets_who_may_renew_a_judgement_from_the_page_of_the_programme(people, client_for):
    programme = make_programme(people.pact, provider=people.school)
    root = make_question(people.pact)
    make_fit(root, programme)
    make_fit(merged_into(root), programme)
    url = address("programme_detail", people.pact, programme.number)
    renew = address("fit_judge", people.pact, root.number) + f"?programme={programme.number}"
    for who, may in (("representative", True), ("coordinator", True), ("other", False), ("reader", False)):
        page = text_of(client_for(getattr(people, who)).get(url))
        assert (renew in page) is may, who
        assert page.count("Vernieuwen") == int(may)
        assert f"samengevoegd met {root.code}. Daar telt dit oordeel niet mee." in page


# --- Two at once -----------------------------------------------------------------------------------------------------


def test_it_does_not_replace_a_judgement_that_one_has_not_seen(people, client_for):
    question, programme = make_question(people.pact), make_programme(people.pact)
    seen = judgements.newest(people.pact)
    judge(question, programme, people.representative)
    response = client_for(people.coordinator).post(
        address("fit_judge", people.pact, question.number), judgement(programme, seen=str(seen))
    )
    assert "intussen ook bij deze vraag beoordeeld" in text_of(response)
    assert "Bereikt alle scholen." in text_of(response)
    assert Fit.objects.in_pact(people.pact).get().level == Fit.Level.PARTLY
    # What was judged elsewhere meanwhile is no reason to refuse.
    seen = judgements.newest(people.pact)
    judge(make_question(people.pact), programme, people.representative)
    judge(question, programme, people.coordinator, level=Fit.Level.NONE, seen=seen)
    assert Fit.objects.in_pact(people.pact).get(question=question).level == Fit.Level.NONE


def test_it_shows_the_judgement_of_somebody_else_and_saves_at_the_second_press(people, client_for):
    question, programme = make_question(people.pact), make_programme(people.pact)
    client, url = client_for(people.coordinator), address("fit_judge", people.pact, question.number)
    opened = client.get(url).context["form"]["seen"].value()
    judge(question, programme, people.representative, reason="Bereikt alleen de brugklas.")
    typed = judgement(programme, seen=str(opened))
    response = client.post(url, typed)
    page = text_of(response)
    for shown in ("Zo staat het er nu", "sluit deels aan", "Bereikt alleen de brugklas.", "bestuurder school"):
        assert shown in page, shown
    assert "Bereikt alle scholen." in page
    again = {**typed, "seen": response.context["form"]["seen"].value()}
    # Somebody came between once more: that one is shown too before it is replaced.
    judge(question, programme, people.representative, reason="Toch ook de bovenbouw.")
    response = client.post(url, again)
    assert "Toch ook de bovenbouw." in text_of(response)
    last = client.post(url, {**typed, "seen": response.context["form"]["seen"].value()})
    assert last.status_code == 302
    assert Fit.objects.in_pact(people.pact).get().reason == "Bereikt alle scholen."


def judge_at_once(seen_of):
    """What two people hear who judge the same pair at the same moment."""
    pact = make_pact()
    school = make_partner(pact)
    judges = [make_member(school, "coordinator") for _ in range(2)]
    with transaction.atomic():
        question, programme = make_question(pact), make_programme(pact)
    start, heard = threading.Barrier(2), []

    def act(by):
        try:
            seen = seen_of(pact)
            start.wait(timeout=10)
            judge(question, programme, by, seen=seen)
            heard.append("done")
        except ValidationError as fault:
            heard.append(fault.messages[0])
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(by,)) for by in judges]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert Fit.objects.in_pact(pact).count() == 1
    return sorted(heard)


@pytest.mark.django_db(transaction=True)
def test_it_tells_the_second_of_two_who_judge_at_once():
    refusal, done = judge_at_once(judgements.newest)
    assert refusal.startswith("Iemand anders heeft")
    assert done == "done"


@pytest.mark.django_db(transaction=True)
def test_it_would_lose_a_judgement_without_the_mark():
    """The guard off: the second replaces the first, which nobody saw."""
    assert judge_at_once(lambda _pact: None) == ["done", "done"]


# --- Suggestions on the pages ----------------------------------------------------------------------------------------


def test_it_suggests_programmes_at_a_question_with_the_reasons(people, client_for):
    question = make_question(
        people.pact, title="Wie helpt bij faalangst?", age_from=12, age_to=17, partnership=people.childcare
    )
    near = make_programme(
        people.pact, name="Faalangsttraining", age_from=12, age_to=18, provider=people.school, municipalities=[]
    )
    make_programme(people.pact, name="Voor kleintjes", age_from=0, age_to=3)
    make_programme(people.pact, name="Gestopt aanbod", ends_on=timezone.localdate() - timedelta(days=1))
    make_programme(people.pact, name="Heel iets anders", areas=[people.pact.areas.last()])
    make_programme(people.other_pact, name="Faalangst elders")
    url = address("question_detail", people.pact, question.number)
    page = text_of(client_for(people.coordinator).get(url))
    assert "zelfde gebied, 12-17 jaar, woord: faalangst" in page
    for name in ("Voor kleintjes", "Gestopt aanbod", "Heel iets anders", "Faalangst elders"):
        assert name not in page
    button = address("fit_judge", people.pact, question.number) + f"?programme={near.number}"
    for who, may in (("coordinator", True), ("other", True), ("representative", True), ("reader", False)):
        assert (button in text_of(client_for(getattr(people, who)).get(url))) is may, who
    make_fit(question, near)
    assert "Past dit er misschien bij?" not in text_of(client_for(people.coordinator).get(url))


def test_it_gives_no_button_for_a_pair_of_others(people, client_for):
    question = make_question(people.pact, partnership=people.childcare)
    make_programme(people.pact, provider=people.municipality)
    page = text_of(client_for(people.representative).get(address("question_detail", people.pact, question.number)))
    assert "Past dit er misschien bij?" in page
    assert address("fit_judge", people.pact, question.number) + "?programme=" not in page


def test_it_suggests_questions_at_a_programme(people, client_for):
    programme = make_programme(people.pact, name="Faalangsttraining", provider=people.school)
    make_question(people.pact, title="Wie helpt bij faalangst?", state=State.SUBMITTED)
    make_question(people.pact, title="Nog een concept over faalangst", state=State.DRAFT)
    root = make_question(people.pact, title="Waar de andere in opging")
    merged_into(root, title="Opgegaan in een andere")
    make_question(people.other_pact, title="Faalangst elders")
    url = address("programme_detail", people.pact, programme.number)
    page = text_of(client_for(people.representative).get(url))
    assert "Wie helpt bij faalangst?" in page
    assert "Waar de andere in opging" in page
    for title in ("Nog een concept", "Opgegaan in een andere", "Faalangst elders"):
        assert title not in page
    assert "misschien bij passen" not in text_of(client_for(people.reader).get(url))


def test_it_offers_the_suggested_programmes_first_and_takes_any(people, client_for):
    question = make_question(people.pact, title="Wie helpt bij faalangst?")
    far = make_programme(people.pact, name="Aanbod elders", areas=[people.pact.areas.last()], age_from=0, age_to=1)
    make_programme(people.pact, name="Zo goed als faalangst")
    client, url = client_for(people.coordinator), address("fit_judge", people.pact, question.number)
    page = text_of(client.get(url))
    assert page.index("Past er misschien bij") < page.index("Zo goed als faalangst") < page.index("Aanbod elders")
    client.post(url, judgement(far))
    assert Fit.objects.in_pact(people.pact).get().programme == far


def test_it_asks_the_database_as_often_for_one_row_as_for_fifty(people, client_for):
    client = client_for(people.coordinator)
    question, programme = make_question(people.pact), make_programme(people.pact)
    urls = [
        address("question_detail", people.pact, question.number),
        address("programme_detail", people.pact, programme.number),
        address("fit_judge", people.pact, question.number) + f"?programme={programme.number}",
    ]

    def queries():
        found = []
        for url in urls:
            client.get(url)
            with CaptureQueriesContext(connection) as counted:
                assert client.get(url).status_code == 200
            found.append(len(counted))
        return found

    def add():
        partner = make_partner(people.pact)
        other = make_programme(people.pact, provider=partner, municipalities=[people.municipality])
        judge(question, other, people.coordinator)
        judge(make_question(people.pact, partnership=partner), programme, people.coordinator)
        make_fit(merged_into(question, partnership=partner), make_programme(people.pact, provider=partner))
        make_programme(people.pact, provider=partner)
        make_question(people.pact, partnership=partner)

    add()
    judge(question, programme, people.coordinator)
    before = queries()
    for _ in range(8):
        add()
    assert queries() == before
