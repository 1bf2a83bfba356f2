"""When a deed is done: signed by all who did not withdraw. And when a later version takes its place."""

from django.db import models, transaction
from django.utils import timezone

from pact_portal.foundation.audit import workflow as audit
from partners.pact.models import Pact
from partners.signing import letters
from partners.signing.models import Deed, Signature, SignaturePlace


@transaction.atomic
def complete(deed_id: int) -> bool:
    """Close a deed when nobody is waited for any more; True when this call did it.

    Of the pact itself (deed 0): it is in force from now on, was signed on the day and in the place of the last
    signature, and takes the place of every earlier version. May be called at any time, and twice.
    """
    pact_id = Deed.objects.across_pacts().values_list("version__pact_id", flat=True).get(pk=deed_id)
    pact = Pact.objects.select_for_update(no_key=True).get(pk=pact_id)
    deed = (
        Deed.objects.in_pact(pact)
        .select_for_update(no_key=True, of=("self",))
        .select_related("version__pact")
        .get(pk=deed_id)
    )
    if deed.state != Deed.State.OPEN or not is_done(deed):
        return False
    deed.state, deed.completed_at = Deed.State.COMPLETE, timezone.now()
    deed.full_clean()
    deed.save(update_fields=["state", "completed_at"])
    if deed.number == 0:
        last = Signature.objects.in_pact(pact).filter(place__deed=deed).latest("signed_on", "signed_at", "pk")
        pact.signed_on, pact.signed_in = last.signed_on, last.signed_in
        pact.save(update_fields=["signed_on", "signed_in"])
        for earlier in (
            Deed.objects.in_pact(pact)
            .select_for_update(no_key=True, of=("self",))
            .select_related("version__pact")
            .filter(version__number__lt=deed.version.number)
            .exclude(state=Deed.State.SUPERSEDED)
            .order_by("pk")
        ):
            # Who acceded in this very minute gets the seal first; the sheet goes after the version that it is of then.
            if not Signature.objects.in_pact(pact).to_seal().filter(place__deed=earlier).exists():
                supersede(earlier, by=None)
    audit.record(
        "pact.signed_by_all" if deed.number == 0 else "accession.completed",
        deed,
        by=None,
        pact=pact,
        version=deed.version.number,
    )
    letters.tell_of_completion(deed)
    later = Deed.objects.in_pact(pact).filter(version__number__gt=deed.version.number, number=0)
    if later.filter(state=Deed.State.COMPLETE).exists():
        supersede(deed, by=None)
    return True


def is_done(deed: Deed) -> bool:
    """Whether every partner has signed (with the seal in the file, or on paper) or withdrawn, and at least one signed.

    A partner that signed and withdrew counts once its seal is in the file.
    """
    places = SignaturePlace.objects.in_pact(deed.version.pact_id).filter(deed=deed)
    signed = models.Q(signature__way=Signature.Way.PAPER) | models.Q(signature__revision__isnull=False)
    withdrew = models.Q(withdrawal__isnull=False, signature__isnull=True)
    return places.filter(signed).exists() and not places.exclude(signed | withdrew).exists()


def supersede(deed: Deed, *, by: models.Model | None) -> None:
    """Note that a later version took the place of a deed. The caller holds its lock."""
    deed.state, deed.superseded_at = Deed.State.SUPERSEDED, timezone.now()
    deed.full_clean()
    deed.save(update_fields=["state", "superseded_at"])
    audit.record(
        "signing.superseded", deed, by=by, pact=deed.version.pact, version=deed.version.number, sheet=deed.number
    )
