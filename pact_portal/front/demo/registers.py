"""The registers of the demonstration pact: partners and areas are facts, everything else is invented example data."""

from datetime import date
from decimal import Decimal
from typing import Any

SIGNATORIES: list[tuple[str, str]] = [
    ("Gemeente Alkmaar", "gemeente"),
    ("Gemeente Bergen", "gemeente"),
    ("Gemeente Castricum", "gemeente"),
    ("Gemeente Dijk en Waard", "gemeente"),
    ("Gemeente Heiloo", "gemeente"),
    ("Gemeente Uitgeest", "gemeente"),
    ("Clusius College", "vo"),
    ("Horizon College", "mbo"),
    ("Inholland", "hbo"),
    ("Rollebol kindercentra", "kinderopvang"),
    ("Samenwerkingsverband Passend Onderwijs IJmond", "swv"),
    ("Samenwerkingsverband Passend Primair Onderwijs Noord-Kennemerland", "swv"),
    ("Samenwerkingsverband Voortgezet Onderwijs Noord-Kennemerland", "swv"),
    ("SKOA/Kiddies", "kinderopvang"),
]
"""In the order of the two signature sheets: municipalities first."""

LIES_IN = dict.fromkeys(["Clusius College", "Horizon College", "Inholland"], "Gemeente Alkmaar")
"""Partners that lie in one municipality; the others work in several."""

EXECUTING: list[tuple[str, str]] = [
    ("GGD, jeugdgezondheidszorg", "zorg"),
    ("Jeugd- en gezinscoaches", "jeugdhulp"),
    ("Jongerenwerk in de regio", "vrijetijd"),
    ("Sport- en cultuurcoaches", "vrijetijd"),
]

AREAS = [
    "Soepele overgangen",
    "Aansluiting onderwijs en (preventieve) jeugdhulp",
    "Aansluiting onderwijs en activiteiten op het gebied van sport en cultuur",
    "Onderwijs en arbeidsmarkt",
    "Specifieke doelgroepen",
]

