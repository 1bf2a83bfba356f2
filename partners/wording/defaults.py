"""The list that a pact begins with: words that say of young people what they are instead of what they need. Pure."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Default:
    """A word, why rather not, and what to write instead."""

    term: str
    reason: str
    alternative: str


DEFAULTS: tuple[Default, ...] = (
    Default(
        "coronageneratie",
        "Dit plakt op alle jongeren één etiket, terwijl zij de coronatijd heel verschillend hebben beleefd.",
        "jongeren die in de coronatijd opgroeiden",
    ),
    Default(
        "probleemjongere",
        "De jongere is geen probleem, maar loopt ergens tegenaan.",
        "jongere die ergens hulp bij nodig heeft",
    ),
    Default(
        "kwetsbare kinderen",
        "Kinderen zijn niet kwetsbaar van zichzelf: hun omgeving maakt het hun moeilijk.",
        "kinderen die thuis of op school minder steun krijgen",
    ),
    Default(
        "kwetsbare jongere",
        "Een jongere is meer dan een moeilijke periode. Zeg wat er speelt.",
        "jongere die nu extra steun nodig heeft",
    ),
    Default(
        "leerachterstand",
        "Dit meet kinderen aan een gemiddelde en zegt niet wat zij nodig hebben om verder te komen.",
        "wat een leerling nog wil of moet leren",
    ),
    Default(
        "achterstandsleerling",
        "Dit zegt waar een leerling staat, niet wat de leerling al kan en nodig heeft.",
        "leerling die met extra uitleg verder komt",
    ),
    Default(
        "risicojeugd",
        "Dit maakt van een hele groep een gevaar. Meestal gaat het om enkelen, en om wat zij meemaken.",
        "jongeren die veel tegelijk meemaken",
    ),
    Default(
        "probleemgezin",
        "Het gezin is geen probleem, maar heeft er een of meer.",
        "gezin dat hulp kan gebruiken",
    ),
    Default(
        "zorgkind",
        "Zorg is wat een kind tijdelijk krijgt, niet wat een kind is.",
        "kind dat extra ondersteuning krijgt",
    ),
    Default(
        "kansarme kinderen",
        "Kinderen hebben geen tekort aan kansen van zichzelf: zij krijgen er minder.",
        "kinderen die minder kansen krijgen",
    ),
    Default(
        "kansarme jongere",
        "Een jongere heeft talent. Wat ontbreekt, is wie de deur openzet.",
        "jongere die minder kansen krijgt",
    ),
    Default(
        "risicojongere",
        "Dit voorspelt het ergste. Jongeren gaan zich gedragen naar wat wij van hen verwachten.",
        "jongere bij wie wij op tijd willen meedenken",
    ),
    Default(
        "risicoleerling",
        "Een leerling is geen risico. Noem wat de leerling nodig heeft.",
        "leerling die wij extra volgen",
    ),
    Default(
        "achterstandskind",
        "Dit legt de oorzaak bij het kind.",
        "kind dat minder kansen krijgt",
    ),
    Default(
        "achterstandswijk",
        "Bewoners herkennen hun wijk hier niet in, en kinderen horen het ook.",
        "wijk met minder voorzieningen, of de naam van de wijk",
    ),
    Default(
        "drop-out",
        "Dit klinkt alsof de jongere zelf is weggelopen, terwijl ook het onderwijs niet paste.",
        "jongere die zonder diploma van school ging",
    ),
    Default(
        "hangjongere",
        "Elkaar buiten ontmoeten hoort bij opgroeien.",
        "jongeren die elkaar buiten ontmoeten",
    ),
    Default(
        "thuiszitter",
        "Dit zegt waar het kind is, niet dat er nog geen passende plek is.",
        "leerling voor wie er nog geen passende plek is",
    ),
    Default(
        "zorgleerling",
        "Zorg is iets wat een leerling tijdelijk krijgt, niet wat een leerling is.",
        "leerling die extra ondersteuning krijgt",
    ),
    Default(
        "kansarm gezin",
        "Dit zet een gezin vast in wat er ontbreekt.",
        "gezin dat rond moet komen van weinig geld, of: gezin met minder kansen",
    ),
    Default(
        "zwakke leerling",
        "Een leerling is nooit in alles zwak.",
        "leerling die bij rekenen of taal meer uitleg nodig heeft",
    ),
    Default(
        "moeilijk opvoedbaar",
        "Dit legt de schuld bij het kind.",
        "kind dat moeilijk verstaanbaar gedrag laat zien",
    ),
)
