"""A mail that can never be delivered goes to the next address, and says for whom it was.

A secret mail (a link that lets one person in) is never sent to somebody else: what falls back is a notice, without the
link, that it did not arrive.
"""

from collections.abc import Iterable

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import override

from pact_portal.foundation.mail.models import OutgoingMail, new_message_id

LONGEST_KEY = 180
"""Characters of the key of a mail with fallbacks: "-fallback-12" comes behind it."""
MAIN = "<main>"
"""Where the text begins in templates/emails/base.html."""


def in_order(addresses: Iterable[str], *, apart_from: str) -> list[str]:
    """The addresses, each once whatever its capitals, without empty ones and without that of the mail itself."""
    found: dict[str, str] = {}
    for address in addresses:
        found.setdefault(address.strip().lower(), address.strip())
    return [address for key, address in found.items() if key not in ("", apart_from.strip().lower())]


def fall_back(failed: OutgoingMail) -> OutgoingMail | None:
    """Make the mail to the next address of one that failed for good; None when no address is left.

    The caller has just marked `failed` in the same transaction, so each mail falls back once; the key is the net.
    """
    first = failed.fallback_of or failed
    tried = first.copies.count()
    if tried >= len(first.fallbacks):
        return None
    # The worker has no reader, and so no language.
    with override(settings.LANGUAGE_CODE):
        subject, text, html = _notice(first) if first.is_secret else _copy(first)
    copy, _created = OutgoingMail.objects.get_or_create(
        key=f"{first.key}-fallback-{tried + 1}",
        defaults={
            "pact": first.pact,
            "recipient": first.fallbacks[tried],
            "subject": subject,
            "text": text,
            "html": html,
            "fallback_of": first,
            "message_id": new_message_id(),
        },
    )
    return copy


def _copy(mail: OutgoingMail) -> tuple[str, str, str]:
    """The same mail, with a first line that says for whom it was."""
    line = _("Deze mail was voor %(address)s, maar kon daar niet worden bezorgd. Daarom krijgt u hem.") % {
        "address": mail.recipient
    }
    if not mail.html:
        return mail.subject, f"{line}\n\n{mail.text}", ""
    paragraph = format_html("<p>{}</p>", line)
    before, found, after = mail.html.partition(MAIN)
    html = f"{before}{found}\n    {paragraph}{after}" if found else f"{paragraph}\n{mail.html}"
    return mail.subject, f"{line}\n\n{mail.text}", html


def _notice(mail: OutgoingMail) -> tuple[str, str, str]:
    """That a mail meant for one person alone did not arrive."""
    subject = " ".join((_("Niet bezorgd: %(subject)s") % {"subject": mail.subject}).split())[:300]
    context = {"mail": mail, "subject": subject, "portal_url": settings.PORTAL_URL}
    return (
        subject,
        render_to_string("emails/undelivered.txt", context),
        render_to_string("emails/undelivered.html", context),
    )
