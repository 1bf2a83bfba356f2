"""A plan and a pact of real length, for the tests of documents: invented, in the shape that the region's have."""

from pact_portal.foundation.charts import bars, coverage, likert
from pact_portal.foundation.documents.blocks import (
    Cell,
    Chapter,
    Column,
    Document,
    Fact,
    Facts,
    Figure,
    Heading,
    Items,
    Narrative,
    Paragraph,
    Party,
    Quote,
    Row,
    SignatureSheet,
    Table,
)

FROZEN_AT = "2026-11-23T10:15:00+01:00"
PACT = "Veerkrachtpact regio Alkmaar"

AREAS = [
    "Soepele overgangen",
    "Aansluiting onderwijs en (preventieve) jeugdhulp",
    "Aansluiting onderwijs en activiteiten op het gebied van sport en cultuur",
    "Onderwijs en arbeidsmarkt",
    "Specifieke doelgroepen",
]
NEEDS = [
    "Een vast gezicht bij de overstap van basisschool naar voortgezet onderwijs",
    "Sneller een jeugd- en gezinscoach op school zonder verwijzing",
    "Mentoren die sombere gedachten durven te bespreken",
    "Een warme overdracht van peuterspeelzaal naar groep 1",
    "Na schooltijd een plek om te sporten zonder lidmaatschap",
    "Hulp voor jongeren die thuiszitten, samen met leerplicht en jeugdarts",
    "Stages voor mbo-studenten die hun plek verloren",
    "Steun voor kinderen na een scheiding in het gezin",
    "Jongeren die een andere taal spreken, sterk aan het begin van het mbo",
    "Een rustige start voor eerstejaars in het hbo",
]
PARTNERS = ["Gemeente Alkmaar", "Horizon College", "SKOA/Kiddies", "Gemeente Heiloo", "Clusius College", "Inholland"]
TEXT = [
    "Jongeren zijn veerkrachtig. Het is de omgeving die maakt of iemand kwetsbaar wordt, en die omgeving kunnen wij "
    "samen sterker maken. Daarom begint elk onderdeel van dit plan bij wat er al is en wat al werkt.",
    "De scholen vertelden in de zomer wat zij nodig hebben. Zij vragen niet om nog een loket, maar om mensen die "
    "bekend zijn in de school, die tijd hebben en die elkaar weten te vinden wanneer het spannend wordt.",
    "Voor iedere vraag is nagegaan welk aanbod er in de regio al bestaat en hoe ver dat reikt. Waar het aanbod "
    "volstaat, gaan we door; waar het bijna volstaat, verbreden we; pas daarna beginnen we iets nieuws.",
    "Het geld van de steunpakketten is tijdelijk. Bij elke maatregel staat daarom wat er overblijft als het op is: "
    "geschoolde mensen, een werkwijze die in de school is opgenomen, of een afspraak tussen partners.",
]
NOTE = (
    '<span class="footnote">Kuiper &amp; Bannink (2018), <em>Directieve Therapie</em> 37(2), 103-116. '
    'Zie ook <a href="https://www.nji.nl/preventie" rel="noopener">nji.nl/preventie</a>.</span>'
)


def euro(amount: int) -> str:
    """Whole euros in Dutch, with a space that does not break."""
    return "€\u00a0" + f"{amount:,}".replace(",", ".")


def money_chart(packages: Table) -> str:
    """Budget and allocation per package."""
    lines = [
        bars.Line(row.cells[0].text, [400_000 - 30_000 * at, 210_000 - 9_000 * at])
        for at, row in enumerate(packages.rows)
    ]
    return bars.grouped(
        "Ruim de helft van het geld is toegewezen", ["Begroot", "Toegewezen"], lines, shown_as=lambda v: euro(int(v))
    )


def sector_chart() -> str:
    """One package divided over the sectors."""
    lines = [
        bars.Line(name, [90_000, 120_000 - 20_000 * at, 60_000])
        for at, name in enumerate(["Welbevinden jeugd", "Ontmoeting", "NPO"])
    ]
    return bars.stacked(
        "Primair onderwijs krijgt het grootste deel",
        ["Kinderopvang", "Primair onderwijs", "Voortgezet onderwijs"],
        lines,
        shown_as=lambda v: euro(int(v)),
    )


