"""Tags and filters of the portal's templates; loaded everywhere (a builtin library in the settings)."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django import template
from django.core.paginator import Paginator
from django.forms import BaseForm
from django.forms.boundfield import BoundField
from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from lucide.templatetags.lucide import lucide

from pact_portal.foundation.pages.tones import Tone, tone_of
from pact_portal.foundation.richtext.allowlist import clean

register = template.Library()

MOST_FILTERS, SHOWN_FILTERS = 6, 4
NO_BREAK_SPACE = "\u00a0"
ICONS = {Tone.POSITIVE: "check", Tone.WARNING: "clock", Tone.NEGATIVE: "triangle-alert", Tone.INFO: "circle-dot"}


@register.simple_tag
def icon(name: str, size: int = 20) -> SafeString:
    """A decorative lucide icon, hidden from screen readers: put words beside it."""
    return mark_safe(lucide(name, size=size, aria_hidden="true"))


@register.simple_tag
def status(state: str, label: str | Promise = "", tone: str = "") -> SafeString:
    """Badge for a state: `{% status question.state question.get_state_display %}`.

    The colour follows from the state (see pages/tones.py) unless `tone` names one: neutral, info, positive, warning
    or negative. The label says the same in words, so colour is never alone.
    """
    chosen = Tone(tone) if tone else tone_of(str(state))
    mark = icon(ICONS[chosen], 14) if chosen in ICONS else ""
    return format_html('<span class="status status--{}">{}<span>{}</span></span>', chosen.value, mark, label or state)


@register.filter
def euro(amount: Decimal | float | str | None, decimals: int | None = None) -> str:
    """An amount in euros in the language of the page, such as "€ 1.234,56".

    Cents show when there are any; `|euro:2` always shows them, `|euro:0` rounds them off. Nothing gives "–".
    """
    if amount is None or amount == "":
        return "–"
    try:
        value = Decimal(str(amount))
    except InvalidOperation:
        return str(amount)
    if decimals is None:
        decimals = 0 if value == value.to_integral_value() else 2
    value = value.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    shown = number_format(abs(value), decimal_pos=decimals, use_l10n=True, force_grouping=True)
    minus = "−" if value < 0 else ""
    return f"{minus}€{NO_BREAK_SPACE}{shown}"


@register.filter
def size(octets: int | None) -> str:
    """A file size in words of the page's language, such as "1,2 MB"."""
    return filesizeformat(octets or 0)


@register.filter
def rich(html: str | None) -> SafeString:
    """Rich text, cleaned by the one allow-list and then shown as HTML."""
    return mark_safe(clean(html or ""))


@register.filter
def share(part: Any, whole: Any) -> int:
    """Part of a whole as a percentage, 0 to 100, whole numbers; for `<progress max="100">` and for sentences.

    It says 0 only of nothing, and 100 only of all: 99.6 is 99.
    """
    try:
        exact = 100 * Decimal(str(part)) / Decimal(str(whole))
    except (InvalidOperation, ZeroDivisionError):
        return 0
    if 0 < exact < 100:
        return max(1, min(99, round(exact)))
    return max(0, min(100, round(exact)))


@register.filter
def initials(name: str) -> str:
    """At most two capitals for the round mark of a person or pact: "regio Alkmaar" gives "RA"."""
    words = [word for word in str(name).replace("@", " ").replace(".", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper()


@dataclass(frozen=True, slots=True)
class Filters:
    """The fields of a form of filters: those that are always there, and those behind "Meer filters"."""

    shown: list[BoundField]
    folded: list[BoundField]

    @property
    def is_open(self) -> bool:
        """Whether one that is folded away was chosen: nobody should look for why the list is short."""
        return any(field.data for field in self.folded)


@register.filter
def folding(form: BaseForm) -> Filters:
    """Divide the filters above a list: on a telephone more than six of them would push the list out of sight."""
    fields = form.visible_fields()
    cut = SHOWN_FILTERS if len(fields) > MOST_FILTERS else len(fields)
    return Filters(fields[:cut], fields[cut:])


@register.filter
def page_numbers(paginator: Paginator, number: int) -> Iterator[int | str]:
    """The page numbers to show around this one, with an ellipsis where pages are left out."""
    return paginator.get_elided_page_range(number, on_each_side=1, on_ends=1)


@register.simple_tag(takes_context=True)
def page_address(context: template.Context, parameter: str, number: int) -> str:
    """The query string of this page with another page number: filters stay, as they were typed."""
    query = context["request"].GET.copy()
    query[parameter] = str(number)
    return f"?{query.urlencode()}"
