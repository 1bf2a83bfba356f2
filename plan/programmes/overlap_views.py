"""The pages of overlap: all pairs of a pact, and the mark that the coordinator puts at one of them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from partners.pact.models import Pact
from partners.permissions import PactRequest, Permission, requires
from plan.chain.codes import CODE, page_of
from plan.programmes import marking, overlapping
from plan.programmes.models import Layer, OverlapMark
from plan.programmes.overlap import Item, Pair, overlaps
from plan.programmes.overlap_forms import MarkForm, OverlapFilterForm

PER_PAGE = 25


@requires(Permission.READ)
@require_GET
@vary_on_headers("HX-Request")
def overlap(request: PactRequest, pact: str) -> HttpResponse:
    found = overlapping.read(request.pact)
    form = OverlapFilterForm(request.GET, pact=request.pact)
    pairs = form.among(found)
    page = Paginator(pairs, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "overlaps": shown(request.pact, found, list(page)),
        "unmarked": sum(1 for pair in pairs if pair.key not in found.marks),
        "may_mark": request.access.can(Permission.CURATE_QUESTIONS),
        "left_over": [_left_over(request.pact, mark) for mark in form.left_over(found)] if page.number == 1 else [],
        "is_filtered": any(value for name, value in request.GET.items() if name != "page"),
    }
    return render(request, f"plan/programmes/overlap.html{'#rows' if request.htmx else ''}", context)


def _left_over(pact: Pact, mark: OverlapMark) -> dict[str, Any]:
    """A mark of two that overlap no more, as the page shows it."""
    return {
        "mark": mark,
        "seen": marking.seen_of(mark),
        "mark_url": reverse("plan:overlap_mark", args=[pact.slug, mark.first, mark.second]),
        "after_clearing": _after_clearing((mark.first, mark.second), stands=False),
        "sides": [(code, page_of(pact.slug, code)) for code in (mark.first, mark.second)],
    }


@requires(Permission.CURATE_QUESTIONS)
@require_http_methods(["GET", "POST"])
def mark(request: PactRequest, pact: str, first: str, second: str) -> HttpResponse:
    """Mark two as tuned or as better merged, change that, or clear it."""
    items = {item.code: item for item in overlapping.items_of(request.pact)}
    codes = _in_order(first, second)
    existing = overlapping.marks_of(request.pact).get(codes)
    if any(code not in items for code in codes) and existing is None:
        raise Http404
    pair = Pair(items[codes[0]], items[codes[1]]) if all(code in items for code in codes) else None
    stands = pair is not None and overlaps(pair.first, pair.second)
    if existing is None and not stands:
        messages.info(request, _("%(first)s en %(second)s overlappen elkaar niet.") % _named(codes))
        return redirect("plan:overlap", pact)
    if "clear" in request.POST:
        return _clear(request, codes, stands=stands)
    initial = {"kind": existing.kind, "note": existing.note} if existing else {}
    form = MarkForm(
        request.POST if request.method == "POST" else None, initial={**initial, "seen": marking.seen_of(existing)}
    )
    if request.method == "POST" and form.is_valid():
        if pair is None or not stands:
            form.add_error(None, _("Deze twee overlappen elkaar niet meer. U kunt de afspraak alleen nog wissen."))
        elif answer := _save(request, form, pair):
            return answer
        else:
            existing = overlapping.marks_of(request.pact).get(codes)
    found = overlapping.Found([], {codes: existing} if existing else {}, overlapping.names_of_partners(request.pact))
    context = {
        "form": form,
        "codes": codes,
        "overlap": shown(request.pact, found, [pair])[0] if pair and stands else None,
        "existing": existing,
        "after_clearing": _after_clearing(codes, stands=stands),
        "seen": marking.seen_of(existing),
    }
    return render(request, "plan/programmes/overlap_mark.html", context)


def _save(request: PactRequest, form: MarkForm, pair: Pair) -> HttpResponse | None:
    """Write the mark; None when the form has to be shown again."""
    values = form.cleaned_data
    try:
        _mark, written = marking.mark_overlap(
            request.pact, pair, kind=values["kind"], note=values["note"], seen=values["seen"] or None, by=request.user
        )
    except ValidationError as fault:
        # Read anew: what stands now is what a second, deliberate press replaces.
        existing = overlapping.marks_of(request.pact).get(pair.key)
        form.take_for(fault, existing or OverlapMark(), marking.seen_of(existing))
        return None
    done = _("De afspraak over %(first)s en %(second)s is bewaard.")
    same = _("Deze afspraak over %(first)s en %(second)s stond er al.")
    messages.success(request, (done if written else same) % _named(pair.key))
    return redirect("plan:overlap", request.pact.slug)


def _clear(request: PactRequest, codes: tuple[str, str], *, stands: bool) -> HttpResponse:
    page = confirm.ask(
        request,
        title=_("Afspraak wissen"),
        consequence=_after_clearing(codes, stands=stands),
        button=_("Wissen"),
        back=request.path,
        danger=True,
    )
    if page:
        return page
    try:
        cleared = marking.clear_mark(request.pact, *codes, seen=request.POST.get("seen") or None, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
        return redirect("plan:overlap_mark", request.pact.slug, *codes)
    done, gone = _("De afspraak is gewist."), _("De afspraak was al gewist.")
    messages.success(request, done if cleared else gone)
    return redirect("plan:overlap", request.pact.slug)


def _after_clearing(codes: tuple[str, str], *, stands: bool) -> str:
    if not stands:
        return _("De afspraak over %(first)s en %(second)s staat daarna nergens meer.") % _named(codes)
    return _("%(first)s en %(second)s staan daarna weer als niet besproken op de lijst.") % _named(codes)


def _in_order(first: str, second: str) -> tuple[str, str]:
    """Two codes, the lower first, whichever way round they stand in the address; 404 for what is no two codes."""
    matches = [CODE.fullmatch(code) for code in (first, second)]
    if first == second or not all(matches):
        raise Http404
    low, high = sorted((match.group(1), int(match.group(2))) for match in matches if match)
    return f"{low[0]}{low[1]}", f"{high[0]}{high[1]}"


def _named(codes: tuple[str, str]) -> dict[str, str]:
    return {"first": codes[0], "second": codes[1]}


def shown(pact: Pact, found: overlapping.Found, pairs: list[Pair]) -> list[dict[str, Any]]:
    """Pairs as a page shows them: both with page and provider, why they overlap in words, and the mark."""
    areas, layers = overlapping.names_of_areas(pact), dict(Layer.choices)

    def side(item: Item) -> dict[str, str]:
        return {
            "code": item.code,
            "title": item.title,
            "provider": found.provider(item),
            "url": page_of(pact.slug, item.code),
        }

    rows = []
    for pair in pairs:
        mark: OverlapMark | None = found.marks.get(pair.key)
        places = sorted(found.providers[place] for place in pair.municipalities)
        rows.append(
            {
                "first": side(pair.first),
                "second": side(pair.second),
                "areas": ", ".join(name for key, name in areas.items() if key in pair.areas),
                "layers": ", ".join(str(label) for layer, label in layers.items() if layer in pair.layers),
                "ages": pair.ages,
                "places": ", ".join(places),
                "mark": mark,
                "mark_url": reverse("plan:overlap_mark", args=[pact.slug, *pair.key]),
            }
        )
    return rows


def overlaps_block(request: PactRequest, code: str) -> dict[str, Any]:
    """What `plan/programmes/overlaps_block.html` shows on the page of a programme or measure such as A3."""
    found = overlapping.read_for(request.pact, code)
    return {
        "overlaps": shown(request.pact, found, found.pairs[:PER_PAGE]),
        "overlap_count": len(found.pairs),
        "may_mark": request.access.can(Permission.CURATE_QUESTIONS),
    }
