"""Changes of what is signed: put on the table, signed, reserved, withdrawn, acceded to.

A signed version can be neither rejected nor replaced: no function here does it, and the database refuses it. Only a
later version that all have signed takes its place.

Whoever locks more than one row does so in this order: pact, deeds, places.
"""

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from pact_portal.foundation.audit import workflow as audit
from pact_portal.foundation.background import wake
from pact_portal.foundation.documents import workflow as documents
from pact_portal.foundation.documents.blocks import Document, Party
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.uploads.files import CheckedFile
from partners.organisations import workflow as organisations
from partners.organisations.models import Partnership
from partners.pact.models import Pact, PactVersion
from partners.pact.workflow import KIND
from partners.people.models import Membership
from partners.permissions import Role
from partners.signing import completion, letters, opening, tasks
from partners.signing.document import compile_accession
from partners.signing.evidence import LEVEL, Evidence
from partners.signing.models import Deed, Reservation, Signature, SignaturePlace, Withdrawal


@transaction.atomic
def open_signing(version: PactVersion, *, by: models.Model, sign_by: date | None = None) -> Deed:
    """Lay a frozen version on the table: every partner on its sheets gets a place, and a mail.

    Earlier versions that are not signed by all are superseded, with their further sheets; one that is signed by all
    stays in force until this one is. Raises ValidationError when this is not the newest version, it was opened
    before, its PDF is not ready or not certified, a partner on the sheets has left, the day lies in the past, or a
    signature on an earlier version still waits for its seal.
    """
    pact = _lock_pact(version.pact_id)
    newest = PactVersion.objects.in_pact(pact).aggregate(Max("number"))["number__max"]
    if version.number != newest:
        raise ValidationError(
            _("Alleen de nieuwste versie kan worden opengesteld. Dat is versie %(number)s.") % {"number": newest},
            code="superseded",
        )
    if Deed.objects.in_pact(pact).filter(version=version, number=0).exists():
        raise ValidationError(_("Deze versie is al opengesteld om te tekenen."), code="opened")
    _refuse_past_day(sign_by)
    rendition = Rendition.objects.in_pact(pact).filter(kind=KIND, object_id=version.pk).first()
    if rendition is None or rendition.state == Rendition.State.FAILED:
        raise ValidationError(_("De PDF van deze versie is er nog niet. Laat die eerst maken."), code="no_file")
    if rendition.state != Rendition.State.READY:
        raise ValidationError(_("De PDF wordt nog gemaakt. Probeer het over een minuut opnieuw."), code="no_file")
    certificate = opening.certificate_of(rendition)
    if certificate is None:
        raise ValidationError(
            _("De PDF van deze versie is niet gewaarmerkt. Stel een nieuwe versie vast en stel die open."),
            code="not_certified",
        )
    partners = _parties(version)
    _supersede_earlier(version, by=by)
    deed = Deed(
        version=version,
        number=0,
        content_sha256=version.content_sha256,
        opened_at=timezone.now(),
        opened_by=by,  # type: ignore[misc]  # any user model
        sign_by=sign_by,
    )
    deed.full_clean()
    deed.save()
    for position, (party, partner) in enumerate(partners, 1):
        place = SignaturePlace(deed=deed, partnership=partner, field=party.key, position=position)
        place.full_clean()
        place.save()
    opening.first_revision(deed, rendition, certificate)
    audit.record("signing.opened", deed, by=by, pact=pact, version=version.number, places=len(partners))
    letters.ask_all(deed)
    return deed


