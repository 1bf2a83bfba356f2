"""The pages of a pact with 2,000 questions and 500 programmes ask the database no more than those of the small demo.

The large pact is the one of `manage.py demo --scale 1`; filling it takes nearly all of the time.
"""

import io

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from pact_portal.front.demo.build import LARGE, REGION
from partners.models import Pact, User
from plan.models import Fit, Measure, Programme, SupportQuestion
from plan.programmes import overlapping

LOAD = "grote-regio-1"

PAGES = [
    "questions/",
    "questions/?coverage=gap&phase=12-18&sort=urgency",
    "questions/analysis/",
    "questions/analysis/?coverage=gap",
    "programmes/",
    "programmes/overlap/",
    "programmes/overlap/?mark=unmarked&layer=preventie",
    "coverage/",
    "coverage/?by=phase",
    "coverage/?by=phase&phase=12-18&sector=vo",
]


def queries_of(slug: str) -> dict[str, int]:
    """How often each of the pages asks the database, for the coordinator of the pact."""
    client, found = Client(), {}
    client.force_login(User.objects.get(email=f"coordinator@{slug}.example"))
    for page in PAGES:
        client.get(f"/{slug}/{page}")
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/{slug}/{page}").status_code == 200
        found[page] = len(asked)
    return found


@pytest.mark.slow
@pytest.mark.django_db
def test_it_asks_no_more_for_two_thousand_questions_than_for_the_demo() -> None:
    call_command("demo", "--scale", "1", stdout=io.StringIO())
    with connection.cursor() as cursor:
        # What autovacuum does within a minute, but cannot do for the rows of a transaction that is still open.
        cursor.execute("ANALYZE")
    pact = Pact.objects.get(slug=LOAD)
    assert SupportQuestion.objects.in_pact(pact).count() >= LARGE["questions"] == 2000
    assert Programme.objects.in_pact(pact).count() >= LARGE["programmes"] == 500
    assert Measure.objects.in_pact(pact).count() >= LARGE["measures"]
    # Nothing is proven about a matrix without judgements, or a list of overlaps without any.
    assert Fit.objects.in_pact(pact).count() > 1
    assert len(overlapping.read(pact).pairs) > 1000
    small, large = queries_of(REGION), queries_of(LOAD)
    assert {page: count for page, count in large.items() if count > small[page]} == {}
