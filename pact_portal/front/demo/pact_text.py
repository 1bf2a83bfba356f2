"""The text of the demonstration pact, after the structure of the Veerkrachtpact regio Alkmaar, in words of our own.

Names, dates and structure are facts; the wording is ours, and everything beyond the facts is example data.
"""

MOTTO = "Bestuurders en wethouders investeren in de veerkracht van jongeren"

SECTIONS: list[tuple[str, str]] = [
    (
        "Aanleiding",
        """
<p>De coronatijd vroeg veel van kinderen en jongeren. Scholen gingen dicht, sport en ontmoeting vielen weg, en wie al
zorgen had, kreeg er vaak zorgen bij. Het Rijk stelde daarom steunpakketten beschikbaar<span class="footnote">Het gaat
onder meer om het Nationaal Programma Onderwijs en om steunpakketten voor welbevinden, ontmoeting, jeugdwerkloosheid,
schulden en lokale jeugdzorg.</span> en schreef op 5 juli 2021 aan de Tweede Kamer hoe het dat herstel ziet<span
class="footnote">Kamerbrief van 5 juli 2021, <em>Herstel en perspectief voor de jeugd</em>.</span>.</p>
<p>Dat geld is een impuls voor twee jaar. Het komt via veel wegen binnen: bij gemeenten, bij schoolbesturen, bij de
kinderopvang, bij het mbo en het hbo. Iedere organisatie beslist zelf. Het risico is dan groot dat we allemaal apart
beginnen, vaak voor dezelfde jongeren, voor te korte tijd en met woorden die jongeren kleiner maken dan ze zijn.</p>
<p>Op 19 mei 2021 kwamen bestuurders en wethouders uit onze regio bij elkaar om te verkennen hoe het samen kan. Dit pact
is het antwoord. Het bouwt voort op wat we al hadden afgesproken: de uitvoeringsagenda <em>Meer dan de som der
delen</em>, de routekaart <em>De beweging naar inclusief onderwijs</em> en de Gelijke Kansen Agenda.</p>
""",
    ),
    (
        "Partners die samenwerken",
        """
<p>Veertien partners zetten hun naam onder dit pact: zes gemeenten, en acht partners uit de kinderopvang, het onderwijs
en de samenwerkingsverbanden passend onderwijs. Samen zien zij een jongere van de eerste dag in de kinderopvang tot en
met het laatste jaar van mbo of hbo.</p>
<p>Zij doen het niet alleen. Bij de uitvoering werken mee:</p>
<ul>
<li>sport, cultuur en muziek, waar jongeren in hun vrije tijd zijn;</li>
<li>jeugdhulp, als een gezin of jongere meer nodig heeft;</li>
<li>zorg, met de GGD en de jeugd-ggz;</li>
<li>leerplicht, als een jongere thuis komt te zitten.</li>
</ul>
<p>Deze partijen tekenen niet, maar zonder hen lukt het niet.</p>
""",
    ),
    (
        "Onze gezamenlijke ambitie",
        """
<p>Wij willen dat alle kinderen en jongeren van 0 tot en met 23 jaar in onze regio veerkrachtig kunnen opgroeien.
Veerkracht is voor ons het vermogen om te gaan met tegenslag en met wat het leven van je vraagt<span
class="footnote">Naar Kuiper &amp; Bannink (2018), <em>Directieve Therapie</em> 37(2), 103-116.</span>.</p>
<p>Hiernaast staat een voorbeeld van wat studenten ons vertelden. Die woorden zetten de toon: wij beginnen bij wat
jongeren kunnen, en bij de mensen om hen heen.</p>
""",
    ),
    (
        "Uitgangspunten die wij delen",
        """
<h3>Jongeren zijn veerkrachtig</h3>
<p>Niet de jongere is kwetsbaar: het is de omgeving die iemand kwetsbaar kan maken. Wat beschermt, ligt bij de jongere
zelf, in het gezin en in de omgeving. Daarom werken wij samen aan <strong>een veerkrachtig netwerk voor iedere
jongere</strong>.</p>
<h3>Opgroeien gaat met vallen en opstaan</h3>
<p>Wij kijken ruimer naar wat een gewone ontwikkeling is. Verdriet, boosheid en een tijdje niet meekomen horen erbij,
ook bij een scheiding of na een crisis. Niet elk kind heeft een behandeling nodig. Daarom werken wij samen aan <strong>een
brede blik bij alle professionals in de regio</strong>.</p>
<h3>Versterken en voorkomen gaan voor</h3>
<p>Amplitie betekent: versterken, vergroten en vermeerderen van wat goed gaat. Met preventie voorkomen we dat kleine
zorgen groot worden. Daarom werken wij samen aan <strong>een omgeving die veerkracht sterker maakt en problemen
voorkomt</strong>.</p>
<p>Extra aandacht geven wij aan de overgangen: van kinderopvang naar basisschool, van primair naar voortgezet onderwijs
en van voortgezet onderwijs naar mbo.</p>
""",
    ),
    (
        "Investeren in een veerkrachtig netwerk van professionals",
        """
<p>Een jongere is gebaat bij volwassenen die elkaar kennen en elkaar durven te bellen. Leraren, pedagogisch
medewerkers, jongerenwerkers, jeugd- en gezinscoaches en verpleegkundigen leren daarom van elkaar in één lerend
netwerk.</p>
<p>Er gebeurt al veel waar wij op voortbouwen:</p>
<ul>
<li>een transfercoach die meegaat van het voortgezet onderwijs naar het mbo;</li>
<li>een training waarin jongeren die nieuw zijn in Nederland bij de start van het mbo hun eigen kracht ontdekken;</li>
<li>de training <em>Wegwijs in gedrag</em> voor leraren;</li>
<li>de talkshow <em>Urban onderwijs</em>;</li>
<li>M@ZL, waarin school, GGD, leerplicht, jeugd-ggz en jeugdhulp samen optrekken als een jongere thuiszit.</li>
</ul>
""",
    ),
    (
        "Het uitvoeringsplan",
        """
<p>Wat wij beloven, werken wij uit in een uitvoeringsplan. Daarin gebruiken en verbreden wij eerst wat er is; pas als dat
niet volstaat, beginnen wij iets nieuws. Het plan heeft in elk geval zes onderdelen:</p>
<ol>
<li>het gedachtegoed verspreiden onder professionals;</li>
<li>de belangrijkste ondersteuningsvragen van scholen en kinderopvang;</li>
<li>het bestaande aanbod, en hoe ver dat reikt;</li>
<li>de weg waarlangs wij besluiten nemen;</li>
<li>de verdeling van de steunpakketten en het geld voor gezamenlijke projecten;</li>
<li>tussenevaluaties, waarna wij het plan bijstellen.</li>
</ol>
<p>Wij werken samen in vijf gebieden: soepele overgangen, de aansluiting tussen onderwijs en preventieve jeugdhulp, de
aansluiting met sport en cultuur, onderwijs en arbeidsmarkt, en jongeren die na een moeilijke tijd extra aandacht
nodig hebben.</p>
""",
    ),
]