def coverage_chart() -> str:
    """Areas against ages."""
    fits = ["sufficient", "partly", "none", "unknown"]
    rows = [
        (area, [coverage.Square(fits[(at + column) % 4], (at + column) % 4) for column in range(4)])
        for at, area in enumerate(AREAS)
    ]
    words = {
        "unknown": "Niet beoordeeld",
        "none": "Sluit niet aan",
        "partly": "Sluit deels aan",
        "sufficient": "Volstaat",
    }
    return coverage.heat(
        "Voor de overstap naar het mbo is er het minst",
        ["0-4 jaar", "4-12 jaar", "12-18 jaar", "18-23 jaar"],
        rows,
        fits=words,
    )


def answers_chart() -> str:
    """Three statements on a scale of five."""
    questions = [
        likert.Answers("Wij weten elkaar te vinden", [1, 2, 4, 9, 5]),
        likert.Answers("De maatregelen helpen jongeren die wij kennen", [2, 5, 6, 5, 2]),
        likert.Answers("De overdracht is warm", [0, 1, 1, 0, 0]),
    ]
    steps = ["Zeer oneens", "Oneens", "Neutraal", "Eens", "Zeer eens"]
    return likert.bars(
        "De meeste partners weten elkaar te vinden",
        steps,
        questions,
        too_few="Minder dan vijf antwoorden: niet getoond",
    )


def narrative(start: int = 0, *, paragraphs: int = 3, note: bool = True) -> Narrative:
    """Some paragraphs of running text, the first with a footnote."""
    parts = [TEXT[(start + index) % len(TEXT)] for index in range(paragraphs)]
    return Narrative("".join(f"<p>{part}{NOTE if note and index == 0 else ''}</p>" for index, part in enumerate(parts)))


def questions(area: int, count: int) -> Table:
    """The register of one area, each row linked to the measure that answers it."""
    rows = []
    for index in range(count):
        number = area * 100 + index + 1
        rows.append(
            Row(
                key=f"question-{number}",
                anchor=f"vraag-{number}",
                cells=[
                    Cell(f"V{number}"),
                    Cell(NEEDS[(area + index) % len(NEEDS)]),
                    Cell(PARTNERS[(area * 3 + index) % len(PARTNERS)]),
                    Cell(("4-12 jaar", "12-18 jaar", "16-23 jaar")[index % 3]),
                    Cell(str(40 + 15 * index)),
                    Cell(f"M{number}", to=f"maatregel-{number}"),
                ],
            )
        )
    columns = [
        Column("Nr.", "key"),
        Column("Vraag", weight=9),
        Column("Ingebracht door", weight=5),
        Column("Leeftijd", weight=3),
        Column("Jongeren", "number", weight=3),
        Column("Maatregel", weight=3),
    ]
    return Table(f"Vragen in het gebied {AREAS[area]}", columns, rows, empty="In dit gebied zijn nog geen vragen.")


def measures(area: int, count: int) -> Table:
    """The measures of one area, each row linked back to its question."""
    rows = [
        Row(
            key=f"measure-{area * 100 + index + 1}",
            anchor=f"maatregel-{area * 100 + index + 1}",
            cells=[
                Cell(f"M{area * 100 + index + 1}"),
                Cell(
                    f"{('Doorgaan', 'Verbreden', 'Starten')[index % 3]}: {NEEDS[(area + index) % len(NEEDS)].lower()}"
                ),
                Cell(PARTNERS[(area + 2 * index) % len(PARTNERS)]),
                Cell(f"V{area * 100 + index + 1}", to=f"vraag-{area * 100 + index + 1}"),
                Cell("2021-2023"),
                Cell(euro(7_500 + 2_500 * index)),
            ],
        )
        for index in range(count)
    ]
    columns = [
        Column("Nr.", "key"),
        Column("Maatregel", weight=9),
        Column("Trekker", weight=5),
        Column("Vraag", weight=2),
        Column("Periode", weight=3),
        Column("Bedrag", "euro", weight=3),
    ]
    return Table(f"Maatregelen in het gebied {AREAS[area]}", columns, rows)


