"""Scoping by pact: a query over rows of pacts that does not name its pact is refused, not answered."""

from collections.abc import Iterator
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
        if not self._pact_named:
            raise UnscopedQuery(f"{self.model.__name__}.objects was asked for rows without in_pact() or across_pacts()")

    def _fetch_all(self) -> None:
        self._demand_pact()
        super()._fetch_all()  # type: ignore[misc]

    def iterator(self, chunk_size: int | None = None) -> Iterator[M]:
        self._demand_pact()
        return super().iterator(chunk_size)

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


class PactScoped(models.Model):
    """A row that belongs to one pact.

    `objects` is the scoped door for views and workflow. Django's own needs (unique checks, related managers such as
    `question.fits`, cascades) go by the default manager, which asks no pact: they start from a row already found.
    """

    PACT_PATH: ClassVar[str] = "pact"

    unscoped: ClassVar[models.Manager[Any]] = models.Manager()
    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        default_manager_name = "unscoped"