PLAN_TEXTS: dict[int, str] = {
    1: """
<p>Het pact werkt alleen als mensen die elke dag met jongeren werken, het kennen en herkennen. Wij vertellen het verhaal
daarom zo dicht mogelijk bij de praktijk: in teamvergaderingen, op studiedagen en in het lerend netwerk.</p>
<h3>Zo pakken wij het aan</h3>
<ul>
<li>Elke partner deelt de uitgangspunten via de eigen nieuwsbrief en website.</li>
<li>De presentatie en de opname van de startbijeenkomst zijn voor iedereen beschikbaar.</li>
<li>Bestuurders die er niet bij waren, krijgen een persoonlijk gesprek.</li>
<li>Twee keer per jaar wisselen professionals in het lerend netwerk uit wat werkt.</li>
</ul>
<p>Wij letten op onze woorden. Wij spreken van jongeren met mogelijkheden, niet van een verloren generatie<span
class="footnote">Elke partner kan in het portaal zien hoe de uitgangspunten in gewone taal zijn opgeschreven.</span>.</p>
""",
    2: """
<p>In de zomer van 2021 vroegen wij scholen wat zij zagen. In het voortgezet onderwijs bleek een deel van de jongeren
geholpen met laagdrempelig contact met een jeugd- en gezinscoach of een jongerenwerker; scholen willen die graag dichter
bij de school. Scholen maakten zich ook zorgen over somberheid, angst en eetproblemen.</p>
<p>Die verkenning vulden wij aan met schoolscans en gesprekken. Hieronder staan de vragen die de partners nu stellen,
geordend naar samenwerkingsgebied. Bij elke vraag staat welk aanbod er al is en welke maatregel volgt.</p>
""",
    3: """
<p>Wij beginnen bij wat er is. Partners hebben hun aanbod beschreven op drie lagen: <strong>amplitie</strong> (versterken
wat goed gaat), <strong>preventie</strong> (voorkomen dat zorgen groeien) en <strong>curatie</strong> (helpen bij
problemen). Per vraag is beoordeeld hoe ver het aanbod reikt.</p>
<p>Een oordeel geldt een jaar. Daarna vragen wij opnieuw of het nog klopt.</p>
""",
    4: """
<p>Bestaande activiteiten gaan voor. Een nieuwe maatregel komt pas in beeld als het aanbod bij de vraag is beoordeeld,
niets daarvan voldoende aansluit, en verbreden geen uitkomst biedt.</p>
<h3>De route</h3>
<ol>
<li>De <strong>projectgroep</strong> bereidt het voorstel voor.</li>
<li>De <strong>klankbordgroep</strong> adviseert.</li>
<li>De <strong>stuurgroep</strong> van wethouders en bestuurders besluit.</li>
</ol>
<p>Iedere partner houdt de eigen verantwoordelijkheid. Wie een mandaat van college, bestuur of medezeggenschap nodig
heeft, zegt dat vooraf.</p>
""",
    5: """
<p>De steunpakketten zijn tijdelijk geld met eigen regels: wie het krijgt, waarvoor, en voor wanneer het besteed moet
zijn. Wij leggen die regels naast elkaar, zodat een euro maar één keer wordt geteld en maatregelen elkaar niet in de weg
zitten.</p>
<p>Een deel gaat als aandeel naar de sectoren kinderopvang, primair en voortgezet onderwijs. Met een ander deel betalen
partners samen regionale projecten. Bij elke maatregel staat wat er blijft als het geld op is.</p>
<table><thead><tr><th scope="col">Afspraak</th><th scope="col">Wat wij doen</th></tr></thead><tbody>
<tr><th scope="row">Voor de toewijzing</th><td>Wij noemen het pakket, het jaar en de bestemming.</td></tr>
<tr><th scope="row">Tijdens de uitvoering</th><td>De trekker meldt wat er is besteed.</td></tr>
<tr><th scope="row">Na afloop</th><td>De ontvanger verantwoordt zich zoals de gever vraagt.</td></tr>
</tbody></table>
""",
    6: """
<p>Om het halfjaar kijken wij samen terug. Elke partner krijgt dezelfde vragen: hoe loopt de samenwerking, wat merken
jongeren ervan, en wat moet anders? De uitkomsten bespreken wij met de klankbordgroep.</p>
<p>Wat wij leren, heeft gevolgen: een maatregel gaat door, wordt aangepast, stopt of krijgt een groter bereik. De volgende
versie van dit plan laat zien wat er is veranderd en waarom.</p>
""",
}

REVISION = """
<p>Elk jaar bespreken de partners wat de tussenevaluaties laten zien. Wat niet werkt, stoppen we; wat werkt, maken we
groter. Een wijziging van het pact zelf leggen we opnieuw aan alle partners voor.</p>
"""
"""What the second version of the demonstration pact adds to its last section."""
