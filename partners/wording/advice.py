"""What the mirror of a pact says of texts, for the pages that show them.

Nothing is kept of it: no count, no log, and no text leaves the portal.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from pact_portal.foundation.mirror.mirror import find
from pact_portal.foundation.privacy.guard import plain
from partners.pact.models import Pact
from partners.wording.models import MirrorTerm

LONGEST = 20_000
"""Signs of all texts together that are looked at; some ten pages."""


@dataclass(frozen=True, slots=True)
class Advice:
    """A word that stands in the texts, as written there, and what its pact would rather read."""

    text: str
    term: str
    reason: str
    alternative: str


def of(pact: Pact | int, texts: Iterable[str | None], *, rich: Iterable[str | None] = ()) -> list[Advice]:
    """Advice on plain `texts` and on `rich` texts (HTML), each word of the list once. One query; none without a text.

    Show it with `{% include "includes/mirror.html" with advice=… %}` to those who may change the texts.
    """
    written = "\n\n".join([*filter(None, texts), *(plain(html) for html in rich if html)])[:LONGEST]
    if not written.strip():
        return []
    terms = {row.term: row for row in MirrorTerm.objects.in_pact(pact)}
    advice: dict[str, Advice] = {}
    for hit in find(written, terms):
        row = terms[hit.term]
        shown = " ".join(hit.text.replace("\u00ad", "").split())
        advice.setdefault(hit.term, Advice(shown, row.term, row.reason, row.alternative))
    return list(advice.values())


def in_words(advice: Iterable[Advice]) -> str:
    """The advice as one message, for a page that was only saved; "" when there is none."""
    lines = [
        _("“%(text)s” (liever: %(alternative)s)") % {"text": each.text, "alternative": each.alternative}
        for each in advice
    ]
    return _("Taalspiegel, als advies: %(words)s.") % {"words": "; ".join(lines)} if lines else ""