@transaction.atomic
def sign(
    place: SignaturePlace,
    *,
    by: models.Model,
    signatory: str,
    function: str,
    mandate: str,
    signed_in: str,
    consent: bool,
    evidence: Evidence,
) -> Signature:
    """Sign on behalf of a partner; the worker puts the seal into the file.

    A standing reservation of this partner is lifted. Raises ValidationError when the deed is not open, the place is
    signed or withdrawn, `by` is no signatory of this partner today, the consent is missing, a field is empty, or
    another text or file was read than the one that is signed.
    """
    deed, place = _lock_place(place)
    _refuse_unless_open(deed)
    _refuse_done(place)
    _refuse_stranger(place, by)
    if not consent:
        raise ValidationError({"consent": _("Vink aan dat u het pact hebt gelezen en ondertekent.")}, code="no_consent")
    has_read = evidence.text_sha256 == deed.content_sha256 and (
        deed.revisions.filter(sha256=evidence.file_sha256).exists()
    )
    if not has_read:
        raise ValidationError(
            _("Wat u hebt gelezen is niet wat er nu ter tekening ligt. Open het pact opnieuw en lees het eerst."),
            code="stale",
        )
    now = timezone.now()
    order = Signature.objects.in_pact(deed.version.pact_id).filter(place__deed=deed).count() + 1
    signature = Signature(
        place=place,
        way=Signature.Way.ELECTRONIC,
        signatory=signatory.strip(),
        function=function.strip(),
        mandate=mandate.strip(),
        signed_in=signed_in.strip(),
        signed_on=timezone.localdate(now),
        recorded_by=by,  # type: ignore[misc]  # any user model
        signed_at=now,
        evidence={
            **evidence.to_data(),
            "level": str(LEVEL),
            "organisation": _name_on_the_sheet(place),
            "person": signatory.strip(),
            "account": by.pk,
            "account_name": str(by),
            "function": function.strip(),
            "mandate": mandate.strip(),
            "place": signed_in.strip(),
            "server_time": now.isoformat(timespec="milliseconds"),
            "order": order,
        },
    )
    signature.full_clean()
    signature.save()
    _lift_standing(place, by=by, at=now)
    audit.record("pact.signed", place, by=by, pact=deed.version.pact, version=deed.version.number, order=order)
    wake(tasks.seal, signature.pk)
    return signature


@transaction.atomic
def record_paper(
    place: SignaturePlace,
    *,
    by: models.Model,
    signatory: str,
    function: str,
    mandate: str,
    signed_in: str,
    signed_on: date,
    scan: CheckedFile,
) -> Signature:
    """Record a signature that a partner put on paper, with the scan of its sheet; as good as an electronic one.

    The field in the PDF stays empty. Raises ValidationError when the deed is not open, the place is signed or
    withdrawn, a field is empty, or the day lies in the future or before the text was frozen.
    """
    _lock_pact(place.deed.version.pact_id)
    deed, place = _lock_place(place)
    _refuse_unless_open(deed)
    _refuse_done(place)
    if signed_on > timezone.localdate():
        raise ValidationError({"signed_on": _("De datum van ondertekening kan niet in de toekomst liggen.")})
    frozen_on = timezone.localdate(deed.version.frozen_at if deed.number == 0 else deed.opened_at)
    if signed_on < frozen_on:
        raise ValidationError(
            {
                "signed_on": _("De tekst is vastgesteld op %(day)s. Er kan niet eerder getekend zijn.")
                % {"day": date_format(frozen_on, "j F Y")}
            }
        )
    now = timezone.now()
    order = Signature.objects.in_pact(deed.version.pact_id).filter(place__deed=deed).count() + 1
    signature = Signature(
        place=place,
        way=Signature.Way.PAPER,
        signatory=signatory.strip(),
        function=function.strip(),
        mandate=mandate.strip(),
        signed_in=signed_in.strip(),
        signed_on=signed_on,
        recorded_by=by,  # type: ignore[misc]  # any user model
        signed_at=now,
        evidence={
            "text_sha256": deed.content_sha256,
            "organisation": _name_on_the_sheet(place),
            "account": by.pk,
            "account_name": str(by),
            "server_time": now.isoformat(timespec="milliseconds"),
            "order": order,
        },
        scan_sha256=scan.sha256,
        scan_type=scan.content_type,
    )
    # A scan of which the row is refused stays behind as a file that nothing points to.
    signature.full_clean(exclude=["scan"], validate_constraints=False)
    name = f"{deed.version.pact_id}/{place.pk}-{scan.sha256[:16]}.{scan.extension.lstrip('.')}"
    signature.scan.save(name, ContentFile(scan.content), save=False)
    signature.full_clean()
    signature.save()
    _lift_standing(place, by=by, at=now)
    audit.record("pact.signed_on_paper", place, by=by, pact=deed.version.pact, version=deed.version.number, order=order)
    completion.complete(deed.pk)
    return signature