def plan(*, rows_per_area: int = 14) -> Document:
    """A plan of some twenty pages; `rows_per_area` makes it longer or shorter."""
    areas = [
        block
        for index, area in enumerate(AREAS)
        for block in (
            Heading(area, anchor=f"gebied-{index + 1}"),
            narrative(index, paragraphs=2, note=index % 2 == 0),
            questions(index, rows_per_area),
        )
    ]
    work = [
        block
        for index, area in enumerate(AREAS)
        for block in (
            Heading(area, anchor=f"aanbod-{index + 1}"),
            narrative(index + 2, paragraphs=2, note=False),
            measures(index, rows_per_area),
        )
    ]
    packages = Table(
        "Steunpakketten en toewijzing",
        [Column("Pakket", weight=8), Column("Begroot", "euro"), Column("Toegewezen", "euro"), Column("Over", "euro")],
        [
            Row(f"package-{index}", [Cell(name), Cell(euro(400_000)), Cell(euro(210_000)), Cell(euro(190_000))])
            for index, name in enumerate(
                [
                    "Welbevinden jeugd in coronatijd en daarna",
                    "Ontmoeting en mentaal welzijn jeugd",
                    "Nationaal Programma Onderwijs",
                    "Aanpak jeugdwerkloosheid",
                    "Versterken gemeentelijke aanpak schulden en armoede",
                    "Continuïteit lokale jeugdzorg",
                    "Overige regelingen voor jongeren",
                ]
            )
        ],
    )
    return Document(
        kind="plan",
        title="Uitvoeringsplan",
        subtitle="Samen investeren in de veerkracht van jongeren, 2021-2023",
        pact_name=PACT,
        author="Partners van het Veerkrachtpact regio Alkmaar",
        version=3,
        state="Concept voor de stuurgroep",
        frozen_at=FROZEN_AT,
        notice="Voorbeeldgegevens",
        cover=[Fact("Partners", "14 ondertekenaars in 6 gemeenten"), Fact("Vastgesteld door", "Nog niet vastgesteld")],
        summary=[
            Facts(
                [
                    Fact("ondersteuningsvragen", str(5 * rows_per_area)),
                    Fact("maatregelen", str(5 * rows_per_area)),
                    Fact("begroot", euro(2_800_000)),
                    Fact("toegewezen", euro(1_470_000)),
                ],
                style="key",
            ),
            Paragraph(TEXT[0]),
            Heading("Wat we doen"),
            Items(
                [
                    "We versterken wat er is: jongerenwerk en jeugd- en gezinscoaches in het voortgezet onderwijs.",
                    "We maken overgangen soepel, van kinderopvang tot mbo en hbo.",
                    "We scholen mentoren, leraren en pedagogisch medewerkers in het denken vanuit veerkracht.",
                ]
            ),
            Heading("Voor wie"),
            Paragraph(
                "Voor alle jongeren van 0 tot en met 23 jaar in de zes gemeenten, hun ouders en hun begeleiders."
            ),
            Heading("Wat wij u vragen"),
            Items(
                [
                    "Stel de maatregelen van hoofdstuk 3 vast.",
                    "Stem in met de verdeling over kinderopvang, po en vo in hoofdstuk 5.",
                    "Wijs per partner een vaste vertegenwoordiger aan voor de tussenevaluatie.",
                ],
                numbered=True,
            ),
        ],
        chapters=[
            Chapter(
                "verspreiding",
                "De boodschap verspreiden",
                [
                    narrative(0),
                    Quote("Ik hoefde maar één keer mijn verhaal te doen.", "Student mbo, eerste leerjaar"),
                    narrative(2, paragraphs=2, note=False),
                ],
                "1",
            ),
            Chapter(
                "vragen",
                "Ondersteuningsvragen",
                [narrative(1), Figure("Voor de overstap naar het mbo is er het minst", coverage_chart()), *areas],
                "2",
            ),
            Chapter("aanbod", "Bestaand aanbod en maatregelen", [narrative(2), *work], "3"),
            Chapter(
                "besluitvorming",
                "Besluitvorming",
                [
                    narrative(3),
                    Items(
                        ["De projectgroep bereidt voor.", "De klankbordgroep adviseert.", "De stuurgroep besluit."],
                        numbered=True,
                    ),
                ],
                "4",
            ),
            Chapter(
                "financiering",
                "Financiering",
                [
                    narrative(0),
                    Figure("Ruim de helft van het geld is toegewezen", money_chart(packages), "", packages),
                    Figure("Primair onderwijs krijgt het grootste deel", sector_chart()),
                ],
                "5",
            ),
            Chapter(
                "evaluatie",
                "Evaluatie",
                [
                    narrative(1),
                    Figure("De meeste partners weten elkaar te vinden", answers_chart()),
                    Table("Tussenevaluaties", [Column("Evaluatie")], [], empty="Er is nog geen evaluatie gehouden."),
                ],
                "6",
            ),
        ],
        glossary=[
            Fact("Amplitie", "Versterken, vergroten en vermeerderen van wat goed gaat."),
            Fact("Curatie", "Hulp wanneer er al een probleem is."),
            Fact("Preventie", "Voorkomen dat een probleem ontstaat of groter wordt."),
            Fact("Veerkracht", "Het vermogen om met tegenslag en uitdagingen in het eigen leven om te gaan."),
        ],
        colophon=[
            Fact("Uitgave", "Partners van het Veerkrachtpact regio Alkmaar"),
            Fact("Contact", "projectleider van het pact"),
        ],
    )


