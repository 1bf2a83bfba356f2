"""Booking what was really spent of an allocation, and taking a mistake back.

Who books holds the row of the allocation until the end, so that a refusal can say what is left. In the database a
trigger keeps `Allocation.spent`, and a CHECK refuses more than the allocation (see the migration 0009).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from pact_portal.foundation.audit.workflow import record
from pact_portal.foundation.templatetags.portal import euro
from pact_portal.foundation.uploads.files import CheckedFile
from partners.models import Partnership, User
from plan.funding import amounts, holding
from plan.funding.models import Allocation, Expenditure
from plan.funding.receiving import allowed_sectors, carriers_of, receivers_among

NEVER_OVERSPENT = "allocation_never_overspent"
IN_WINDOW = "money is spent inside the window of its package"
ONLY_COMMITTED = "only committed money is spent"
ONCE = "once"
"""What the database says when it refuses an expenditure."""

RECEIPT_TYPES = {"application/pdf", "image/jpeg", "image/png"}


def spenders_of(allocation: Allocation) -> list[Partnership]:
    """Who may spend the money: the organisation whose share it is; of a sector's share the partners of that sector
    that take part today; of a joint project its lead and executing partners, of a sector that may receive the package.
    """
    if allocation.partnership is not None:
        return [allocation.partnership]
    if allocation.measure is not None:
        return receivers_among(carriers_of(allocation.measure), allowed_sectors(allocation.package_year.package))
    partners = Partnership.objects.in_pact(holding.pact_of(allocation)).current().select_related("organisation")
    return list(partners.filter(organisation__sector=allocation.sector).order_by("organisation__name", "pk"))


@transaction.atomic
def book(
    allocation: Allocation,
    *,
    partnership: Partnership,
    amount: Decimal,
    spent_on: date,
    description: str,
    reference: str = "",
    receipt: CheckedFile | None = None,
    once: UUID,
    by: User,
) -> tuple[Expenditure, bool]:
    """Book an amount that was spent of a committed allocation; returns it, and whether it was made now.

    `once` comes with the empty form: sent twice, it books once. `receipt` has passed the door for uploads (a scan:
    PDF, JPEG or PNG). Raises ValidationError that names the rule: committed money, a partner that may spend it, a
    positive amount in whole cents, a day in the window of the package that has come and on which the partner took part,
    never more than what is left of the allocation; and when a form with other values was sent before with the same
    `once`.
    """
    amount = amounts.checked(amount)
    held = holding.hold_allocation(allocation)
    description, reference = description.strip(), reference.strip()
    before = _sent_before(held, once, (partnership.pk, amount, spent_on, description, reference))
    if before is not None:
        holding.show(held, on=allocation)
        return before, False
    _refuse_unless_committed(held)
    _refuse_stranger(held, partnership)
    _refuse_day(held, spent_on)
    _refuse_left(partnership, spent_on)
    if amount > held.unspent:
        raise _overspent(held, amount)
    expenditure = Expenditure(
        allocation=held,
        partnership=partnership,
        amount=amount,
        spent_on=spent_on,
        description=description,
        reference=reference,
        once=once,
        booked_by=by,
    )
    expenditure.full_clean(validate_unique=False)
    if receipt is not None:
        _keep(expenditure, receipt)
    with _net(held, amount, spent_on):
        expenditure.save()
    record(
        "expenditure.booked",
        expenditure,
        by=by,
        pact=held.package_year.package.pact,
        amount=str(amount),
        spent_on=spent_on.isoformat(),
        has_receipt=receipt is not None,
    )
    # The trigger has written the sum; the caller's row shows it too.
    held.refresh_from_db(fields=["spent"])
    holding.show(held, on=allocation)
    return expenditure, True


@transaction.atomic
def cancel(expenditure: Expenditure, *, reason: str, by: User) -> Expenditure:
    """Take an expenditure back, with the reason; its amount can be spent again. The row stays as a trace.

    Raises ValidationError when there is no reason, it was taken back before, or its allocation was settled.
    """
    reason = reason.strip()
    if not reason:
        raise ValidationError({"reason": _("Schrijf op waarom u de besteding intrekt.")})
    held = holding.hold_allocation(expenditure.allocation)
    locked = _hold(expenditure)
    _refuse_cancelled(locked)
    if held.state == Allocation.State.SETTLED:
        raise ValidationError(
            _("Deze toewijzing is afgerekend op %(spent)s. Bestedingen kunnen niet meer worden ingetrokken.")
            % {"spent": euro(held.spent)},
            code="settled",
        )
    locked.cancelled_at, locked.cancelled_by, locked.cancel_reason = timezone.now(), by, reason
    try:
        locked.full_clean()
    except ValidationError as fault:
        faults = fault.message_dict
        raise ValidationError({"reason": faults.pop("cancel_reason", []), **faults}) from fault
    locked.save(update_fields=["cancelled_at", "cancelled_by", "cancel_reason"])
    pact = held.package_year.package.pact
    record("expenditure.cancelled", locked, by=by, pact=pact, amount=str(locked.amount))
    for name in ("cancelled_at", "cancelled_by", "cancel_reason"):
        setattr(expenditure, name, getattr(locked, name))
    return locked


@transaction.atomic
def attach(expenditure: Expenditure, *, receipt: CheckedFile, by: User) -> Expenditure:
    """Add the receipt of an expenditure that has none. The same file a second time changes nothing.

    Raises ValidationError when there is another receipt already, or the expenditure was taken back.
    """
    locked = _hold(expenditure)
    _refuse_cancelled(locked)
    if locked.receipt:
        if locked.receipt_sha256 == receipt.sha256:
            return locked
        raise ValidationError(
            {"receipt": _("Bij deze besteding hoort al een bewijsstuk. Trek haar in en boek haar opnieuw.")},
            code="has_receipt",
        )
    _keep(locked, receipt)
    locked.save(update_fields=["receipt", "receipt_sha256"])
    record("expenditure.receipt_added", locked, by=by, pact=locked.allocation.package_year.package.pact)
    expenditure.receipt, expenditure.receipt_sha256 = locked.receipt, locked.receipt_sha256
    return locked


def _hold(expenditure: Expenditure) -> Expenditure:
    rows = Expenditure.objects.in_pact(holding.pact_of(expenditure.allocation)).select_for_update(of=("self",))
    locked: Expenditure = rows.get(pk=expenditure.pk)
    return locked


def _keep(expenditure: Expenditure, receipt: CheckedFile) -> None:
    """Store the file. One of which the row is refused stays behind as a file that nothing points to."""
    if receipt.content_type not in RECEIPT_TYPES:
        raise ValidationError(
            {"receipt": _("Dit is geen PDF, PNG of JPG. Kies een scan of een foto van het bewijsstuk.")},
            code="wrong_type",
        )
    pact_id = holding.pact_of(expenditure.allocation)
    name = f"{pact_id}/{expenditure.allocation_id}-{receipt.sha256[:16]}.{receipt.extension.lstrip('.')}"
    expenditure.receipt_sha256 = receipt.sha256
    expenditure.receipt.save(name, ContentFile(receipt.content), save=False)


def _sent_before(held: Allocation, once: UUID, written: tuple[object, ...]) -> Expenditure | None:
    """What the same form booked before. Raises ValidationError when it was sent with other values, or elsewhere."""
    before: Expenditure | None = Expenditure.objects.across_pacts().filter(once=once).first()
    if before is None:
        return None
    kept = (before.partnership_id, before.amount, before.spent_on, before.description, before.reference)
    if before.allocation_id != held.pk:
        raise _sent_elsewhere()
    if kept == written:
        return before
    raise ValidationError(
        _("Dit formulier is al verstuurd, en er is toen %(amount)s geboekt. Open een leeg formulier om meer te boeken.")
        % {"amount": euro(before.amount)},
        code="sent_before",
    )


def _sent_elsewhere() -> ValidationError:
    return ValidationError(
        _("Dit formulier is al voor een andere toewijzing verstuurd. Open een leeg formulier."), code="sent_before"
    )


def _refuse_unless_committed(allocation: Allocation) -> None:
    if allocation.state != Allocation.State.COMMITTED:
        raise _not_committed(allocation)


def _not_committed(allocation: Allocation) -> ValidationError:
    return ValidationError(
        _("Deze toewijzing van %(amount)s is %(state)s. Alleen toegezegd geld wordt besteed.")
        % {"amount": euro(allocation.amount), "state": allocation.get_state_display()},
        code="state",
    )


def _refuse_stranger(allocation: Allocation, partnership: Partnership) -> None:
    spenders = spenders_of(allocation)
    if partnership.pk in {spender.pk for spender in spenders}:
        return
    if not spenders:
        sentence = _("Geen enkele partner mag dit geld nu besteden: kijk naar de sectoren van het steunpakket.")
    else:
        sentence = _("%(partner)s kan dit geld niet besteden. Dat kan: %(spenders)s.") % {
            "partner": partnership if partnership.pact_id == holding.pact_of(allocation) else _("Deze organisatie"),
            "spenders": get_text_list([str(spender) for spender in spenders], _("of")),
        }
    raise ValidationError({"partnership": ValidationError(sentence, code="not_a_spender")})


def _refuse_day(allocation: Allocation, spent_on: date) -> None:
    package = allocation.package_year.package
    if not package.spend_from <= spent_on <= package.spend_until:
        raise _outside_window(allocation, spent_on)
    if spent_on > timezone.localdate():
        sentence = _("%(day)s moet nog komen. Boek wat al is besteed.") % {"day": date_format(spent_on)}
        raise ValidationError({"spent_on": ValidationError(sentence, code="future")})


def _refuse_left(partnership: Partnership, spent_on: date) -> None:
    """What a partner spent while it took part can be booked after that."""
    left_on = partnership.left_on
    if left_on is not None and spent_on >= left_on:
        sentence = _("%(partner)s doet sinds %(left)s niet meer mee. Boek wat vóór die dag is besteed.") % {
            "partner": partnership,
            "left": date_format(left_on),
        }
        raise ValidationError({"spent_on": ValidationError(sentence, code="left")})


def _outside_window(allocation: Allocation, spent_on: date) -> ValidationError:
    package = allocation.package_year.package
    sentence = _("“%(package)s” wordt besteed van %(first)s tot en met %(last)s. %(day)s valt daarbuiten.") % {
        "package": package.name,
        "first": date_format(package.spend_from),
        "last": date_format(package.spend_until),
        "day": date_format(spent_on),
    }
    return ValidationError({"spent_on": ValidationError(sentence, code="outside_window")})


def _overspent(allocation: Allocation, amount: Decimal) -> ValidationError:
    sentence = _("Nooit meer dan de toewijzing: van de %(amount)s is nog %(left)s over. U wilde %(asked)s boeken.") % {
        "amount": euro(allocation.amount),
        "left": euro(allocation.unspent),
        "asked": euro(amount),
    }
    return ValidationError({"amount": ValidationError(sentence, code="overspent")})


def _refuse_cancelled(expenditure: Expenditure) -> None:
    if expenditure.cancelled_at:
        raise ValidationError(
            _("Deze besteding van %(amount)s is al ingetrokken.") % {"amount": euro(expenditure.amount)},
            code="cancelled",
        )


@contextmanager
def _net(allocation: Allocation, amount: Decimal, spent_on: date) -> Iterator[None]:
    """Turn the database's own refusal into the sentence that the reader knows, with the rows as they are now."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as fault:
        allocation.refresh_from_db(fields=["amount", "spent", "state"])
        if NEVER_OVERSPENT in str(fault):
            raise _overspent(allocation, amount) from fault
        if ONLY_COMMITTED in str(fault):
            raise _not_committed(allocation) from fault
        if IN_WINDOW in str(fault):
            allocation.package_year.package.refresh_from_db()
            raise _outside_window(allocation, spent_on) from fault
        if ONCE in str(fault):
            raise _sent_elsewhere() from fault
        raise