# Areas and programmes are named by their place in the lists, counted from 1.
QUESTIONS: list[dict[str, Any]] = [
    {
        "by": "Horizon College",
        "title": "Hoe vangen wij jongeren op die van het vmbo naar het mbo gaan?",
        "description": "<p>In de eerste weken van het mbo verliezen wij jongeren die op het vmbo goed meededen. Zij missen "
        "een vast gezicht. <strong>Wij zoeken iemand die meegaat over de drempel.</strong></p>",
        "areas": [1],
        "ages": (15, 19),
        "level": "surroundings",
        "transition": "secondary_vocational",
        "young_people": 220,
        "urgency": 3,
        "source": "school_scan",
        "in": ["Gemeente Alkmaar", "Gemeente Heiloo"],
    },
    {
        "by": "Rollebol kindercentra",
        "title": "Hoe weten basisscholen wat een peuter al kan en leuk vindt?",
        "description": "<p>Wij dragen over op papier, maar het gesprek ontbreekt vaak. Ouders vertellen hun verhaal dan "
        "opnieuw.</p>",
        "areas": [1],
        "ages": (2, 5),
        "level": "surroundings",
        "transition": "childcare_primary",
        "young_people": 340,
        "urgency": 2,
        "source": "conversation",
        "in": ["Gemeente Dijk en Waard"],
    },
    {
        "by": "Samenwerkingsverband Passend Primair Onderwijs Noord-Kennemerland",
        "title": "Hoe maken wij de stap naar de brugklas kleiner voor kinderen die daar tegenop zien?",
        "description": "<p>Kinderen uit groep 8 oefenen nu alleen op de open dag. Wij willen dat zij een halfjaar eerder "
        "kennismaken met school, mentor en klasgenoten.</p>",
        "areas": [1],
        "ages": (11, 13),
        "level": "young_person",
        "transition": "primary_secondary",
        "young_people": 180,
        "urgency": 2,
        "source": "exploration",
        "in": ["Gemeente Alkmaar", "Gemeente Bergen", "Gemeente Castricum"],
    },
    {
        "by": "Clusius College",
        "title": "Kan een jeugd- en gezinscoach een vaste dag in onze school zijn?",
        "description": "<p>Jongeren lopen eerder binnen bij iemand die er gewoon is. Nu verwijzen wij, en wachten zij.</p>",
        "areas": [2],
        "ages": (12, 18),
        "level": "family",
        "young_people": 95,
        "urgency": 3,
        "source": "exploration",
        "in": ["Gemeente Castricum", "Gemeente Alkmaar"],
    },
    {
        "by": "Samenwerkingsverband Voortgezet Onderwijs Noord-Kennemerland",
        "title": "Wat doen wij samen als een leerling somber of angstig is?",
        "description": "<p>Mentoren zien meer somberheid en angst. Zij willen weten wat zij zelf kunnen doen, en wie zij "
        'dezelfde week nog kunnen bellen<span class="footnote">Uit de verkenning onder scholen, zomer 2021.</span>.</p>',
        "areas": [2, 5],
        "ages": (12, 18),
        "level": "surroundings",
        "young_people": 400,
        "urgency": 3,
        "source": "exploration",
        "in": ["Gemeente Alkmaar", "Gemeente Heiloo", "Gemeente Uitgeest"],
    },
    {
        "by": "SKOA/Kiddies",
        "title": "Hoe ondersteunen wij jonge ouders die er alleen voor staan?",
        "description": "<p>Bij het halen en brengen horen wij zorgen over geld, slaap en alleen zijn. Wij willen kort "
        "kunnen meedenken en goed kunnen doorverwijzen.</p>",
        "areas": [2],
        "ages": (0, 4),
        "level": "family",
        "young_people": 120,
        "urgency": 2,
        "source": "own_signal",
        "in": ["Gemeente Alkmaar"],
    },
    {
        "by": "Gemeente Uitgeest",
        "title": "Hoe krijgen wij sport en muziek ook bij kinderen die nergens lid van zijn?",
        "description": "<p>Na schooltijd is er weinig voor wie geen club heeft. Wij zoeken aanbod op of naast school.</p>",
        "areas": [3],
        "ages": (6, 14),
        "level": "surroundings",
        "young_people": 260,
        "urgency": 2,
        "source": "own_signal",
        "in": ["Gemeente Uitgeest", "Gemeente Castricum"],
    },
    {
        "by": "Samenwerkingsverband Passend Onderwijs IJmond",
        "title": "Hoe kan een sportcoach aansluiten bij leerlingen die in de klas vastlopen?",
        "description": "<p>Bewegen en samen iets maken geeft rust en trots. Wij willen dat onder schooltijd proberen.</p>",
        "areas": [3, 5],
        "ages": (8, 16),
        "level": "young_person",
        "young_people": 60,
        "urgency": 1,
        "source": "conversation",
        "in": ["Gemeente Uitgeest"],
    },
    {
        "by": "Inholland",
        "title": "Hoe vinden studenten die vertraging hebben weer ritme en elkaar?",
        "description": "<p>Studenten die later begonnen of veel thuis studeerden, kennen weinig anderen. Een goed begin "
        "helpt hen door het eerste jaar.</p>",
        "areas": [4],
        "ages": (17, 23),
        "level": "surroundings",
        "young_people": 500,
        "urgency": 2,
        "source": "school_scan",
        "in": ["Gemeente Alkmaar"],
    },
    {
        "by": "Horizon College",
        "title": "Hoe komen jongeren zonder diploma aan een plek waar werken en leren samengaan?",
        "description": "<p>Werkgevers willen wel, maar weten niet wie hen belt. Jongeren weten niet waar zij moeten "
        "beginnen.</p>",
        "areas": [4],
        "ages": (16, 23),
        "level": "surroundings",
        "young_people": 140,
        "urgency": 3,
        "source": "conversation",
        "in": ["Gemeente Alkmaar", "Gemeente Dijk en Waard"],
    },
    {
        "by": "Gemeente Dijk en Waard",
        "title": "Hoe bereiken wij jongeren met schulden voordat het misgaat?",
        "description": "<p>Jongeren vragen pas hulp als de brieven zich opstapelen. Wij zoeken een plek waar praten over "
        "geld gewoon is.</p>",
        "areas": [4, 5],
        "ages": (16, 23),
        "level": "young_person",
        "young_people": 175,
        "urgency": 2,
        "source": "own_signal",
        "in": ["Gemeente Dijk en Waard", "Gemeente Alkmaar"],
    },
    {
        "by": "Samenwerkingsverband Voortgezet Onderwijs Noord-Kennemerland",
        "title": "Hoe helpen wij jongeren die thuiszitten stap voor stap terug?",
        "description": "<p>Met M@ZL werken school, GGD, leerplicht en jeugdhulp al samen. Wij willen eerder beginnen, en "
        "ook op scholen die nog niet meedoen.</p>",
        "areas": [5],
        "ages": (12, 18),
        "level": "family",
        "young_people": 85,
        "urgency": 3,
        "source": "school_scan",
        "in": ["Gemeente Alkmaar", "Gemeente Bergen", "Gemeente Heiloo"],
    },
    {
        "by": "Gemeente Bergen",
        "title": "Wat hebben kinderen nodig van wie de ouders uit elkaar gaan?",
        "description": "<p>Leraren horen het vaak als eerste, en weten niet altijd wat helpt. Kinderen willen elkaar "
        "ontmoeten.</p>",
        "areas": [5],
        "ages": (4, 14),
        "level": "family",
        "young_people": 150,
        "urgency": 2,
        "source": "conversation",
        "in": ["Gemeente Bergen", "Gemeente Castricum", "Gemeente Heiloo"],
    },
    {
        "by": "Gemeente Castricum",
        "title": "Hoe laten wij ouders en jongeren meepraten over het plan?",
        "description": "<p>Wij praten veel over jongeren en te weinig met hen.</p>",
        "areas": [3],
        "ages": (10, 23),
        "level": "surroundings",
        "urgency": 1,
        "source": "own_signal",
        "in": ["Gemeente Castricum"],
        "state": "submitted",
    },
    {
        "by": "Clusius College",
        "title": "Kunnen wij een rustige plek in school inrichten voor leerlingen die overprikkeld zijn?",
        "description": "<p>Leerlingen gaan nu naar huis als het te druk wordt.</p>",
        "areas": [5],
        "ages": (12, 16),
        "level": "young_person",
        "young_people": 30,
        "urgency": 2,
        "source": "own_signal",
        "in": ["Gemeente Alkmaar"],
        "state": "submitted",
    },
    {
        "by": "Clusius College",
        "title": "Meer begeleiding",
        "description": "<p>Wij willen meer begeleiding in de klas.</p>",
        "areas": [2],
        "ages": (12, 18),
        "level": "surroundings",
        "urgency": 2,
        "source": "own_signal",
        "in": [],
        "state": "returned",
        "remark": "Voor welke leerlingen is dit, en wat lukt nu niet? Met een voorbeeld kunnen wij de vraag beter plaatsen.",
    },
    {
        "by": "Gemeente Heiloo",
        "title": "Kan er ook in Heiloo een coach op school zijn voor jongeren en hun gezin?",
        "description": "<p>Scholen in Heiloo delen nu één coach met drie andere gemeenten. Jongeren wachten te lang.</p>",
        "areas": [2],
        "ages": (12, 16),
        "level": "family",
        "young_people": 60,
        "urgency": 2,
        "source": "conversation",
        "in": ["Gemeente Heiloo"],
        "merged_into": 4,
    },
    {
        "by": "Gemeente Heiloo",
        "title": "Kan er een lesbrief komen over gezond ontbijten?",
        "description": "<p>Leraren zien kinderen zonder ontbijt in de klas.</p>",
        "areas": [3],
        "ages": (4, 12),
        "level": "family",
        "urgency": 1,
        "source": "own_signal",
        "in": ["Gemeente Heiloo"],
        "withdrawn": "De GGD heeft deze lesbrief al.",
    },
]

