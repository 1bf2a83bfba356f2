"""Choosing among overlaps, and marking one."""

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from partners.organisations.models import Partnership
from partners.pact.models import CollaborationArea, Pact
from plan.programmes.models import Layer, OverlapMark
from plan.programmes.overlap import Pair
from plan.programmes.overlapping import Found
from plan.questions.marked import MarkedForm

MARKED, UNMARKED = "marked", "unmarked"


class OverlapFilterForm(forms.Form):
    """Which pairs to look at, from the query string. What is not known filters nothing, and says so at its field."""

    area = forms.ModelChoiceField(
        CollaborationArea.unscoped.none(), label=_("Gebied"), required=False, empty_label=_("alle gebieden")
    )
    layer = forms.ChoiceField(label=_("Laag"), required=False, choices=[("", _("alle lagen")), *Layer.choices])
    municipality = forms.ModelChoiceField(
        Partnership.unscoped.none(), label=_("Gemeente"), required=False, empty_label=_("alle gemeenten")
    )
    provider = forms.ModelChoiceField(
        Partnership.unscoped.none(), label=_("Aanbieder of trekker"), required=False, empty_label=_("alle aanbieders")
    )
    mark = forms.ChoiceField(
        label=_("Afspraak"),
        required=False,
        choices=[
            ("", _("maakt niet uit")),
            (UNMARKED, _("nog niet besproken")),
            (MARKED, _("besproken")),
            *OverlapMark.Kind.choices,
        ],
    )

    def __init__(self, *args: Any, pact: Pact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        partners = Partnership.objects.in_pact(pact).select_related("organisation")
        rows: dict[str, Any] = {
            "area": CollaborationArea.objects.in_pact(pact),
            "municipality": partners.municipalities(),
            "provider": partners.order_by("organisation__name"),
        }
        for name, queryset in rows.items():
            cast("forms.ModelChoiceField", self.fields[name]).queryset = queryset

    def among(self, found: Found) -> list[Pair]:
        """The pairs that pass, in their order."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        area, layer, mark = chosen.get("area"), chosen.get("layer"), chosen.get("mark")
        place, provider = chosen.get("municipality"), chosen.get("provider")

        def passes(pair: Pair) -> bool:
            one, other = pair.first, pair.second
            known = found.marks.get(pair.key)
            return (
                (not area or (area.pk in one.areas and area.pk in other.areas))
                and (not layer or (layer in one.layers and layer in other.layers))
                and (not place or (one.is_in(place.pk) and other.is_in(place.pk)))
                and (not provider or provider.pk in (one.provider, other.provider))
                and (not mark or _is(known, mark))
            )

        return [pair for pair in found.pairs if passes(pair)] if chosen else found.pairs

    def left_over(self, found: Found) -> list[OverlapMark]:
        """The marks of two that overlap no more, when nothing is asked but perhaps a mark."""
        self.is_valid()
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        mark = chosen.pop("mark", MARKED)
        pairs = {pair.key for pair in found.pairs}
        return [known for key, known in found.marks.items() if not chosen and key not in pairs and _is(known, mark)]


def _is(known: OverlapMark | None, mark: str) -> bool:
    if mark in (MARKED, UNMARKED):
        return (known is not None) is (mark == MARKED)
    return known is not None and known.kind == mark


class MarkForm(MarkedForm, forms.Form):
    """What was agreed about two that overlap."""

    SHOWN = ("kind", "note")

    kind = forms.ChoiceField(
        label=_("Wat is er afgesproken?"),
        choices=OverlapMark.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Kies wat er is afgesproken.")},
    )
    note = forms.CharField(
        label=_("Toelichting"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Zijn ze op elkaar afgestemd? Schrijf dan op hoe: wie doet wat, en voor wie."),
    )
    seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if values.get("kind") == OverlapMark.Kind.TUNED and not self.errors and not values.get("note", "").strip():
            self.add_error("note", _("Schrijf op hoe beide op elkaar zijn afgestemd."))
        return values
