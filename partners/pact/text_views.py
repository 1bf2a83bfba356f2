"""The pages on which the text of the pact is made: its sections, their history, what stands beside them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db.models import Prefetch
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from pact_portal.foundation.pages import confirm
from pact_portal.foundation.richtext.editing import edit
from pact_portal.foundation.richtext.revisions import StaleText, restore_text
from pact_portal.foundation.richtext.wording import Change, compare_texts
from partners.pact import workflow
from partners.pact.forms import (
    ChooseTwoForm,
    MoveForm,
    PictureForm,
    PictureTextForm,
    RestoreForm,
    SectionForm,
    TestimonyForm,
)
from partners.pact.models import Pact, PactSection, SectionPicture, Testimony
from partners.pact.testimonies import versions_with
from partners.permissions import PactRequest, Permission, requires


def sections_of(pact: Pact) -> Any:
    """The sections of a pact with what stands beside each: `shown_pictures` and `shown_testimonies`."""
    rows: Any = PactSection.objects.in_pact(pact).select_related("edited_by", "pact")
    pictures: Any = SectionPicture.objects.in_pact(pact).filter(removed_at__isnull=True)
    testimonies: Any = Testimony.objects.in_pact(pact).filter(consent_withdrawn_at__isnull=True)
    return rows.prefetch_related(
        Prefetch("pictures", pictures, to_attr="shown_pictures"),
        Prefetch("testimonies", testimonies, to_attr="shown_testimonies"),
    )


def _section(request: PactRequest, pk: int) -> PactSection:
    section: PactSection = get_object_or_404(sections_of(request.pact), pk=pk)
    return section


def _place(section: PactSection) -> str:
    """The address of a section on the page of the text."""
    return f"{reverse('partners:pact_detail', args=[section.pact.slug])}#section-{section.pk}"


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def section_add(request: PactRequest, pact: str) -> HttpResponse:
    form = SectionForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            section = workflow.add_section(request.pact, title=form.cleaned_data["title"], body="", by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Het onderdeel “%(title)s” is toegevoegd.") % {"title": section})
            return redirect("partners:section_edit", pact, section.pk)
    return render(request, "partners/pact/section_form.html", {"form": form})


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
@vary_on_headers("HX-Request")
def section_edit(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    """Edit one section: within the page by htmx, on a page of its own without.

    What is saved for a section that somebody removed meanwhile is kept with it, and the page says so.
    """
    section = _section(request, pk)
    editor = edit(request, section, by=request.user)
    context: dict[str, Any] = {"section": section, "editor": editor, "form": editor.form, "may_edit": True}
    if editor.saved:
        saved = _("“%(title)s” is bewaard om %(time)s.") % {"title": section, "time": date_format(localtime(), "H:i")}
        if request.htmx:
            context |= {"section": _section(request, pk), "announcement": saved}
            return render(request, "partners/pact/detail.html#section", context)
        messages.success(request, saved)
        if section.removed_at:
            messages.warning(request, _removed(section))
            return redirect("partners:section_history", pact, section.pk)
        return redirect(_place(section))
    if request.htmx:
        context["target"] = f"#section-{section.pk}"
        return render(request, "partners/pact/section_edit.html#editor", context)
    return render(request, "partners/pact/section_edit.html", context)


def _removed(section: PactSection) -> str:
    return _("“%(title)s” is intussen weggehaald uit de tekst. Zet het onderdeel terug als het erin hoort.") % {
        "title": section
    }


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def section_rename(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    section = _section(request, pk)
    form = SectionForm(request.POST if request.method == "POST" else None, initial={"title": section.title})
    if request.method == "POST" and form.is_valid():
        try:
            section = workflow.rename_section(section, title=form.cleaned_data["title"], by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Het onderdeel heet nu “%(title)s”.") % {"title": section})
            return redirect(_place(section))
    return render(request, "partners/pact/section_form.html", {"form": form, "section": section})


@requires(Permission.EDIT_PACT)
@require_POST
def section_move(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    section, form = _section(request, pk), MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Kies of het onderdeel omhoog of omlaag moet."))
        return redirect(_place(section))
    try:
        moved = workflow.move_section(section, up=form.cleaned_data["direction"] == "up", by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
        return redirect("partners:pact_detail", pact)
    messages.success(
        request, _("“%(title)s” staat nu op plaats %(place)s.") % {"title": moved, "place": moved.position}
    )
    return redirect(_place(section))


@requires(Permission.EDIT_PACT)
@require_POST
def section_remove(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    section = _section(request, pk)
    page = confirm.ask(
        request,
        title=_("Onderdeel weghalen"),
        consequence=removing(section),
        button=_("Weghalen"),
        back=_place(section),
        danger=True,
    )
    if page:
        return page
    workflow.remove_section(section, by=request.user)
    messages.success(
        request, _("“%(title)s” is weggehaald. Onderaan deze pagina kunt u het terugzetten.") % {"title": section}
    )
    return redirect("partners:pact_detail", pact)


def removing(section: PactSection) -> str:
    """What it means to remove the section, for who is about to."""
    return _(
        "“%(title)s” verdwijnt uit de tekst, met de afbeeldingen en stemmen ernaast. U kunt het later terugzetten. "
        "Vastgestelde versies veranderen niet."
    ) % {"title": section}


@requires(Permission.EDIT_PACT)
@require_POST
def section_put_back(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    section = workflow.put_back_section(_section(request, pk), by=request.user)
    messages.success(
        request,
        _("“%(title)s” staat weer in de tekst, op plaats %(place)s.") % {"title": section, "place": section.position},
    )
    return redirect(_place(section))


@requires(Permission.READ)
@require_safe
def section_history(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    """Every saved state of a section with who and when, and what changed between two of them."""
    section = _section(request, pk)
    revisions = list(section.revisions.defer("body").select_related("saved_by"))
    choices = [
        (
            revision.number,
            _("Revisie %(number)s, %(when)s")
            % {"number": revision.number, "when": date_format(localtime(revision.saved_at), "j F Y H:i")},
        )
        for revision in revisions
    ]
    context: dict[str, Any] = {
        "section": section,
        "revisions": revisions,
        "may_edit": request.access.can(Permission.EDIT_PACT),
    }
    status = 200
    if len(revisions) > 1:
        newest = {"from": revisions[1].number, "to": revisions[0].number}
        asked = "from" in request.GET or "to" in request.GET
        form = ChooseTwoForm(request.GET if asked else newest, choices=choices)
        context["form"] = form
        if form.is_valid():
            context |= _compared(section, form.cleaned_data["from"], form.cleaned_data["to"])
        else:
            status = 404
    return render(request, "partners/pact/section_history.html", context, status=status)


def _compared(section: PactSection, older: int, newer: int) -> dict[str, Any]:
    """What templates/partners/pact/section_history.html shows of two revisions."""
    bodies = dict(section.revisions.filter(number__in=[older, newer]).values_list("number", "body"))
    passages = compare_texts(bodies[older], bodies[newer])
    return {
        "older": older,
        "newer": newer,
        "passages": passages,
        "is_same": all(passage.change is Change.SAME for passage in passages),
        "is_identical": bodies[older] == bodies[newer],
    }


@requires(Permission.EDIT_PACT)
@require_POST
def section_restore(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    section, form = _section(request, pk), RestoreForm(request.POST)
    there = reverse("partners:section_history", args=[pact, pk])
    if not form.is_valid():
        messages.error(request, _("Kies welke revisie u wilt terugzetten."))
        return redirect(there)
    number, base = form.cleaned_data["number"], form.cleaned_data["base"]
    try:
        restored = restore_text(section, number=number, base=base, by=request.user)
    except StaleText as stale:
        messages.warning(
            request,
            _("%(who)s heeft deze tekst intussen bewaard. Er is niets teruggezet. Bekijk eerst het verschil.")
            % {"who": stale.current.edited_by},
        )
        return redirect(f"{there}?from={number}&to={stale.current.revision}")
    except ObjectDoesNotExist as fault:
        raise Http404(_("Deze revisie is er niet.")) from fault
    messages.success(
        request,
        _("De tekst van revisie %(number)s staat er weer, als revisie %(newest)s.")
        % {"number": number, "newest": restored.revision},
    )
    return redirect(there)


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def picture_add(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    section = _section(request, pk)
    form = PictureForm(request.POST, request.FILES) if request.method == "POST" else PictureForm()
    if request.method == "POST" and form.is_valid():
        try:
            workflow.add_picture(
                section,
                image=form.cleaned_data["image"],
                alt=form.cleaned_data["alt"],
                caption=form.cleaned_data["caption"],
                by=request.user,
            )
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("De afbeelding staat naast “%(title)s”.") % {"title": section})
            return redirect(_place(section))
    return render(request, "partners/pact/picture_form.html", {"form": form, "section": section})


def _picture(request: PactRequest, pk: int) -> SectionPicture:
    pictures = SectionPicture.objects.in_pact(request.pact).filter(removed_at__isnull=True)
    picture: SectionPicture = get_object_or_404(pictures.select_related("section__pact"), pk=pk)
    return picture


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def picture_edit(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    picture = _picture(request, pk)
    form = PictureTextForm(
        request.POST if request.method == "POST" else None, initial={"alt": picture.alt, "caption": picture.caption}
    )
    if request.method == "POST" and form.is_valid():
        try:
            workflow.describe_picture(picture, **form.cleaned_data, by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("De beschrijving van de afbeelding is bewaard."))
            return redirect(_place(picture.section))
    context = {"form": form, "section": picture.section, "picture": picture}
    return render(request, "partners/pact/picture_form.html", context)


@requires(Permission.EDIT_PACT)
@require_POST
def picture_move(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    picture, form = _picture(request, pk), MoveForm(request.POST)
    if form.is_valid():
        workflow.move_picture(picture, up=form.cleaned_data["direction"] == "up", by=request.user)
        messages.success(request, _("De volgorde van de afbeeldingen is bewaard."))
    else:
        messages.error(request, _("Kies of de afbeelding omhoog of omlaag moet."))
    return redirect(_place(picture.section))


@requires(Permission.EDIT_PACT)
@require_POST
def picture_remove(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    picture = _picture(request, pk)
    page = confirm.ask(
        request,
        title=_("Afbeelding weghalen"),
        consequence=_("De afbeelding verdwijnt uit de tekst. Versies waarin zij al staat, houden haar."),
        button=_("Weghalen"),
        back=_place(picture.section),
        danger=True,
    )
    if page:
        return page
    workflow.remove_picture(picture, by=request.user)
    messages.success(request, _("De afbeelding is weggehaald."))
    return redirect(_place(picture.section))


@requires(Permission.EDIT_PACT)
@require_safe
def testimony_list(request: PactRequest, pact: str) -> HttpResponse:
    """Every testimony with its consent, and where it stands; only for who writes the text."""
    testimonies = Testimony.objects.in_pact(request.pact).select_related("section")
    return render(request, "partners/pact/testimony_list.html", {"testimonies": testimonies})


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def testimony_add(request: PactRequest, pact: str) -> HttpResponse:
    initial = {"section": request.GET.get("section", "")[:18]}
    form = TestimonyForm(request.POST if request.method == "POST" else None, pact=request.pact, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            workflow.add_testimony(request.pact, **form.cleaned_data, by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("De stem is vastgelegd, met de toestemming erbij."))
            return redirect("partners:testimony_list", pact)
    return render(request, "partners/pact/testimony_form.html", {"form": form})


@requires(Permission.EDIT_PACT)
@require_http_methods(["GET", "POST"])
def testimony_edit(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    """Change a testimony; the words that stand in a version stay, and then only its place can be chosen."""
    testimony = get_object_or_404(Testimony.objects.in_pact(request.pact).select_related("section"), pk=pk)
    standing = versions_with(testimony)
    form = TestimonyForm(
        request.POST if request.method == "POST" else None,
        pact=request.pact,
        only_place=bool(standing),
        initial={name: getattr(testimony, name) for name in (*workflow.SPOKEN, "section")},
    )
    may_change = testimony.consent_withdrawn_at is None
    if request.method == "POST" and form.is_valid():
        try:
            workflow.edit_testimony(testimony, **form.cleaned_data, by=request.user)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("De stem is bewaard."))
            return redirect("partners:testimony_list", pact)
    context = {
        "form": form,
        "testimony": testimony,
        "standing": listed(standing),
        "may_change": may_change,
        "consequence": withdrawing(standing),
    }
    return render(request, "partners/pact/testimony_form.html", context)


def listed(numbers: list[int]) -> str:
    """The numbers in words, such as "1, 2 en 3"; "" for none."""
    return str(get_text_list([str(number) for number in numbers], _("en")))


def withdrawing(standing: list[int]) -> str:
    """What it means to withdraw the consent to words that stand in these versions."""
    sentence = _("De stem komt in geen nieuwe versie meer. Dit is niet terug te draaien.")
    if standing:
        sentence += " " + _(
            "In versie %(numbers)s blijft de stem staan. Daar komt bij dat de toestemming is ingetrokken."
        ) % {"numbers": listed(standing)}
    return sentence


@requires(Permission.EDIT_PACT)
@require_POST
def testimony_withdraw(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    testimony = get_object_or_404(Testimony.objects.in_pact(request.pact), pk=pk)
    page = confirm.ask(
        request,
        title=_("Toestemming intrekken"),
        consequence=withdrawing(versions_with(testimony)),
        button=_("Intrekken"),
        back=reverse("partners:testimony_edit", args=[pact, pk]),
        danger=True,
    )
    if page:
        return page
    workflow.withdraw_consent(testimony, by=request.user)
    messages.success(request, _("Vastgelegd: de toestemming is ingetrokken."))
    return redirect("partners:testimony_list", pact)