ENDORSEMENTS: list[tuple[int, str, str]] = [
    (1, "Clusius College", "Bij ons gaat het om leerlingen die naar een andere stad gaan."),
    (1, "Gemeente Dijk en Waard", ""),
    (3, "Rollebol kindercentra", "Wij zien hetzelfde bij kinderen van de bso."),
    (4, "Horizon College", ""),
    (5, "Clusius College", "Onze mentoren willen graag meedoen met wat er al is."),
    (5, "Horizon College", ""),
    (5, "Gemeente Bergen", ""),
    (13, "SKOA/Kiddies", ""),
    (15, "Samenwerkingsverband Voortgezet Onderwijs Noord-Kennemerland", ""),
]
"""The place of a question, counted from 1, whose question it is too, and how that is with them."""

NOTES: list[tuple[int, str]] = [
    (15, "Lijkt op wat het samenwerkingsverband vorig jaar vroeg. Eerst bellen."),
    (16, "Het Clusius College past deze vraag voor de volgende projectgroep aan."),
]
"""What coordinators say to each other about a question."""

PROGRAMMES: list[dict[str, Any]] = [
    {
        "name": "Transfercoach vo-mbo",
        "by": "Horizon College",
        "layers": ["preventie"],
        "areas": [1],
        "ages": (15, 19),
        "reach": 120,
        "cost": "96000",
        "source": "Nationaal Programma Onderwijs",
        "description": "<p>Een coach die jongeren van het laatste jaar vmbo tot en met de eerste periode mbo begeleidt.</p>",
        "in": ["Gemeente Alkmaar", "Gemeente Heiloo"],
    },
    {
        "name": "Empowermenttraining voor jongeren die nieuw zijn in Nederland",
        "by": "Horizon College",
        "layers": ["amplitie", "preventie"],
        "areas": [1, 5],
        "ages": (16, 21),
        "reach": 45,
        "cost": "28000",
        "source": "eigen middelen",
        "description": "<p>Jongeren die een andere taal spreken, ontdekken bij de start van het mbo wat zij kunnen.</p>",
        "in": ["Gemeente Alkmaar"],
    },
    {
        "name": "Wegwijs in gedrag",
        "by": "Samenwerkingsverband Passend Primair Onderwijs Noord-Kennemerland",
        "layers": ["amplitie", "preventie"],
        "areas": [2, 5],
        "ages": (4, 12),
        "reach": 300,
        "cost": "35000",
        "source": "samenwerkingsverband",
        "description": "<p>Training waarin leraren gedrag leren lezen en anders leren antwoorden.</p>",
        "in": ["Gemeente Alkmaar", "Gemeente Bergen", "Gemeente Castricum", "Gemeente Heiloo"],
    },
    {
        "name": "Urban onderwijs, de talkshow",
        "by": "Gemeente Alkmaar",
        "layers": ["amplitie"],
        "areas": [3],
        "ages": (12, 23),
        "reach": 900,
        "cost": "18000",
        "source": "gemeente",
        "description": "<p>Jongeren en professionals praten op een podium over opgroeien en school.</p>",
        "in": ["Gemeente Alkmaar"],
    },
    {
        "name": "M@ZL: samen om de jongere die thuiszit",
        "by": "GGD, jeugdgezondheidszorg",
        "layers": ["preventie", "curatie"],
        "areas": [5],
        "ages": (12, 18),
        "reach": 150,
        "cost": "110000",
        "source": "gemeenten",
        "description": "<p>School, GGD, leerplicht, jeugd-ggz en jeugdhulp trekken vroeg samen op.</p>",
        "in": ["Gemeente Alkmaar", "Gemeente Heiloo", "Gemeente Bergen"],
    },
    {
        "name": "Jongerenwerk in het voortgezet onderwijs",
        "by": "Jongerenwerk in de regio",
        "layers": ["amplitie", "preventie"],
        "areas": [2, 3],
        "ages": (12, 18),
        "reach": 650,
        "cost": "140000",
        "source": "gemeenten",
        "description": "<p>Een jongerenwerker is op vaste dagen in school, in de pauze en na de les.</p>",
        "in": ["Gemeente Alkmaar", "Gemeente Castricum"],
    },
    {
        "name": "Jeugd- en gezinscoach op school",
        "by": "Jeugd- en gezinscoaches",
        "layers": ["preventie", "curatie"],
        "areas": [2],
        "ages": (12, 18),
        "reach": 180,
        "cost": "125000",
        "source": "gemeenten",
        "description": "<p>Een coach denkt op school mee met jongere en gezin, zonder wachttijd en zonder dossier vooraf.</p>",
        "in": ["Gemeente Alkmaar", "Gemeente Heiloo"],
    },
    {
        "name": "100 dagen: een goed begin op het hbo",
        "by": "Inholland",
        "layers": ["amplitie"],
        "areas": [4],
        "ages": (17, 23),
        "reach": 420,
        "cost": "60000",
        "source": "Nationaal Programma Onderwijs",
        "description": "<p>De eerste honderd dagen bouwen studenten aan ritme, vriendschap en vertrouwen.</p>",
        "in": ["Gemeente Alkmaar"],
    },
    {
        "name": "Scholing van docenten en mentoren",
        "by": "Horizon College",
        "layers": ["preventie"],
        "areas": [2, 4],
        "ages": (16, 23),
        "reach": 700,
        "cost": "52000",
        "source": "Nationaal Programma Onderwijs",
        "description": "<p>Mentoren leren een gesprek te voeren over hoe het echt gaat.</p>",
        "in": ["Gemeente Alkmaar"],
    },
    {
        "name": "Warme overdracht peuter naar kleuter",
        "by": "Rollebol kindercentra",
        "layers": ["preventie"],
        "areas": [1],
        "ages": (3, 5),
        "reach": 210,
        "cost": "15000",
        "source": "eigen middelen",
        "description": "<p>Pedagogisch medewerker, leerkracht en ouder praten samen voordat het kind vier wordt.</p>",
        "in": ["Gemeente Dijk en Waard"],
    },
    {
        "name": "Naschools sporten en muziek maken",
        "by": "Sport- en cultuurcoaches",
        "layers": ["amplitie"],
        "areas": [3],
        "ages": (6, 14),
        "reach": 380,
        "cost": "74000",
        "source": "gemeenten",
        "description": "<p>Na de laatste bel: proefweken met sport, dans en muziek, op het schoolplein.</p>",
        "in": ["Gemeente Castricum", "Gemeente Heiloo"],
    },
    {
        "name": "Geldcafé voor jongeren",
        "by": "Gemeente Dijk en Waard",
        "layers": ["preventie"],
        "areas": [4, 5],
        "ages": (16, 23),
        "reach": 90,
        "cost": "22000",
        "source": "gemeente",
        "description": "<p>Een avond in de maand over geld, met iemand die meekijkt naar de post die bleef liggen.</p>",
        "in": ["Gemeente Dijk en Waard"],
    },
]

