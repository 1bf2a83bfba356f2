"""Scoping by pact: a query over rows of pacts that does not name its pact is refused, not answered."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar, Self

from django.db import models


class UnscopedQuery(RuntimeError):
    """A query over rows of pacts was about to run without `in_pact(...)` or `across_pacts()`."""


class ScopedQuerySet[M: models.Model](models.QuerySet[M]):
    """Runs only after `in_pact(pact)`, or after `across_pacts()` where a job really concerns all pacts."""

    _pact_named = False

    def in_pact(self, pact: models.Model | int) -> Self:
        """The rows of one pact, by the path that the model names in PACT_PATH."""
        scoped = self.filter(**{getattr(self.model, "PACT_PATH", "pact"): pact})
        scoped._pact_named = True
        return scoped

    def across_pacts(self) -> Self:
        """The rows of all pacts: for the worker's sweeps, migrations of data and site administration."""
        scoped = self.all()
        scoped._pact_named = True
        return scoped

    def _clone(self) -> Self:
        clone: Self = super()._clone()  # type: ignore[misc]  # private in the stubs, the place where a chain carries state
        clone._pact_named = self._pact_named
        return clone

    def _demand_pact(self) -> None:
        # none() asks the database nothing, so it need not say of which pact.
        if not self._pact_named and not self.query.is_empty():
            raise UnscopedQuery(f"{self.model.__name__}.objects was asked for rows without in_pact() or across_pacts()")

    def _fetch_all(self) -> None:
        self._demand_pact()
        super()._fetch_all()

    def iterator(self, chunk_size: int | None = None) -> Iterator[M]:
        self._demand_pact()
        return super().iterator(chunk_size)

    def aiterator(self, chunk_size: int = 2000) -> AsyncIterator[M]:
        self._demand_pact()
        return super().aiterator(chunk_size)

    def __or__(self, other: Any) -> Self:
        """Rows of either: both must name their pact, or the unnamed one would bring in the rows of all."""
        return self._joined(super().__or__(other), other)

    def __xor__(self, other: Any) -> Self:
        return self._joined(super().__xor__(other), other)

    def union(self, *others: Any, all: bool = False) -> Self:  # noqa: A002 - Django's own word
        return self._joined(super().union(*others, all=all), *others)

    def _joined(self, joined: Any, *others: Any) -> Self:
        named = [getattr(each, "_pact_named", False) or each.query.is_empty() for each in (self, *others)]
        joined._pact_named = all(named)
        return joined

    def count(self) -> int:
        self._demand_pact()
        return super().count()

    def exists(self) -> bool:
        self._demand_pact()
        return super().exists()

    def aggregate(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        self._demand_pact()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs: Any) -> int:
        self._demand_pact()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._demand_pact()
        return super().delete()

    # As on Django's own: no template may call them, and a manager has no delete().
    update.alters_data = True  # type: ignore[attr-defined]
    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class PactScoped(models.Model):
    """A row that belongs to one pact.

    `objects` is the scoped door for views and workflow. Django's own needs (unique checks, related managers such as
    `question.fits`, cascades) go by the default manager, which asks no pact: they start from a row already found.
    """

    PACT_PATH: ClassVar[str] = "pact"

    unscoped: ClassVar[models.Manager[Any]] = models.Manager()
    # Any, because a subclass gives its own queryset, and the stubs let no manager be overridden by another type.
    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        default_manager_name = "unscoped"