@transaction.atomic
def reserve(place: SignaturePlace, *, by: models.Model, reason: str) -> Reservation:
    """Keep a partner's reason not to sign yet. The partner can sign all the same, which lifts it.

    Raises ValidationError when the deed is not open, the place is signed or withdrawn, a reservation stands already,
    `by` is no signatory of this partner today, or there is no reason.
    """
    deed, place = _lock_place(place)
    _refuse_unless_open(deed)
    _refuse_done(place)
    _refuse_stranger(place, by)
    reservation = Reservation(place=place, reason=reason.strip(), made_by=by)  # type: ignore[misc]  # any user model
    reservation.full_clean()
    reservation.save()
    audit.record("reservation.made", reservation.place, by=by, pact=deed.version.pact, version=deed.version.number)
    letters.tell_of_reservation(reservation)
    return reservation


@transaction.atomic
def lift_reservation(reservation: Reservation, *, by: models.Model) -> Reservation:
    """Lift a reservation; its text stays. Raises ValidationError when it was lifted, or `by` does not sign for it."""
    deed, place = _lock_place(reservation.place)
    current = Reservation.objects.in_pact(deed.version.pact_id).get(pk=reservation.pk)
    if current.lifted_at:
        raise ValidationError(_("Dit voorbehoud is al opgeheven."))
    _refuse_stranger(place, by)
    _lift_standing(place, by=by, at=timezone.now())
    current.refresh_from_db()
    return current


@transaction.atomic
def withdraw(place: SignaturePlace, *, by: models.Model, withdrawn_on: date, reason: str) -> Withdrawal:
    """Record that a partner steps out, or will not sign: with day and reason, never erased.

    A partner that had signed, here or in the version in force, takes part until that day. The deed is complete when
    this was the last one waiting. Raises ValidationError when it was recorded before, the day lies in the future, the
    reason is empty, a later version took this one's place, or the pact would be left without a coordinator.
    """
    pact = _lock_pact(place.deed.version.pact_id)
    deed, place = _lock_place(place)
    if deed.state == Deed.State.SUPERSEDED:
        raise ValidationError(_("Er is een nieuwere versie. Leg de uittreding vast bij die versie."), code="superseded")
    if Withdrawal.objects.in_pact(pact).filter(place=place).exists():
        raise ValidationError(_("De uittreding van deze partner is al vastgelegd."), code="withdrawn")
    if withdrawn_on > timezone.localdate():
        raise ValidationError({"withdrawn_on": _("De datum van uittreding kan niet in de toekomst liggen.")})
    if withdrawn_on < place.partnership.joined_on:
        raise ValidationError({"withdrawn_on": _("Toen deed deze partner nog niet mee. Kies een latere datum.")})
    withdrawal = Withdrawal(
        place=place,
        withdrawn_on=withdrawn_on,
        reason=reason.strip(),
        recorded_by=by,  # type: ignore[misc]  # any user model
    )
    withdrawal.full_clean()
    withdrawal.save()
    _leave(place, on=withdrawn_on, by=by)
    _lift_standing(place, by=by, at=timezone.now())
    audit.record("partner.withdrew", place, by=by, pact=pact, version=deed.version.number, on=withdrawn_on.isoformat())
    completion.complete(deed.pk)
    # Who steps out of the version in force is not waited for in the next one either.
    elsewhere = SignaturePlace.objects.in_pact(pact).unsigned().filter(partnership=place.partnership_id)
    for other in elsewhere.filter(deed__state=Deed.State.OPEN).select_related("deed__version"):
        withdraw(other, by=by, withdrawn_on=withdrawn_on, reason=withdrawal.reason)
    return withdrawal