# question, programme, level, reason
EXAMPLES: dict[int, dict[str, str]] = {
    1: {
        "example_reason": "Een jongere kent de coach al voordat de eerste lesdag op de nieuwe school begint.",
        "quotation": "Ik had haar nummer al in de zomer. Dus ik durfde de eerste dag naar binnen.",
        "source": "student mbo, 17 jaar (voorbeeld)",
    },
    4: {
        "example_reason": "Jongeren kiezen zelf het onderwerp en de gast; volwassenen luisteren.",
        "quotation": "Op dat podium ging het eens niet over cijfers maar over ons.",
        "source": "leerling vo, 15 jaar (voorbeeld)",
    },
    5: {
        "example_reason": "School, arts en leerplicht zitten vanaf de eerste ziekmelding aan één tafel.",
        "quotation": "Wij bellen nu met een vraag in plaats van met een verwijt.",
        "source": "mentor in het voortgezet onderwijs (voorbeeld)",
    },
}
"""The inspiring ones by their place, counted from 1: what others can learn, and what somebody says about it."""

NJI_LEVELS: dict[int, str] = {3: "well_founded", 5: "first"}
"""How far a programme is recognised, by its place (example data)."""

NOT_CONFIRMED = (11, 12)
"""The places of those of which nobody said for more than a year that they are still right."""

