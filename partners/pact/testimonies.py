"""Where the words of young people and professionals stand, and which may no longer be used."""

from pact_portal.foundation.documents.blocks import Document, Quote
from partners.pact.models import Pact, PactVersion, Testimony


def versions_with(testimony: Testimony) -> list[int]:
    """The numbers of the frozen versions in which these words of this person stand, ascending."""
    return [
        number
        for number, content in PactVersion.objects.in_pact(testimony.pact_id)
        .order_by("number")
        .values_list("number", "content")
        if any(
            isinstance(block, Quote) and (block.text, block.source) == (testimony.quotation, testimony.source)
            for block in Document.from_data(content).blocks()
        )
    ]


def withdrawn_words(pact: Pact) -> set[str]:
    """What people said who have withdrawn their consent since; a page says so beside it."""
    return set(
        Testimony.objects.in_pact(pact).filter(consent_withdrawn_at__isnull=False).values_list("quotation", flat=True)
    )
