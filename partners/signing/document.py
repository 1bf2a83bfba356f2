"""From a deed to documents: the sheet for accession, the sheet to sign on paper, the page with the evidence. Pure."""

from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import override

from pact_portal.foundation.documents.blocks import (
    Block,
    Chapter,
    Document,
    Fact,
    Facts,
    Items,
    Paragraph,
    Party,
    SignatureSheet,
)
from partners.organisations.models import Partnership
from partners.pact.document import LANGUAGE
from partners.pact.models import Pact, PactVersion
from partners.signing import evidence
from partners.signing.models import Deed, Signature, SignaturePlace


def compile_accession(
    version: PactVersion, *, partner: Partnership, number: int, file_sha256: str, made_at: datetime
) -> Document:
    """The further sheet by which `partner` accedes to a version: what it accedes to, by its hashes, and its field.

    `file_sha256` is that of the newest file of the pact itself.
    """
    pact = version.pact
    with override(LANGUAGE):
        return Document(
            kind="pact",
            title=_("Toetreding tot %(pact)s") % {"pact": pact.name},
            subtitle=partner.organisation.name,
            pact_name=pact.name,
            chapters=[
                # One chapter, as a chapter with a sheet takes the width of the page: no hash is broken off.
                Chapter(
                    key="toetreding",
                    number="1",
                    title=_("Toetreding"),
                    blocks=[
                        Paragraph(
                            _("%(partner)s heeft de tekst van %(pact)s gelezen en treedt toe tot het pact.")
                            % {"partner": partner.organisation.name, "pact": pact.name}
                        ),
                        Facts(
                            [
                                Fact(_("Pact"), pact.name),
                                Fact(_("Versie"), str(version.number)),
                                Fact(_("Vastgesteld"), _day(version.frozen_at)),
                                Fact(_("Kenmerk van de inhoud"), version.content_sha256),
                                Fact(_("SHA-256 van het bestand"), file_sha256),
                            ]
                        ),
                        SignatureSheet(
                            title=_("Toetredende partner"),
                            parties=[Party(name=partner.organisation.name, key=f"partnership-{partner.pk}")],
                            statement=_("Deze partner onderschrijft het %(pact)s, versie %(number)s.")
                            % {"pact": pact.name, "number": version.number},
                        ),
                    ],
                ),
            ],
            version=version.number,
            state=_("Blad %(number)s voor toetreding") % {"number": number},
            frozen_at=made_at.isoformat(timespec="seconds"),
            language=LANGUAGE,
            hue=pact.hue,
            notice=_("Voorbeeldgegevens") if pact.is_example else "",
            author=_("Partners van %(pact)s") % {"pact": pact.name},
            cover=[Fact(_("Partner"), partner.organisation.name)],
            colophon=[Fact(_("Pact"), pact.name), Fact(_("Versie"), str(version.number))],
        )


def compile_sheet(place: SignaturePlace) -> Document:
    """The own sheet of one partner, to print, sign and scan: what is signed, by its hash, and room to write."""
    deed, partner = place.deed, place.partnership
    version, pact = deed.version, deed.version.pact
    with override(LANGUAGE):
        return _small(
            pact,
            kind="sheet",
            title=_("Tekenblad voor %(partner)s") % {"partner": partner.organisation.name},
            made_at=deed.opened_at,
            version=version.number,
            chapters=[
                Chapter(
                    key="tekst",
                    title=_("Wat u tekent"),
                    blocks=[
                        Facts(
                            [
                                Fact(_("Pact"), pact.name),
                                Fact(_("Versie"), str(version.number)),
                                Fact(_("Vastgesteld"), _day(version.frozen_at)),
                                *([Fact(_("Blad voor toetreding"), str(deed.number))] if deed.number else []),
                                Fact(_("Kenmerk van de inhoud (SHA-256)"), deed.content_sha256),
                            ]
                        ),
                        Paragraph(
                            _(
                                "Lees eerst de tekst van deze versie. Het kenmerk hierboven hoort bij die tekst en "
                                "bij geen andere. Het staat ook in de PDF van het pact."
                            )
                        ),
                        Items(
                            [
                                _("Druk dit blad af en onderteken het met de hand."),
                                _("Vul naam, functie, mandaat, plaats en datum in."),
                                _("Geef het blad of een scan aan de coördinator van het pact, die het vastlegt."),
                            ],
                            numbered=True,
                        ),
                    ],
                ),
                Chapter(
                    key="ondertekening",
                    title=_("Ondertekening"),
                    blocks=[
                        SignatureSheet(
                            title=partner.organisation.name,
                            parties=[Party(name=partner.organisation.name)],
                            statement=_("Deze partner onderschrijft het %(pact)s, versie %(number)s.")
                            % {"pact": pact.name, "number": version.number},
                        ),
                        Facts([Fact(_("Mandaat"), "")]),
                    ],
                ),
            ],
        )


def compile_evidence(signature: Signature) -> Document:
    """The page with the evidence of one signature. Of one on paper: its scan, and who recorded it."""
    place = signature.place
    deed = place.deed
    version, pact = deed.version, deed.version.pact
    is_electronic = signature.way == Signature.Way.ELECTRONIC
    with override(LANGUAGE):
        return _small(
            pact,
            kind="evidence",
            title=_("Bewijs bij de handtekening van %(partner)s") % {"partner": signature.organisation},
            made_at=signature.signed_at,
            version=version.number,
            chapters=[
                Chapter(key="handtekening", title=_("De handtekening"), blocks=[Facts(_signature_facts(signature))]),
                Chapter(key="gelezen", title=_("Wat er is getekend"), blocks=[Facts(_text_facts(deed, signature))]),
                *(
                    [Chapter(key="inloggen", title=_("Hoe is ingelogd"), blocks=[Facts(_sign_in_facts(signature))])]
                    if is_electronic
                    else []
                ),
                Chapter(key="controle", title=_("Hoe u dit controleert"), blocks=_how_to_check(is_electronic)),
            ],
        )


