"""Scoping by pact: a query over rows of pacts that does not name its pact is refused, not answered."""

from collections.abc import AsyncIterator, Collection, Iterator
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models

from pact_portal.foundation.privacy.guard import address_has_bsn, has_bsn, plain
from pact_portal.foundation.privacy.wording import BSN_FAULT
from pact_portal.foundation.richtext.fields import RichTextField

ADDRESSES = (models.EmailField, models.URLField)


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

    No text of a row may hold a citizen service number (BSN): `full_clean` of every workflow refuses it.
    """

    PACT_PATH: ClassVar[str] = "pact"
    TECHNICAL_TEXTS: ClassVar[frozenset[str]] = frozenset(
        {"sha256", "secret_sha256", "content_sha256", "scan_sha256", "content_type", "scan_type", "filename", "key"}
    )
    """Names of columns that the portal fills itself, and in which nine digits say nothing."""

    unscoped: ClassVar[models.Manager[Any]] = models.Manager()
    # Any, because a subclass gives its own queryset, and the stubs let no manager be overridden by another type.
    objects: ClassVar[Any] = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
        default_manager_name = "unscoped"

    def clean_fields(self, exclude: Collection[str] | None = None) -> None:
        """Refuse values that do not fit their column, and a BSN in any text; ValidationError tells by field."""
        faults: dict[str, list[ValidationError]] = {}
        try:
            super().clean_fields(exclude=exclude)
        except ValidationError as fault:
            faults = fault.error_dict
        for field in self._meta.concrete_fields:
            if field.name not in (exclude or ()) and field.name not in faults and self._holds_bsn(field):
                faults[field.name] = [ValidationError(BSN_FAULT, code="bsn")]
        if faults:
            raise ValidationError(faults)

    def _holds_bsn(self, field: models.Field) -> bool:
        if not isinstance(field, models.CharField | models.TextField) or field.choices:
            return False
        if isinstance(field, models.SlugField) or field.name in self.TECHNICAL_TEXTS:
            return False
        value = getattr(self, field.attname)
        if not isinstance(value, str):
            return False
        if isinstance(field, ADDRESSES):
            return address_has_bsn(value)
        return has_bsn(plain(value) if isinstance(field, RichTextField) else value)
