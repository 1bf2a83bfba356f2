"""Whether the text can be frozen, and what stands in the way: each point with the page where it is mended."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any
from urllib.parse import urlsplit

from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from partners.organisations.models import Partnership
from partners.pact.document import compile_pact
from partners.pact.models import Pact, PactSection, PactVersion, SectionPicture, Testimony
from partners.people.models import Membership
from partners.permissions import Role

LINK = re.compile(r'<a\b(?:[^>]*\bhref="(?P<address>[^"]*)")?[^>]*>(?P<words>.*?)</a>')


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One point, as a sentence that says what to do, and the page to do it on. What does not block only warns."""

    sentence: str
    url: str
    blocks: bool = True


def ingredients(pact: Pact) -> dict[str, Any]:
    """The rows of today from which `compile_pact` makes the document."""
    return {
        "sections": list(PactSection.objects.in_pact(pact).in_text()),
        "signatories": list(Partnership.objects.in_pact(pact).current().signatories().select_related("organisation")),
        "pictures": list(
            SectionPicture.objects.in_pact(pact).filter(removed_at__isnull=True, section__removed_at__isnull=True)
        ),
        "testimonies": list(Testimony.objects.in_pact(pact).filter(section__removed_at__isnull=True)),
    }


def obstacles(pact: Pact) -> list[Obstacle]:
    """What stands in the way of freezing, and what its maker should know before; the blocking points first."""
    rows = ingredients(pact)
    found = [
        *_of_text(pact, rows["sections"]),
        *_of_signatories(pact, rows["signatories"]),
        *_of_pictures(pact, rows["pictures"]),
        *_of_testimonies(pact, rows["testimonies"]),
    ]
    return sorted(found, key=lambda obstacle: not obstacle.blocks)


def is_unchanged_since(pact: Pact, version: PactVersion) -> bool:
    """Whether a version frozen now would say the same as this one."""
    document = compile_pact(
        pact, **ingredients(pact), number=version.number, frozen_at=timezone.localtime(version.frozen_at)
    )
    return document.fingerprint == version.content_sha256


def _of_text(pact: Pact, sections: list[PactSection]) -> list[Obstacle]:
    found = []
    if not any(section.body for section in sections):
        url = reverse("partners:pact_detail", args=[pact.slug])
        found.append(Obstacle(_("Het pact heeft nog geen tekst. Schrijf eerst ten minste één onderdeel."), url))
    for section in sections:
        edit_url = reverse("partners:section_edit", args=[pact.slug, section.pk])
        if not section.title.strip():
            sentence = _("Onderdeel %(number)s heeft geen titel. Geef het een titel.") % {"number": section.position}
            found.append(Obstacle(sentence, reverse("partners:section_rename", args=[pact.slug, section.pk])))
        if not section.body:
            sentence = _("“%(title)s” heeft nog geen tekst en komt niet in de versie.") % {"title": section}
            found.append(Obstacle(sentence, edit_url, blocks=False))
        found += [
            Obstacle(
                _("In “%(title)s” klopt de link bij “%(words)s” niet. Verbeter het adres.")
                % {"title": section, "words": unescape(strip_tags(link["words"]))},
                edit_url,
            )
            for link in LINK.finditer(section.body)
            # What could be no address at all, the allow-list of rich text has taken out of the link.
            if not _can_lead_somewhere(unescape(link["address"] or ""))
        ]
    return found


def _can_lead_somewhere(link: str) -> bool:
    """Whether the address has the form of one; whether anything is there, nobody asks."""
    try:
        parts = urlsplit(link)
        if re.search(r"\s", link):
            return False
        if parts.scheme == "mailto":
            return re.fullmatch(r"[^@]+@[^@]+\.[^@.]+", parts.path) is not None
        return "." in (parts.hostname or "").strip(".")
    except ValueError:
        return False


def _of_signatories(pact: Pact, signatories: list[Partnership]) -> list[Obstacle]:
    if not signatories:
        url = reverse("partners:organisation_list", args=[pact.slug])
        return [Obstacle(_("Er is nog geen partner die ondertekent. Voeg eerst een ondertekenaar toe."), url)]
    able = set(
        Membership.objects.in_pact(pact).current().in_roles(Role.SIGNATORY).values_list("partnership_id", flat=True)
    )
    unable = [str(partner) for partner in signatories if partner.pk not in able]
    if not unable:
        return []
    sentence = _(
        "Namens %(partners)s kan nog niemand elektronisch tekenen. Nodig een ondertekenaar uit, of laat op papier "
        "tekenen."
    ) % {"partners": get_text_list(unable, _("en"))}
    return [Obstacle(sentence, reverse("partners:people_list", args=[pact.slug]), blocks=False)]


def _of_pictures(pact: Pact, pictures: list[SectionPicture]) -> list[Obstacle]:
    found = []
    for picture in pictures:
        url = reverse("partners:picture_edit", args=[pact.slug, picture.pk])
        if not picture.alt.strip():
            found.append(
                Obstacle(_("Een afbeelding heeft geen beschrijving. Beschrijf haar voor wie haar niet ziet."), url)
            )
        if not default_storage.exists(str(picture.file.name)):
            sentence = _("Het bestand van de afbeelding “%(alt)s” is weg. Voeg de afbeelding opnieuw toe.")
            found.append(Obstacle(sentence % {"alt": picture.alt}, url))
    return found


def _of_testimonies(pact: Pact, testimonies: list[Testimony]) -> list[Obstacle]:
    found = []
    for testimony in testimonies:
        if testimony.section_id is None:
            continue
        url = reverse("partners:testimony_edit", args=[pact.slug, testimony.pk])
        if testimony.consent_withdrawn_at:
            sentence = _("De toestemming voor “%(words)s” is ingetrokken. Deze stem komt niet in de versie.")
            found.append(Obstacle(sentence % {"words": testimony}, url, blocks=False))
        elif not testimony.consent_note.strip() or testimony.consent_on > timezone.localdate():
            sentence = _("Bij “%(words)s” klopt de toestemming niet. Leg vast wanneer en hoe die is gegeven.")
            found.append(Obstacle(sentence % {"words": testimony}, url))
    return found
