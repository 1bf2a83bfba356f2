"""What is kept with an electronic signature, so that anybody can later see how it came about.

The list is that of the portal's promises: text hash, consent wording, person, function, mandate, how and when this
person signed in, second factor, renewed authentication, IP address, browser, time of the server and order.
"""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from partners.people import renewal

LONGEST_BROWSER = 300

LEVEL = _("gewone elektronische handtekening (SES) met zegel van het portaal")
"""What this signature is under eIDAS (regulation 910/2014): neither advanced nor qualified, and never called so."""

METHODS: dict[str, Promise] = {
    "password": _("wachtwoord"),
    "password_reset": _("nieuw wachtwoord na een link per e-mail"),
    "code": _("code per e-mail"),
    "login_by_code": _("code per e-mail"),
    "socialaccount": _("eenmalig inloggen van de eigen organisatie"),
    "totp": _("code van een authenticator-app"),
    "webauthn": _("toegangssleutel (passkey)"),
    "recovery_codes": _("herstelcode"),
    "mfa": _("tweede factor"),
}
"""How somebody showed who he is, in the reader's words."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the request told about an electronic signature; moments are ISO 8601 with offset, "" when there is none.

    `file_sha256` is the SHA-256 of the file that the signatory had before him, `text_sha256` that of the frozen
    content, `consent` the words that he agreed with, in full. `reauthenticated_at` is when this person last showed who
    he is: by confirming it, or by signing in just before.
    """

    text_sha256: str
    file_sha256: str
    consent: str
    sign_in_method: str = ""
    sign_in_at: str = ""
    second_factor: str = ""
    second_factor_at: str = ""
    reauthenticated_at: str = ""
    ip: str = ""
    browser: str = ""

    def to_data(self) -> dict[str, Any]:
        """Give it as data for Signature.evidence."""
        return asdict(self)


def of_request(request: HttpRequest, *, text_sha256: str, file_sha256: str, consent: str) -> Evidence:
    """The evidence of the request by which somebody signs.

    How and when this person signed in comes from the records that allauth keeps in the session. Raises
    PermissionDenied when the address of the connection cannot be told.
    """
    user: Any = request.user
    records = get_authentication_records(request, user)
    # The first is how somebody came in; a passkey alone is both that and a second factor.
    entry = records[0] if records else None
    proofs = renewal.proofs(request)
    factors = [record for record in records if record.get("method") == "mfa"]
    return Evidence(
        text_sha256=text_sha256,
        file_sha256=file_sha256,
        consent=str(consent),
        sign_in_method=str((entry.get("type") if entry.get("method") == "mfa" else entry.get("method")) or "")
        if entry
        else "",
        sign_in_at=_moment(entry),
        second_factor=str(_last(factors, "type")),
        second_factor_at=_moment(factors[-1] if factors else None),
        reauthenticated_at=_moment(proofs[-1] if proofs else None),
        ip=get_adapter(request).get_client_ip(request),
        browser=_readable(request.headers.get("User-Agent", "")),
    )


def method_name(method: str) -> str:
    """A method of signing in, in the reader's words; "" for none."""
    return str(METHODS.get(method, method))


def moment_of(value: str) -> datetime | None:
    """A moment as evidence keeps it; None for "" and for what is none."""
    try:
        return datetime.fromisoformat(value) if value else None
    except ValueError:
        return None


def _last(records: Iterable[dict[str, Any]], name: str) -> Any:
    found = list(records)
    return found[-1].get(name, "") if found else ""


def _moment(record: dict[str, Any] | None) -> str:
    """The moment of a record of allauth (seconds since 1970) as ISO 8601."""
    at = record.get("at") if record else None
    if not isinstance(at, int | float):
        return ""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def _readable(browser: str) -> str:
    """What a browser says of itself: one line, no control characters (PostgreSQL's JSON takes no NUL), cut off."""
    return "".join(sign if sign.isprintable() else " " for sign in browser)[:LONGEST_BROWSER]