@transaction.atomic
def accede(version: PactVersion, *, partnership: Partnership, by: models.Model, sign_by: date | None = None) -> Deed:
    """Make a further sheet by which a partner that came later accedes to a version; it is opened once it is made.

    Raises ValidationError when the version does not lie on the table and is not in force, or the partner does not
    sign, does not take part today, or has a place in this version already.
    """
    pact = _lock_pact(version.pact_id)
    deeds = Deed.objects.in_pact(pact).filter(version=version)
    main = deeds.select_for_update(no_key=True).filter(number=0).first()
    if main is None:
        raise ValidationError(_("Deze versie is nog niet opengesteld om te tekenen."), code="not_open")
    if main.state == Deed.State.SUPERSEDED:
        raise ValidationError(
            _("Deze versie is opgevolgd. Laat de partner toetreden tot de nieuwste versie."), code="superseded"
        )
    _refuse_past_day(sign_by)
    partner = (
        Partnership.objects.in_pact(pact)
        .current()
        .filter(pk=partnership.pk, kind=Partnership.Kind.SIGNATORY)
        .select_related("organisation")
        .first()
    )
    if partner is None:
        raise ValidationError({"partnership": _("Kies een ondertekenaar die nu meedoet aan dit pact.")})
    if SignaturePlace.objects.in_pact(pact).filter(deed__version=version, partnership=partner).exists():
        raise ValidationError({"partnership": _("Deze partner heeft al een plaats om te tekenen in deze versie.")})
    now = timezone.now()
    number = (deeds.aggregate(Max("number"))["number__max"] or 0) + 1
    newest = main.revisions.latest("number")
    content = compile_accession(
        version,
        partner=partner,
        number=number,
        file_sha256=newest.sha256,
        made_at=localtime(now).replace(microsecond=0),
    )
    deed = Deed(
        version=version,
        number=number,
        content=content.to_data(),
        content_sha256=content.fingerprint,
        state=Deed.State.PREPARING,
        opened_at=now,
        opened_by=by,  # type: ignore[misc]  # any user model
        sign_by=sign_by,
    )
    deed.full_clean()
    deed.save()
    place = SignaturePlace(deed=deed, partnership=partner, field=f"partnership-{partner.pk}", position=1)
    place.full_clean()
    place.save()
    audit.record("accession.prepared", place, by=by, pact=pact, version=version.number, sheet=number)
    documents.request(opening.ACCESSION, deed.pk, by=by, pact=pact)
    return deed


def _lock_pact(pact_id: int) -> Pact:
    """The row of the pact, locked. `no_key`: rows that point to the pact can be added meanwhile."""
    return Pact.objects.select_for_update(no_key=True).get(pk=pact_id)


def _lock_place(place: SignaturePlace) -> tuple[Deed, SignaturePlace]:
    """The deed of a place, locked, and the place as it is now: acts on one deed come one after the other."""
    deed = (
        Deed.objects.across_pacts()
        .select_for_update(no_key=True, of=("self",))
        .select_related("version__pact")
        .get(pk=place.deed_id)
    )
    fresh = (
        SignaturePlace.objects.in_pact(deed.version.pact_id)
        .select_related("partnership__organisation", "signature", "withdrawal")
        .get(pk=place.pk)
    )
    fresh.deed = deed
    return deed, fresh


def _refuse_unless_open(deed: Deed) -> None:
    """Signing, on paper too, is for what lies on the table, and for nothing that a later version took the place of."""
    if deed.state == Deed.State.SUPERSEDED:
        raise ValidationError(
            _("Deze versie is opgevolgd door een nieuwere. Lees die eerst; u kunt daar tekenen."), code="superseded"
        )
    if deed.state == Deed.State.PREPARING:
        raise ValidationError(
            _("Het blad wordt nog klaargezet. Probeer het over een minuut opnieuw."), code="preparing"
        )
    if deed.state == Deed.State.COMPLETE:
        raise ValidationError(_("Deze versie is al door alle partners getekend."), code="complete")


def _refuse_done(place: SignaturePlace) -> None:
    if getattr(place, "withdrawal", None):
        raise ValidationError(
            _("De uittreding van deze partner is vastgelegd. Er kan niet meer worden getekend."), code="withdrawn"
        )
    if getattr(place, "signature", None):
        raise ValidationError(_("Deze partner heeft al getekend."), code="signed")