FITS: list[tuple[int, int, str, str]] = [
    (1, 1, "partly", "De coach werkt goed, maar heeft plek voor de helft van de jongeren."),
    (1, 2, "partly", "Helpt een deel van de groep: jongeren die nieuw zijn in Nederland."),
    (2, 10, "sufficient", "Het gesprek vooraf is precies wat scholen en ouders missen."),
    (3, 3, "none", "Gaat over gedrag in de klas, niet over de stap naar de brugklas."),
    (4, 7, "partly", "De coach is er voor twee van de vijf scholen."),
    (4, 6, "partly", "Jongerenwerk is er wel, maar praat niet mee met het gezin."),
    (5, 9, "partly", "Mentoren leren het gesprek te voeren; bellen dezelfde week kan nog niet."),
    (5, 7, "partly", "Sluit aan zodra een coach op school is."),
    (7, 11, "partly", "Werkt, maar nog niet in Uitgeest."),
    (8, 11, "none", "Is na schooltijd en voor een andere groep."),
    (9, 8, "sufficient", "Studenten die meededen, haalden vaker hun eerste jaar."),
    (11, 12, "partly", "Goede opzet met een klein bereik."),
    (12, 5, "partly", "Sterke aanpak die later begint dan wij willen."),
    (13, 3, "partly", "Leraren leren gedrag begrijpen; kinderen ontmoeten elkaar nog niet."),
]

