"""The days on which the evaluations of a series are due. Pure: days in, days out."""

import datetime
from calendar import monthrange
from collections.abc import Iterator
from itertools import count, pairwise


def months_later(day: datetime.date, months: int) -> datetime.date:
    """The same day of the month so many months later, or the last day of that month where it is shorter.

    Raises OverflowError beyond the year 9999, where the calendar of Python ends.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > datetime.MAXYEAR:
        raise OverflowError("beyond the last year of the calendar")
    return datetime.date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def due_days(starts_on: datetime.date, ends_on: datetime.date, every_months: int) -> Iterator[datetime.date]:
    """Every so many months (1 or more) from the first day until the last, both included, in order.

    Each day is counted from the first one, not from the one before: a series that starts on 31 January comes by
    28 February and is on 31 March again. Lazy, so that a caller can stop at a limit. Raises ValueError without rhythm.
    """
    if every_months < 1:
        raise ValueError("a rhythm of less than a month never ends")
    for turn in count():
        try:
            day = months_later(starts_on, turn * every_months)
        except OverflowError:
            return
        if day > ends_on:
            return
        yield day


def last_day(opens_on: datetime.date, open_days: int) -> datetime.date:
    """The last day to answer: the opening day is the first of the `open_days`. Not later than the calendar goes."""
    return datetime.date.fromordinal(min(opens_on.toordinal() + open_days - 1, datetime.date.max.toordinal()))


def moment_on(day: datetime.date | None, now: datetime.datetime) -> datetime.datetime:
    """`now`, a local time, or the same time of another day: when something happened that is written down later."""
    return now if day is None else now.replace(year=day.year, month=day.month, day=day.day)


def longest_opening(days: list[datetime.date]) -> int | None:
    """The most days that an evaluation can be open before the next is due; None when there is only one."""
    return min(((later - earlier).days for earlier, later in pairwise(days)), default=None)
