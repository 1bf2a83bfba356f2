"""How far the signing is: what pages and the dashboard read. Nothing here changes a row."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from django.db.models import Q
from django.utils import timezone

from partners.access import Access
from partners.organisations.models import Partnership
from partners.pact.models import Pact, PactVersion
from partners.permissions import Permission
from partners.signing.models import Deed, DeedRevision, Reservation, Signature, SignaturePlace, Withdrawal

State = Literal["waiting", "reserved", "sealing", "signed", "paper", "withdrawn"]


@dataclass(frozen=True, slots=True)
class PlaceStatus:
    """How it stands with the place of one partner.

    `who` and `function` say who signed, `mandate` on what ground; `on` is the day of signing or of withdrawal, `at`
    the moment at which an electronic signature was put. `seal_failure` tells why a seal is not there yet, "" when
    nothing is wrong. A withdrawn partner that had signed keeps its `signature`.
    """

    place: SignaturePlace
    partner: Partnership
    state: State
    who: str = ""
    function: str = ""
    mandate: str = ""
    signed_in: str = ""
    on: date | None = None
    at: datetime | None = None
    signature: Signature | None = None
    reservation: Reservation | None = None
    withdrawal: Withdrawal | None = None
    seal_failure: str = ""

    @property
    def name(self) -> str:
        """The partner by the name under which it signed; by that of today as long as it has not."""
        return (self.signature.evidence.get("organisation") if self.signature else "") or str(self.partner)

    @property
    def is_done(self) -> bool:
        """Whether nothing is expected of this partner any more."""
        return self.state in {"signed", "paper", "withdrawn"}


@dataclass(frozen=True, slots=True)
class Count:
    """How many of the places of a deed are signed, and how many were withdrawn."""

    places: int
    signed: int
    withdrawn: int

    @property
    def waiting(self) -> int:
        return self.places - self.signed - self.withdrawn

    @property
    def percent(self) -> int:
        expected = self.places - self.withdrawn
        return 100 * self.signed // expected if expected else 0


def status_of(deed: Deed) -> list[PlaceStatus]:
    """The places of a deed in the order of its sheets. Three queries, however many places."""
    places = (
        SignaturePlace.objects.in_pact(deed.version.pact_id)
        .filter(deed=deed)
        .select_related("partnership__organisation", "signature__revision", "signature__recorded_by", "withdrawal")
    )
    standing = {
        reservation.place_id: reservation
        for reservation in Reservation.objects.in_pact(deed.version.pact_id)
        .filter(place__deed=deed, lifted_at=None)
        .select_related("made_by")
    }
    return [_status(place, standing.get(place.pk)) for place in places]


def count_of(statuses: Iterable[PlaceStatus]) -> Count:
    """How far a deed is, from its places."""
    states = [status.state for status in statuses]
    signed = sum(state in {"signed", "paper"} for state in states)
    return Count(places=len(states), signed=signed, withdrawn=states.count("withdrawn"))


def _signs_for(access: Access) -> list[int]:
    return [partner.pk for partner in access.partnerships if access.can(Permission.SIGN, partner)]


def _status(place: SignaturePlace, reservation: Reservation | None) -> PlaceStatus:
    signature: Signature | None = getattr(place, "signature", None)
    withdrawal: Withdrawal | None = getattr(place, "withdrawal", None)
    state: State = "reserved" if reservation else "waiting"
    if signature:
        is_sealed = getattr(signature, "revision", None) is not None
        state = "paper" if signature.way == Signature.Way.PAPER else "signed" if is_sealed else "sealing"
    if withdrawal and state != "sealing":
        state = "withdrawn"
    return PlaceStatus(
        place=place,
        partner=place.partnership,
        state=state,
        who=signature.signatory if signature else "",
        function=signature.function if signature else "",
        mandate=signature.mandate if signature else "",
        signed_in=signature.signed_in if signature else "",
        on=withdrawal.withdrawn_on if withdrawal else signature.signed_on if signature else None,
        at=signature.signed_at if signature and signature.way == Signature.Way.ELECTRONIC else None,
        signature=signature,
        reservation=reservation,
        withdrawal=withdrawal,
        seal_failure=signature.failure if signature and state == "sealing" else "",
    )


def in_force(pact: Pact) -> Deed | None:
    """The deed that holds today: the newest version that was signed by all; None before there is one."""
    complete = Deed.objects.in_pact(pact).filter(number=0, state=Deed.State.COMPLETE)
    return complete.select_related("version__pact").order_by("-version__number").first()


def open_deed(pact: Pact) -> Deed | None:
    """The pact that lies on the table to be signed, without the sheets for accession; None when there is none."""
    still_open = Deed.objects.in_pact(pact).filter(number=0, state=Deed.State.OPEN)
    return still_open.select_related("version__pact").order_by("-version__number").first()


def current_deeds(pact: Pact) -> list[Deed]:
    """All deeds that lie on the table or are in force, the newest version first, each with its further sheets."""
    deeds = Deed.objects.in_pact(pact).exclude(state=Deed.State.SUPERSEDED).select_related("version__pact")
    return list(deeds.order_by("-version__number", "number"))


def newest_revision(deed: Deed) -> DeedRevision | None:
    """The file of a deed as it is now; None while it is being prepared."""
    revisions = DeedRevision.objects.in_pact(deed.version.pact_id).filter(deed=deed)
    return revisions.select_related("certificate").order_by("-number").first()


def own_places(deed: Deed, access: Access) -> list[SignaturePlace]:
    """The places in a deed for which the reader may sign, signed or not."""
    return list(
        SignaturePlace.objects.in_pact(deed.version.pact_id)
        .filter(deed=deed, partnership__in=_signs_for(access))
        .select_related("partnership__organisation", "deed__version__pact", "signature", "withdrawal")
    )


def to_sign(access: Access) -> list[SignaturePlace]:
    """The places that the reader can sign today, in the pact on the table and in sheets for accession."""
    return list(
        SignaturePlace.objects.in_pact(access.pact)
        .unsigned()
        .filter(deed__state=Deed.State.OPEN, partnership__in=_signs_for(access))
        .select_related("partnership__organisation", "deed__version__pact")
        .order_by("deed__number", "position")
    )


def may_accede(version: PactVersion) -> list[Partnership]:
    """The partners that sign, take part today, and have no place in this version: they came later."""
    return list(
        Partnership.objects.in_pact(version.pact_id)
        .current()
        .signatories()
        .exclude(signature_places__deed__version=version)
        .select_related("organisation")
    )


def is_past(deed: Deed) -> bool:
    """Whether the day before which one was to sign has gone by."""
    return bool(deed.sign_by and deed.sign_by < timezone.localdate())


def unsealed(pact: Pact) -> int:
    """How many signatures wait for their seal."""
    waiting = Q(way=Signature.Way.ELECTRONIC, revision=None)
    return Signature.objects.in_pact(pact).filter(waiting).count()