# line: spread, strengthen, develop; programmes only for continue and broaden
MEASURES: list[dict[str, Any]] = [
    {
        "title": "De transfercoach gaat mee met twee keer zo veel jongeren",
        "kind": "broaden",
        "line": "strengthen",
        "questions": [1],
        "programmes": [1],
        "lead": "Horizon College",
        "with": ["Clusius College", "Samenwerkingsverband Voortgezet Onderwijs Noord-Kennemerland"],
        "budget": "180000",
        "goal": "<p>Elke jongere die dat wil, heeft een vast gezicht van het laatste jaar vmbo tot de kerstvakantie.</p>",
        "learn": "Welke jongeren hebben ook na de kerst nog een coach nodig?",
        "after": "De scholen nemen vier coaches op in de eigen formatie.",
    },
    {
        "title": "Warme overdracht bij alle locaties kinderopvang",
        "kind": "continue",
        "line": "strengthen",
        "questions": [2],
        "programmes": [10],
        "lead": "Rollebol kindercentra",
        "with": ["SKOA/Kiddies"],
        "budget": "48000",
        "goal": "<p>Iedere peuter gaat met een gesprek naar de basisschool.</p>",
        "learn": "Wat vertellen ouders in een gesprek dat niet op papier staat?",
        "after": "Het gesprek hoort bij het gewone werk.",
    },
    {
        "title": "Oefenen met de brugklas, een halfjaar vooraf",
        "kind": "start",
        "line": "develop",
        "questions": [3],
        "programmes": [],
        "lead": "Samenwerkingsverband Passend Primair Onderwijs Noord-Kennemerland",
        "with": ["Clusius College"],
        "budget": "65000",
        "goal": "<p>Kinderen die opzien tegen de brugklas kennen hun school, mentor en route voordat het begint.</p>",
        "learn": "Hoeveel keer oefenen is genoeg?",
        "after": "De scholen plannen de oefendagen in hun jaarrooster.",
        "why_new": "Er is geen aanbod voor deze overgang; de training voor leraren gaat over iets anders.",
    },
    {
        "title": "Jeugd- en gezinscoaches op alle scholen voor voortgezet onderwijs",
        "kind": "broaden",
        "line": "strengthen",
        "questions": [4, 5],
        "programmes": [7, 6],
        "lead": "Gemeente Alkmaar",
        "with": ["Gemeente Heiloo", "Gemeente Castricum", "Jeugd- en gezinscoaches", "Clusius College"],
        "budget": "320000",
        "goal": "<p>Op elke school is ten minste één dag per week een coach die jongere en gezin kent.</p>",
        "learn": "Wat verandert er voor de mentor?",
        "after": "Gemeenten nemen de helft over; over de andere helft besluit de stuurgroep in het tweede jaar.",
    },
    {
        "title": "Naschools sporten en muziek ook in Uitgeest",
        "kind": "broaden",
        "line": "strengthen",
        "questions": [7],
        "programmes": [11],
        "lead": "Gemeente Uitgeest",
        "with": ["Sport- en cultuurcoaches"],
        "budget": "54000",
        "goal": "<p>Kinderen zonder club doen mee aan ten minste twee proefweken.</p>",
        "learn": "Wie blijft na de proefweken sporten?",
        "after": "Clubs bieden een laag tarief voor het eerste jaar.",
    },
    {
        "title": "100 dagen blijft, en krijgt een tweede start in februari",
        "kind": "continue",
        "line": "strengthen",
        "questions": [9],
        "programmes": [8],
        "lead": "Inholland",
        "with": ["Gemeente Alkmaar"],
        "budget": "120000",
        "goal": "<p>Ook wie in februari begint, vindt ritme en medestudenten.</p>",
        "learn": "Helpt de tweede start studenten die zijn gewisseld van opleiding?",
        "after": "De hogeschool neemt het op in het eerste studiejaar.",
    },
    {
        "title": "Geldcafé reist langs vier gemeenten",
        "kind": "broaden",
        "line": "strengthen",
        "questions": [11],
        "programmes": [12],
        "lead": "Gemeente Dijk en Waard",
        "with": ["Gemeente Alkmaar", "Gemeente Heiloo"],
        "budget": "36000",
        "goal": "<p>Jongeren praten over geld voordat het misgaat.</p>",
        "learn": "Waar voelen jongeren zich vrij om de post mee te nemen?",
        "after": "Iedere gemeente betaalt de eigen avonden.",
    },
    {
        "title": "M@ZL begint eerder, en op drie scholen meer",
        "kind": "broaden",
        "line": "strengthen",
        "questions": [12],
        "programmes": [5],
        "lead": "Samenwerkingsverband Voortgezet Onderwijs Noord-Kennemerland",
        "with": ["GGD, jeugdgezondheidszorg", "Gemeente Bergen"],
        "budget": "98000",
        "goal": "<p>Na twee weken afwezig zijn praat iemand met jongere en ouders over wat wel lukt.</p>",
        "learn": "Welk signaal zien wij in de eerste twee weken?",
        "after": "De werkwijze staat in het verzuimbeleid van elke school.",
    },
]