MUNICIPALITIES = ["Alkmaar", "Bergen", "Castricum", "Dijk en Waard", "Heiloo", "Uitgeest"]
OTHERS = [
    "Clusius College",
    "Horizon College",
    "Inholland",
    "Rollebol kindercentra",
    "Samenwerkingsverband Passend Onderwijs IJmond",
    "Samenwerkingsverband Passend Primair Onderwijs Noord-Kennemerland",
    "Samenwerkingsverband Voortgezet Onderwijs Noord-Kennemerland",
    "SKOA/Kiddies",
]


def pact() -> Document:
    """A pact of some ten pages with both signature sheets."""
    return Document(
        kind="pact",
        title=PACT,
        subtitle="Kinderopvang, onderwijs en gemeenten in Noord-Kennemerland",
        motto="Wethouders en bestuurders investeren in de veerkracht van jongeren",
        pact_name=PACT,
        version=1,
        state="Ter ondertekening",
        frozen_at="2022-06-16T09:00:00+02:00",
        notice="Voorbeeldtekst",
        chapters=[
            Chapter("aanleiding", "Aanleiding", [narrative(0), narrative(2, note=False)], "1"),
            Chapter(
                "partners",
                "Samenwerkende partners",
                [
                    narrative(1, paragraphs=2),
                    Items(
                        [
                            "Kinderopvang",
                            "Primair en voortgezet onderwijs",
                            "Samenwerkingsverbanden passend onderwijs",
                            "Mbo en hbo",
                            "Gemeenten",
                        ]
                    ),
                ],
                "2",
            ),
            Chapter(
                "ambitie",
                "Gezamenlijke ambitie",
                [
                    narrative(3),
                    Quote(
                        "Ik hoefde maar één keer mijn verhaal te doen. Daarna wist de school wat ik nodig had.",
                        "Student mbo, eerste leerjaar",
                    ),
                    narrative(1, paragraphs=2, note=False),
                ],
                "3",
            ),
            Chapter(
                "uitgangspunten",
                "Gedeelde uitgangspunten",
                [
                    Heading("Jongeren zijn veerkrachtig", "uitgangspunt-a"),
                    narrative(0, paragraphs=2),
                    Quote("Daarom werken wij samen aan een veerkrachtig netwerk rond iedere jongere."),
                    Heading("We verruimen wat we gewoon vinden", "uitgangspunt-b"),
                    narrative(1, paragraphs=2, note=False),
                    Heading("Amplitie en preventie", "uitgangspunt-c"),
                    narrative(2, paragraphs=2, note=False),
                ],
                "4",
            ),
            Chapter("netwerk", "Investeren in een veerkrachtig netwerk van professionals", [narrative(2)], "5"),
            Chapter("uitvoering", "Uitvoeringsplan", [narrative(3), Items(AREAS, numbered=True)], "6"),
            Chapter(
                "gemeenten",
                "Ondertekening door de gemeenten",
                [
                    SignatureSheet(
                        "",
                        [Party(f"Gemeente {name}", key=name) for name in MUNICIPALITIES],
                        place="Alkmaar",
                        date="16 juni 2022",
                    )
                ],
            ),
            Chapter(
                "overige-partners",
                "Ondertekening door de overige partners",
                [
                    SignatureSheet(
                        "",
                        [Party(name, key=name) for name in OTHERS],
                        place="Alkmaar",
                        date="16 juni 2022",
                    )
                ],
            ),
        ],
        colophon=[Fact("Ondertekend in", "Alkmaar")],
    )