def _refuse_stranger(place: SignaturePlace, by: models.Model) -> None:
    """A partner's signature is its own signatory's, whatever page asked for it."""
    memberships = Membership.objects.in_pact(place.deed.version.pact_id).current().in_roles(Role.SIGNATORY)
    today = timezone.localdate()
    if not memberships.filter(user=by.pk, partnership=place.partnership_id, started_on__lte=today).exists():
        raise ValidationError(_("U bent geen ondertekenaar van deze partner."), code="not_signatory")


def _refuse_past_day(sign_by: date | None) -> None:
    if sign_by is not None and sign_by < timezone.localdate():
        raise ValidationError({"sign_by": _("De dag waarvoor partners tekenen kan niet in het verleden liggen.")})


def _parties(version: PactVersion) -> list[tuple[Party, Partnership]]:
    """The parties on the sheets of a version with their partnership, in order. Raises ValidationError when one left."""
    parties = Document.from_data(version.content).parties()
    current = {
        f"partnership-{partner.pk}": partner
        for partner in Partnership.objects.in_pact(version.pact_id).current().signatories()
    }
    gone = [party.name for party in parties if party.key not in current]
    if not parties:
        raise ValidationError(_("Op deze versie staat geen partner die ondertekent. Stel een nieuwe versie vast."))
    if gone:
        raise ValidationError(
            _("Op het tekenblad staat wie niet meer meedoet: %(partners)s. Stel een nieuwe versie vast.")
            % {"partners": ", ".join(gone)}
        )
    return [(party, current[party.key]) for party in parties]


def _name_on_the_sheet(place: SignaturePlace) -> str:
    """What the partner is called in the text that is signed, whatever it is called today."""
    parties = Document.from_data(place.deed.content or place.deed.version.content).parties()
    names = (party.name for party in parties if party.key == place.field)
    return next(names, place.partnership.organisation.name)


def _supersede_earlier(version: PactVersion, *, by: models.Model) -> None:
    """Take earlier versions, and their further sheets, off the table, unless a signature still waits for its seal."""
    waiting = (Deed.State.OPEN, Deed.State.PREPARING)
    # No filter on the state in the query that locks: a row that changed while we waited is looked at again here.
    earlier = (
        Deed.objects.in_pact(version.pact_id)
        .select_for_update(no_key=True, of=("self",))
        .select_related("version__pact")
        .filter(version__number__lt=version.number)
        .order_by("pk")
    )
    to_supersede = [deed for deed in earlier if deed.state in waiting]
    unsealed = Signature.objects.in_pact(version.pact_id).to_seal().filter(place__deed__in=to_supersede)
    if unsealed.exists():
        raise ValidationError(
            _("Er wacht nog een handtekening op het zegel van het portaal. Probeer het over een minuut opnieuw."),
            code="sealing",
        )
    for deed in to_supersede:
        completion.supersede(deed, by=by)


def _leave(place: SignaturePlace, *, on: date, by: models.Model) -> None:
    """Let a partner that had signed, here or in the version in force, take part until this day."""
    partner = place.partnership
    places = SignaturePlace.objects.in_pact(partner.pact_id).filter(partnership=partner, signature__isnull=False)
    has_signed = places.filter(models.Q(pk=place.pk) | models.Q(deed__state=Deed.State.COMPLETE)).exists()
    if not has_signed or (partner.left_on and partner.left_on <= on):
        return
    try:
        organisations.leave(partner, left_on=on, by=by)
    except ValidationError as fault:
        raise ValidationError({"withdrawn_on": fault.messages}) from fault


def _lift_standing(place: SignaturePlace, *, by: Any, at: Any) -> None:
    """Lift the reservation that stands on a place, if there is one."""
    standing = Reservation.objects.in_pact(place.deed.version.pact_id).filter(place=place, lifted_at=None)
    if standing.update(lifted_at=at, lifted_by=by):
        pact = place.deed.version.pact
        audit.record("reservation.lifted", place, by=by, pact=pact, version=place.deed.version.number)