# Example budgets: every amount is invented.
PACKAGES: list[dict[str, Any]] = [
    {
        "name": "Welbevinden jeugd in coronatijd en daarna",
        "giver": "Rijk",
        "form": "spuk",
        "purpose": "Jongeren zich beter laten voelen, met activiteiten dicht bij huis.",
        "sectors": ["gemeente", "vrijetijd", "zorg"],
        "budgets": ("140000", "90000"),
    },
    {
        "name": "Ontmoeting en mentaal welzijn jeugd",
        "giver": "Rijk",
        "form": "general",
        "purpose": "Plekken waar jongeren elkaar ontmoeten en hulp die makkelijk te vinden is.",
        "sectors": ["gemeente", "vrijetijd", "jeugdhulp"],
        "budgets": ("160000", "120000"),
    },
    {
        "name": "Nationaal Programma Onderwijs",
        "giver": "Rijk, via scholen en gemeenten",
        "form": "sector",
        "purpose": "Inhalen, groeien en welzijn in kinderopvang, po, vo, mbo en hbo.",
        "sectors": ["kinderopvang", "po", "vo", "swv", "mbo", "hbo", "gemeente"],
        "budgets": ("450000", "380000"),
    },
    {
        "name": "Aanpak jeugdwerkloosheid",
        "giver": "Rijk",
        "form": "general",
        "purpose": "Jongeren van school naar werk of verder leren begeleiden.",
        "sectors": ["gemeente", "mbo", "hbo"],
        "budgets": ("110000", "80000"),
    },
    {
        "name": "Versterken gemeentelijke aanpak schulden en armoede",
        "giver": "Rijk",
        "form": "general",
        "purpose": "Geldzorgen vroeg zien en samen oplossen.",
        "sectors": ["gemeente"],
        "budgets": ("70000", "60000"),
    },
    {
        "name": "Continuïteit lokale jeugdzorg",
        "giver": "Rijk",
        "form": "spuk",
        "purpose": "Hulp aan jongeren en gezinnen laten doorgaan.",
        "sectors": ["gemeente", "jeugdhulp", "zorg"],
        "budgets": ("95000", "75000"),
    },
    {
        "name": "Overige corona-regelingen jongeren",
        "giver": "Rijk en provincie",
        "form": "subsidy",
        "purpose": "Kleine projecten waar geen ander pakket bij past.",
        "sectors": ["gemeente", "vrijetijd", "kinderopvang", "po", "vo"],
        "budgets": ("40000", "30000"),
    },
]

# package, year (0 = this one, 1 = the next), amount, target: a measure, a sector or an organisation; committed?
ALLOCATIONS: list[tuple[int, int, str, int | str, bool]] = [
    (3, 0, "100000", 1, True),
    (3, 1, "80000", 1, False),
    (3, 0, "48000", 2, True),
    (3, 0, "65000", 3, False),
    (2, 0, "90000", 4, True),
    (2, 1, "60000", 4, False),
    (6, 0, "60000", 4, True),
    (1, 0, "54000", 5, True),
    (3, 0, "70000", 6, True),
    (4, 0, "50000", 6, True),
    (5, 0, "36000", 7, False),
    (3, 0, "45000", "po", True),
    (3, 0, "60000", "vo", True),
    (3, 0, "30000", "kinderopvang", True),
    (4, 0, "25000", "Horizon College", True),
    (7, 0, "12500", "kinderopvang", False),
]

TOPICS: list[dict[str, Any]] = [
    {"kind": "scale", "text": "Hoe loopt de samenwerking tussen de partners?"},
    {"kind": "scale", "text": "Merken jongeren iets van de maatregelen?"},
    {"kind": "number", "text": "Hoeveel jongeren heeft uw organisatie het afgelopen halfjaar bereikt?"},
    {
        "kind": "choice",
        "text": "Wat heeft het komende halfjaar de meeste aandacht nodig?",
        "options": ["Overgangen", "Hulp dicht bij school", "Sport en cultuur", "Werk en geld", "Iets anders"],
    },
    {"kind": "open", "text": "Wat moet anders, en wat moet zeker blijven?"},
]

