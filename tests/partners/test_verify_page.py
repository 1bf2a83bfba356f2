"""The page where anybody hands in a PDF: what it says of each file, to whom, and that nothing of it stays behind."""

import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.sealing import checking
from partners.models import DeedRevision
from partners.signing import sealing, verification, verify_views, workflow
from tests.partners.test_signing_workflow import paper
from tests.signing import Signing, freeze_pact, open_pact

pytestmark = pytest.mark.django_db

VERIFY = reverse("partners:verify")


def hand_in(data: bytes, *, by: Any = None, name: str = "pact.pdf") -> Any:
    """The answer to somebody who hands in these bytes; anonymous without `by`."""
    client = Client(enforce_csrf_checks=True)
    if by:
        client.force_login(by)
    return client.post(VERIFY, {"file": SimpleUploadedFile(name, data, "application/pdf")})


def words(answer: Any) -> str:
    """What a reader of the main part of the page reads, on one line."""
    main = answer.content.decode().partition("<main")[2].partition("</main")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def files_of(made: Signing) -> list[bytes]:
    rows = DeedRevision.objects.in_pact(made.pact).filter(deed=made.deed).order_by("number")
    return [sealing.read(row) for row in rows]


def kept(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


class TestOurs:
    def test_it_says_what_a_signed_file_is_to_anybody(self):
        made = open_pact(3)
        workflow.record_paper(made.places[1], **paper(made.coordinator))
        made.sign(0, seal=True)
        made.sign(2, seal=True)
        for reader in (None, made.signatories[0], made.coordinator):
            answer = hand_in(made.file(), by=reader)
            said = words(answer)
            assert answer.status_code == 200
            assert "Uitslag: dit bestand is echt en heel" in answer.content.decode()
            assert "Dit bestand is echt en heel" in said
            assert "Pact Tekenen" in said
            assert "door allen getekend op" in said
            assert "Partner 1 van tekenen bestuurder 1 wethouder" in said
            assert "bestuurder voorzitter college van bestuur" in said
            assert said.count("elektronisch, in dit bestand") == 2
            assert said.count("op papier, bij de coördinator") == 1
            assert "gewone elektronische handtekening (SES) met zegel van het portaal" in said
            assert verification.verify(made.file()).sha256 in said
            assert "proefzegel" in said  # the key of the tests is the one of the demo

    def test_it_says_of_an_earlier_file_that_others_signed_after_it(self):
        made = open_pact(2)
        made.sign_all()
        said = words(hand_in(files_of(made)[1]))
        assert "Dit bestand is echt, maar niet het nieuwste" in said
        assert "Daarna zijn er handtekeningen bij gekomen" in said
        assert said.count("elektronisch, in dit bestand") == 1
        assert said.count("elektronisch, na dit bestand") == 1
        assert "Naar het pact" in said

    def test_it_says_of_a_former_version_that_another_is_in_force(self):
        made = open_pact(1)
        made.sign_all()
        former = made.file()
        made.version = made.freeze_next()
        made.deed = workflow.open_signing(made.version, by=made.coordinator)
        assert "Dit bestand is echt en heel" in words(hand_in(former))
        made.sign_all()
        said = words(hand_in(former))
        assert "Deze versie van het pact is opgevolgd door een nieuwere" in said
        assert "later opgevolgd" in said

    def test_it_knows_a_file_that_lies_not_on_the_table_yet(self):
        made = freeze_pact(1)
        rendition = verification.Rendition.objects.in_pact(made.pact).get()
        with rendition.file.open("rb") as file:
            said = words(hand_in(file.read()))
        assert "nog niet open om te tekenen" in said
        assert "Er staan nog geen handtekeningen van partners in dit bestand" in said

    def test_it_tells_of_a_pact_that_is_not_public_only_what_stands_in_the_file(self):
        made = open_pact(3)
        made.sign(0, seal=True)
        early = made.file()
        made.sign(1, seal=True, function="geheime functie", signed_in="Elders")
        said = words(hand_in(early))
        assert "bestuurder 1" in said
        assert "bestuurder 2" not in said
        assert "geheime functie" not in said
        assert said.count("niet in dit bestand") == 2
        assert "Naar het pact" not in said
        # The twin: what is told of a version that everybody may read, as all have signed it.
        made.sign(2, seal=True)
        assert "bestuurder 2 geheime functie" in words(hand_in(early))


class TestNotOurs:
    def test_it_refuses_what_was_changed_by_a_single_byte(self):
        made = open_pact(1)
        made.sign_all()
        whole = made.file()
        for at in (20, len(whole) // 2, len(whole) - 5):
            flipped = bytearray(whole)
            flipped[at] ^= 1
            answer = hand_in(bytes(flipped))
            assert answer.status_code == 200
            assert "Uitslag: dit bestand is niet herkend" in answer.content.decode()
            said = words(answer)
            assert "Dit bestand is niet herkend" in said
            assert "Pact Tekenen" not in said
            assert "bestuurder" not in said
        assert "niet herkend" in words(hand_in(whole + b"\n"))
        assert "niet herkend" in words(hand_in(whole[:-1]))
        # The twin: the same bytes, untouched, are recognised.
        assert "echt en heel" in words(hand_in(whole))

    def test_it_says_when_the_seal_of_a_known_file_cannot_be_confirmed(self, monkeypatch):
        made = open_pact(1)
        made.sign_all()
        monkeypatch.setattr(checking, "check", lambda data, certificates: checking.Verdict(fault="Niet te lezen."))
        said = words(hand_in(made.file()))
        assert "Het zegel van dit bestand klopt niet" in said
        assert "Pact Tekenen" not in said

    @pytest.mark.parametrize(
        ("data", "sentence"),
        [
            (b"%PDF-1.7 verzonnen", "Dit bestand is niet herkend"),
            (b"GIF89a", "Dit is geen PDF. Kies het PDF-bestand van het pact"),
            (b"\x00" * 5_000, "Dit is geen PDF. Kies het PDF-bestand van het pact"),
            (b"<html><script>alert(1)</script>", "Dit is geen PDF. Kies het PDF-bestand van het pact"),
            (b"", "Dit bestand is leeg. Haal de PDF opnieuw op."),
        ],
        ids=["made up", "picture", "zeros", "page", "empty"],
    )
    def test_it_says_in_words_what_is_wrong(self, data, sentence):
        answer = hand_in(data)
        assert answer.status_code == 200
        assert sentence in words(answer)

    def test_it_asks_for_a_file_when_none_comes(self):
        for sent in ({}, {"file": ""}, {"file": "tekst in plaats van een bestand"}):
            answer = Client().post(VERIFY, sent)
            assert answer.status_code == 200
            assert "Kies eerst een PDF-bestand" in words(answer)
            assert "Fout:" in answer.content.decode()

    def test_it_shows_the_name_of_a_file_as_text(self):
        answer = hand_in(b"%PDF-1.7", name="<img src=x onerror=alert(1)>.pdf")
        assert b"<img src=x" not in answer.content
        assert "niet herkend" in words(answer)


class TestLarge:
    def test_it_refuses_what_is_announced_as_too_large_and_never_reads_it(self, monkeypatch):
        monkeypatch.setattr(verify_views, "LARGEST_TO_VERIFY", 1_000)
        monkeypatch.setattr(verify_views, "ENVELOPE", 1_000)
        read: list[int] = []
        monkeypatch.setattr(verify_views, "VerifyForm", watched(read, verify_views.VerifyForm))
        answer = hand_in(b"%PDF-" + b"x" * 3_000)
        assert answer.status_code == 413
        assert "Dit bestand is te groot" in words(answer)
        assert read == []
        # The twin: with the limit off the file comes in.
        monkeypatch.setattr(verify_views, "ENVELOPE", 100_000)
        hand_in(b"%PDF-" + b"x" * 3_000)
        assert read == [3_005]

    def test_it_refuses_a_file_that_turns_out_too_large(self, monkeypatch):
        monkeypatch.setattr(verify_views, "LARGEST_TO_VERIFY", 1_000)
        monkeypatch.setattr(verify_views, "verify_file", lambda data: pytest.fail("it was read"))
        answer = hand_in(b"%PDF-" + b"x" * 1_000)
        assert answer.status_code == 413
        assert "Dit bestand is te groot" in words(answer)

    def test_it_takes_a_file_of_just_the_right_size(self, monkeypatch):
        monkeypatch.setattr(verify_views, "LARGEST_TO_VERIFY", 1_000)
        assert "niet herkend" in words(hand_in(b"%PDF-" + b"x" * 995))

    @pytest.mark.parametrize("length", ["", "-1", "tien", "٣", "9" * 30])
    def test_it_answers_in_words_to_a_strange_length(self, length):
        answer = Client().generic("POST", VERIFY, b"", "multipart/form-data; boundary=x", CONTENT_LENGTH=length)
        assert answer.status_code in {200, 400, 413}


def watched(read: list[int], form: Any) -> Any:
    """The form, that notes how large the files are that reach it."""

    def made(*args: Any) -> Any:
        if len(args) > 1 and "file" in args[1]:
            read.append(args[1]["file"].size)
        return form(*args)

    return made


class TestPage:
    def test_it_keeps_no_file_and_writes_nothing(self, settings, tmp_path):
        settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
        settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 0  # each file goes by the disk
        made = open_pact(1)
        made.sign_all()
        whole = made.file()
        folder, records = Path(portal.MEDIA_ROOT), AuditRecord.objects.across_pacts().count()
        before = kept(folder)
        for data in (whole, whole + b"x", b"GIF89a", b"%PDF-1.7"):
            hand_in(data)
        assert kept(folder) == before
        assert kept(tmp_path) == set()
        assert AuditRecord.objects.across_pacts().count() == records

    def test_it_is_there_for_anybody_and_is_not_kept_by_browsers(self):
        answer = Client().get(VERIFY)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"]
        said = words(answer)
        assert "Hooguit 30 MB. Het portaal bewaart uw bestand niet." in said
        assert "Uitslag" not in said

    @pytest.mark.parametrize("method", ["put", "patch", "delete"])
    def test_it_takes_no_other_methods(self, method):
        assert getattr(Client(), method)(VERIFY).status_code == 405

    def test_it_is_reached_from_the_foot_of_every_page(self, people, client_for):
        for client in (Client(), client_for(people.reader)):
            foot = client.get(reverse("front:home"), follow=True).content.decode().partition("<footer")[2]
            assert f'href="{VERIFY}"' in foot
