"""Money past the workflow: the database refuses what must never happen, and without its guards it would not."""

import pytest
from django.db import IntegrityError, connection, transaction

from plan.models import Allocation, Expenditure
from tests.plan import funding_doors

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> funding_doors.Scene:
    return funding_doors.scene()


def test_every_door_is_tried(scene: funding_doors.Scene) -> None:
    assert list(funding_doors.doors(scene)) == funding_doors.NAMES


@pytest.mark.parametrize("door", funding_doors.NAMES)
def test_it_is_refused_by_the_database(door: str, scene: funding_doors.Scene) -> None:
    guard, act = funding_doors.doors(scene)[door]
    with pytest.raises(IntegrityError, match=guard), transaction.atomic():
        act()
    share = Allocation.unscoped.get(pk=scene.share.pk)
    assert (share.amount, share.spent) == (100, 60)


@pytest.mark.parametrize("door", funding_doors.NAMES)
def test_it_would_happen_without_the_guards(door: str, scene: funding_doors.Scene) -> None:
    _guard, act = funding_doors.doors(scene)[door]
    with connection.cursor() as cursor:
        # Checks of foreign keys wait for the end otherwise, and a table with waiting checks is not altered.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    funding_doors.guards_off()
    assert act() != 0


def test_it_counts_what_is_written_at_once_by_the_trigger(scene: funding_doors.Scene) -> None:
    rows = [funding_doors.expenditure(scene.share, scene.school, scene.user) for _ in range(4)]
    Expenditure.unscoped.bulk_create(rows)
    scene.share.refresh_from_db()
    assert scene.share.spent == 100
