"""The accounts of the packages as a file for their givers. Text is text, amounts are numbers, in euros."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from pact_portal.foundation.spreadsheets import writing
from pact_portal.foundation.spreadsheets.reading import Value
from pact_portal.foundation.spreadsheets.writing import Heading
from plan.funding.settlement import Served, Settlement

CENT = Decimal("0.01")

PACKAGES = gettext_noop("Verantwoording per steunpakket")
ORGANISATIONS = gettext_noop("Verantwoording per organisatie")
SHEETS = {"package": PACKAGES, "organisation": ORGANISATIONS}
"""What can be asked for, with the name of its sheet and file."""


def file_of(settlement: Settlement, *, by: str, form: str) -> bytes:
    """The file: `by` is a key of SHEETS, `form` is "xlsx" or "csv". It reads the same for everybody."""
    headings, rows = _TABLES[by]
    with translation.override(settings.LANGUAGE_CODE):
        if form == "csv":
            return writing.csv_file(headings(), rows(settlement))
        # A sheet has a name of at most 31 signs.
        return writing.xlsx(_(SHEETS[by])[:31], headings(), rows(settlement))


def _package_headings() -> list[Heading]:
    return [
        Heading(_("Nummer"), 10),
        Heading(_("Steunpakket"), 40),
        Heading(_("Gever"), 24),
        Heading(_("Verantwoorden aan"), 24),
        Heading(_("Jaar"), 8),
        *_amounts(
            _("Budget"),
            _("Ontvangen"),
            _("Toegewezen"),
            _("Toegezegd"),
            _("Besteed"),
            _("Vrijgevallen"),
            _("Nog vrij"),
            _("Niet besteed"),
        ),
        Heading(_("Maatregelen"), 60),
    ]


def _package_rows(settlement: Settlement) -> Iterator[list[Value]]:
    for package in settlement.packages:
        for year, account in package.years.items():
            amounts = [
                *(account.budget, account.came_in, account.allocated, account.committed),
                *(account.spent, account.released, account.remaining, account.unspent),
            ]
            yield [
                *(package.code, package.name, package.giver, package.account_to, year),
                *(amount.quantize(CENT) for amount in amounts),
                _measures(account.measures),
            ]


def _organisation_headings() -> list[Heading]:
    return [
        Heading(_("Nummer"), 10),
        Heading(_("Steunpakket"), 40),
        Heading(_("Gever"), 24),
        Heading(_("Organisatie"), 40),
        Heading(_("Sector"), 24),
        *_amounts(
            _("Ontvangen"),
            _("Eigen aandeel"),
            _("Voor maatregelen"),
            _("Toegezegd"),
            _("Door haar besteed"),
            _("Nog te besteden"),
        ),
        Heading(_("Maatregelen"), 60),
    ]


def _organisation_rows(settlement: Settlement) -> Iterator[list[Value]]:
    for package in settlement.packages:
        for holder in settlement.holders[package.number]:
            amounts = [
                *(holder.received, holder.shares, holder.measures_amount),
                *(holder.committed, holder.spent, holder.open),
            ]
            yield [
                *(package.code, package.name, package.giver, holder.name, holder.sector),
                *(amount.quantize(CENT) for amount in amounts),
                _measures(holder.measures),
            ]


_TABLES: dict[str, tuple[Callable[[], list[Heading]], Callable[[Settlement], Iterator[list[Value]]]]] = {
    "package": (_package_headings, _package_rows),
    "organisation": (_organisation_headings, _organisation_rows),
}


def _amounts(*names: str) -> list[Heading]:
    return [Heading(name, 18) for name in names]


def _measures(served: Sequence[Served]) -> str:
    return "; ".join(measure.title for measure in served)