def evidence_facts(signature: Signature) -> list[Fact]:
    """All that is known of a signature, as labels and values in the language that is active: for the page."""
    facts = [*_signature_facts(signature), *_text_facts(signature.place.deed, signature)]
    return [*facts, *_sign_in_facts(signature)] if signature.way == Signature.Way.ELECTRONIC else facts


def _signature_facts(signature: Signature) -> list[Fact]:
    known = signature.evidence
    is_electronic = signature.way == Signature.Way.ELECTRONIC
    facts = [
        Fact(_("Partner"), signature.organisation),
        Fact(_("Naam"), signature.signatory),
        Fact(_("Functie"), signature.function),
        Fact(_("Mandaat"), signature.mandate),
        Fact(_("Plaats"), signature.signed_in),
        Fact(_("Datum"), date_format(signature.signed_on, "j F Y")),
        Fact(_("Wijze"), str(signature.get_way_display())),
    ]
    if is_electronic:
        facts.append(Fact(_("Soort handtekening"), str(evidence.LEVEL)))
    else:
        facts.append(Fact(_("Vastgelegd door"), known.get("account_name", "")))
        facts.append(Fact(_("SHA-256 van de scan"), signature.scan_sha256))
    facts.append(Fact(_("Tijd van de server"), _moment(signature.signed_at)))
    facts.append(Fact(_("Volgorde"), str(known.get("order", ""))))
    return facts


def _text_facts(deed: Deed, signature: Signature) -> list[Fact]:
    known = signature.evidence
    facts = [
        Fact(_("Pact"), deed.version.pact.name),
        Fact(_("Versie"), str(deed.version.number)),
        *([Fact(_("Blad voor toetreding"), str(deed.number))] if deed.number else []),
        Fact(_("Kenmerk van de inhoud (SHA-256)"), deed.content_sha256),
    ]
    if signature.way == Signature.Way.ELECTRONIC:
        facts.append(Fact(_("SHA-256 van het gelezen bestand"), known.get("file_sha256", "")))
        facts.append(Fact(_("Hiermee ging de ondertekenaar akkoord"), known.get("consent", "")))
        revision = getattr(signature, "revision", None)
        if revision:
            facts.append(Fact(_("SHA-256 van het getekende bestand"), revision.sha256))
            facts.append(Fact(_("Zegel gezet"), _moment(revision.made_at)))
            facts.append(Fact(_("Zegelcertificaat (SHA-256)"), revision.certificate.fingerprint))
    return facts


def _sign_in_facts(signature: Signature) -> list[Fact]:
    known = signature.evidence
    return [
        Fact(_("Account"), known.get("account_name", "")),
        Fact(_("Ingelogd met"), evidence.method_name(known.get("sign_in_method", "")) or _("niet vastgelegd")),
        Fact(_("Ingelogd om"), _known_moment(known.get("sign_in_at", ""))),
        Fact(_("Tweede factor"), evidence.method_name(known.get("second_factor", "")) or _("geen")),
        Fact(_("Tweede factor om"), _known_moment(known.get("second_factor_at", ""))),
        Fact(_("Opnieuw bewezen wie men is om"), _known_moment(known.get("reauthenticated_at", ""))),
        Fact(_("IP-adres"), known.get("ip", "")),
        Fact(_("Browser"), known.get("browser", "")),
    ]


def _how_to_check(is_electronic: bool) -> list[Block]:
    if not is_electronic:
        return [
            Paragraph(
                _(
                    "De handtekening staat op papier. De scan is in het portaal bewaard; zijn code staat hierboven. "
                    "In de PDF van het pact blijft het veld van deze partner leeg."
                )
            )
        ]
    return [
        Paragraph(
            _(
                "Dit is een %(level)s. Het zegel laat zien dat het bestand na het tekenen niet is veranderd. Wie er "
                "tekende, blijkt uit de gegevens op dit blad."
            )
            % {"level": evidence.LEVEL}
        ),
        Items(
            [
                _("Lever de PDF van het pact in op de pagina ‘Controleren’ van het portaal."),
                _("Of controleer het zegel met een programma dat handtekeningen in een PDF laat zien."),
            ],
            numbered=True,
        ),
    ]


def _small(pact: Pact, *, kind: str, title: str, made_at: datetime, version: int, chapters: list[Chapter]) -> Document:
    return Document(
        kind=kind,
        title=title,
        pact_name=pact.name,
        chapters=chapters,
        version=version,
        frozen_at=localtime(made_at).replace(microsecond=0).isoformat(timespec="seconds"),
        language=LANGUAGE,
        hue=pact.hue,
        notice=_("Voorbeeldgegevens") if pact.is_example else "",
        author=_("Partners van %(pact)s") % {"pact": pact.name},
    )


def _day(moment: datetime) -> str:
    return date_format(localtime(moment), "j F Y")


def _moment(moment: datetime) -> str:
    """A moment to the second, with its offset: it is evidence."""
    return date_format(localtime(moment), "j F Y H:i:s O")


def _known_moment(value: str) -> str:
    moment = evidence.moment_of(value)
    return _moment(moment) if moment else _("niet vastgelegd")
