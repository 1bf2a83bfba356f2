"""What became of a question, told and mailed."""

import pytest
from django.utils import translation

from plan.questions.models import QuestionNews
from plan.questions.news import Kind, sentence_of, tell
from tests.factories import make_question


def test_it_tells_the_same_news_once(people):
    question = make_question(people.pact)
    for _ in range(2):
        tell(question, Kind.MEASURE, key="measure-1", by=people.coordinator, code="M1", title="Een maatje")
    news = QuestionNews.objects.in_pact(people.pact).get()
    assert news.happened_at is not None
    assert "M1" in sentence_of(news)
    assert "Een maatje" in sentence_of(news)


@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize("kind", list(Kind))
def test_it_has_a_sentence_for_every_kind_also_without_details(kind, language):
    with translation.override(language):
        sentence = sentence_of(QuestionNews(kind=kind))
    assert sentence.endswith(".")
    assert "%(" not in sentence


@pytest.mark.parametrize(
    ("kind", "details", "words"),
    [
        (Kind.MATCHED, {"code": "A3", "name": "Maatje 50% korting", "level": "sufficient"}, "voldoende"),
        (Kind.MATCHED, {"code": "A3", "name": "Maatje", "level": "partly"}, "deels"),
        (Kind.DECIDED, {"code": "M3", "title": "Maatje", "outcome": "rejected"}, "afgewezen"),
        (Kind.DECIDED, {"code": "M3", "title": "Maatje", "outcome": "deferred"}, "uitgesteld"),
        (Kind.ENDORSED, {"partner": "Gemeente Hier"}, "Gemeente Hier"),
        (Kind.MERGED, {"code": "V4", "title": "Overgang"}, "V4"),
    ],
)
def test_it_says_what_happened_by_its_details(kind, details, words):
    with translation.override("nl"):
        assert words in sentence_of(QuestionNews(kind=kind, details=details))