# organisation, answers in the order of TOPICS
ANSWERS: list[tuple[str, tuple[Any, Any, Any, Any, Any]]] = [
    ("Gemeente Alkmaar", (4, 3, 310, "Hulp dicht bij school", "De lijnen zijn kort. Wij willen de coaches houden.")),
    ("Gemeente Bergen", (4, None, 60, "Hulp dicht bij school", "Wij zien nog te weinig van wat scholen merken.")),
    ("Gemeente Heiloo", (5, 4, 95, "Sport en cultuur", "Naschools sporten loopt goed.")),
    ("Gemeente Uitgeest", (3, 3, 40, "Sport en cultuur", "De start duurde lang. Nu komen er elke week kinderen bij.")),
    ("Clusius College", (4, 4, 120, "Hulp dicht bij school", "Een vaste dag maakt het verschil. Dat moet blijven.")),
    ("Horizon College", (4, 4, 180, "Overgangen", "De transfercoach heeft te weinig plekken.")),
    ("Inholland", (5, 4, 400, "Werk en geld", "Een tweede start in februari zou helpen.")),
    ("Rollebol kindercentra", (4, 5, 130, "Overgangen", "Ouders zijn blij met het gesprek.")),
]

FINDINGS: list[tuple[int, str]] = [
    (1, "De transfercoach heeft te weinig plekken: elke school heeft een wachtlijst."),
    (5, "De start in Uitgeest duurde lang. Nu komen er elke week kinderen bij."),
    (0, "Partners weten nog te weinig van wat anderen doen."),
]
"""What the first evaluation showed: the measure by its place (0: the whole plan), and the finding."""

CLOSED_BECAUSE = "De start is geweest. Wij kijken bij de volgende evaluatie hoeveel kinderen blijven."
WHY_MORE = "Twee coaches meer, zodat er op geen school een wachtlijst is (voorbeeld)."

SIGNED_IN = "Alkmaar"

ON_PAPER = ["Inholland", "SKOA/Kiddies"]
"""The partners that sign the demonstration pact on paper; the other twelve do so electronically."""

BODIES: list[dict[str, Any]] = [
    {
        "kind": "stuurgroep",
        "name": "Stuurgroep veerkracht",
        "purpose": "Wethouders en bestuurders besluiten over maatregelen en geld.",
        "meets": ("Besluiten over maatregelen en verdeling van de steunpakketten", 21, "Stadhuis Alkmaar"),
        "agenda": ["Voortgang van het uitvoeringsplan", "Voorgestelde maatregelen", "Verdeling van het geld"],
    },
    {
        "kind": "projectgroep",
        "name": "Projectgroep uitvoeringsplan",
        "purpose": "Beleidsmedewerkers en scholen bereiden voorstellen voor.",
        "meets": ("Vragen en aanbod naast elkaar leggen", 7, "Horizon College, Alkmaar"),
        "agenda": ["Nieuwe ondersteuningsvragen", "Aanbod dat volstaat", "Voorstellen voor de stuurgroep"],
    },
    {
        "kind": "klankbordgroep",
        "name": "Klankbordgroep jongeren en ouders",
        "purpose": "Jongeren, ouders en professionals geven advies over het plan.",
        "meets": ("Wat vinden jongeren van het plan?", 14, "Poppodium in Alkmaar"),
        "agenda": ["Wat is er met onze vragen gedaan?", "Advies over drie maatregelen"],
    },
    {
        "kind": "lerend_netwerk",
        "name": "Lerend netwerk van professionals",
        "purpose": "Mensen uit de praktijk leren van elkaar wat werkt.",
        "meets": ("Wat werkt bij de overstap naar het mbo?", 35, "Bibliotheek Heiloo"),
        "agenda": ["Een voorbeeld uit de praktijk", "Wat nemen wij mee?"],
    },
]
"""The bodies of the pact; each meets so many days from today."""

TESTIMONIES: list[dict[str, Any]] = [
    {
        "section": 3,
        "quotation": "Vraag niet alleen wat ik gemist heb. Vraag ook wat ik heb geleerd, en wie mij daarbij hielp.",
        "source": "student mbo, 18 jaar (voorbeeld)",
    },
    {
        "section": 5,
        "quotation": "Sinds de jongerenwerker op school zit, hoef ik niet meer uit te leggen waarom ik bel.",
        "source": "mentor in het voortgezet onderwijs (voorbeeld)",
    },
]
"""What young people and professionals say, by the place of the section that it stands beside, counted from 1."""

BEGINS_ON = date(2021, 5, 19)


def euros(text: str) -> Decimal:
    """An amount of the lists above."""
    return Decimal(text).quantize(Decimal("0.01"))
