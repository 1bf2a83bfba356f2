"""The demonstration pact signed: the first version by all its partners, the second still on the table."""

from datetime import timedelta

from django.core.files.base import ContentFile
from django.utils import timezone

from pact_portal.foundation.documents import rendering as files
from pact_portal.foundation.documents import workflow as documents
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.uploads.scans import check_scan
from pact_portal.front.demo import registers
from partners.models import Deed, PactVersion, Partnership, Sector, SignaturePlace, User
from partners.pact.workflow import KIND
from partners.people import workflow as people
from partners.permissions import Role
from partners.signing import completion, rendering, sealing, workflow
from partners.signing.evidence import Evidence
from partners.signing.models import Signature

MANDATE = "Besluit van het bestuur (voorbeeld)"
RESERVATION = (
    "Wij onderschrijven het pact. De gemeenteraad bespreekt de financiering volgende maand; daarna tekenen wij "
    "(voorbeeld)."
)


def signatories_of(slug: str, partners: list[Partnership]) -> dict[int, User]:
    """For each of these partners somebody who signs: who is there already, or a new account."""
    signing = {}
    for position, partner in enumerate(partners, 1):
        holder = User.objects.filter(memberships__partnership=partner, memberships__role=Role.SIGNATORY).first()
        if holder is None:
            organisation = partner.organisation.name
            if partner.organisation.sector == Sector.MUNICIPALITY:
                name = f"wethouder {organisation[0].lower()}{organisation[1:]}"
            else:
                name = f"bestuurder {organisation}"
            holder = people.create_account(f"ondertekenaar{position}@{slug}.example", name, None)
            people.join(holder, partner, Role.SIGNATORY, by=None)
        signing[partner.pk] = holder
    return signing


def lay_on_the_table(version: PactVersion, *, by: User) -> Deed | None:
    """Make the certified PDF here and now, and open it for signing; None where there is no key to certify with."""
    rendition = documents.request(KIND, version.pk, pact=version.pact, by=by)
    files.render(rendition.pk)
    rendition.refresh_from_db()
    if rendition.state != Rendition.State.READY:
        return None
    return workflow.open_signing(version, by=by, sign_by=timezone.localdate() + timedelta(days=28))


def sign(place: SignaturePlace, *, by: User, signed_in: str) -> Signature:
    """An electronic signature with its seal, put here and now."""
    deed = place.deed
    signature = workflow.sign(
        place,
        by=by,
        signatory=by.name,
        function=by.name.partition(" ")[0],
        mandate=MANDATE,
        signed_in=signed_in,
        consent=True,
        evidence=Evidence(
            text_sha256=deed.content_sha256,
            file_sha256=deed.revisions.get(number=0).sha256,
            consent="Voorbeeld: gezet bij het vullen van de demonstratie.",
            sign_in_at=timezone.localtime().isoformat(timespec="seconds"),
        ),
    )
    sealing.seal(signature.pk)
    return signature


def sign_on_paper(place: SignaturePlace, *, by: User, signed_in: str) -> Signature:
    """A signature on paper, with the printed sheet for its scan."""
    sheet = rendering.render_sheet(place.pk, lambda _percent, _step: None)
    holder = place.partnership.organisation.name
    return workflow.record_paper(
        place,
        by=by,
        signatory=f"bestuurder {holder}",
        function="bestuurder",
        mandate=MANDATE,
        signed_in=signed_in,
        signed_on=timezone.localdate(),
        scan=check_scan(ContentFile(sheet, name="tekenblad.pdf")),
    )


def sign_by_all(deed: Deed, signing: dict[int, User], *, by: User) -> None:
    """Let every partner of a deed sign: those of ON_PAPER on paper, the others electronically."""
    for place in places_of(deed):
        if place.partnership.organisation.name in registers.ON_PAPER:
            sign_on_paper(place, by=by, signed_in=registers.SIGNED_IN)
        else:
            sign(place, by=signing[place.partnership_id], signed_in=registers.SIGNED_IN)
    completion.complete(deed.pk)


def sign_by_some(deed: Deed, signing: dict[int, User], *, by: User) -> None:
    """Let a revised version be half way: two signed, one did on paper, one has a reservation, others wait."""
    places = places_of(deed)
    for place in places[:2]:
        sign(place, by=signing[place.partnership_id], signed_in=registers.SIGNED_IN)
    workflow.reserve(places[2], by=signing[places[2].partnership_id], reason=RESERVATION)
    sign_on_paper(places[-1], by=by, signed_in=registers.SIGNED_IN)


def places_of(deed: Deed) -> list[SignaturePlace]:
    places = SignaturePlace.objects.in_pact(deed.version.pact_id).filter(deed=deed)
    return list(places.select_related("partnership__organisation", "deed__version__pact"))
