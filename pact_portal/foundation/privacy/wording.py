"""How the portal says what its guard of personal data found. A BSN itself is never repeated."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pact_portal.foundation.privacy.guard import Finding, Kind

BSN_FAULT = gettext_lazy(
    "Hier lijkt een burgerservicenummer (BSN) te staan. Haal het weg: in dit portaal mag geen BSN staan."
)
NAMES: dict[Kind, str | Promise] = {
    "bsn": gettext_lazy("een burgerservicenummer"),
    "phone": gettext_lazy("een telefoonnummer"),
    "email": gettext_lazy("een e-mailadres"),
    "birth_date": gettext_lazy("een geboortedatum"),
    "iban": gettext_lazy("een rekeningnummer"),
}
MOST = 4
"""Findings that are named one by one."""


def named(findings: Iterable[Finding]) -> str:
    """What was found, each once: "een telefoonnummer (06-…) en een e-mailadres (oud…)"."""
    every = list(
        dict.fromkeys(f"{NAMES[each.kind]} ({each.hint})" if each.hint else NAMES[each.kind] for each in findings)
    )
    shown = [str(each) for each in every[:MOST]]
    if len(every) > MOST:
        shown.append(_("nog meer"))
    return (
        shown[0] if len(shown) == 1 else _("%(some)s en %(last)s") % {"some": ", ".join(shown[:-1]), "last": shown[-1]}
    )
