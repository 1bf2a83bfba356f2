"""The pages of signing: what each shows to whom, what it refuses in words, and that a refusal leaves nothing behind."""

import hashlib
import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pikepdf
import pytest
import time_machine
from django.conf import settings as portal
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localtime
from pikepdf import Dictionary, Name, String
from PIL import Image

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.documents import rendering as documents
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.mail.models import OutgoingMail
from partners.models import (
    Deed,
    DeedRevision,
    Membership,
    Partnership,
    Reservation,
    Sector,
    Signature,
    SignaturePlace,
    User,
    Withdrawal,
)
from partners.pact import workflow as pacts
from partners.people import renewal
from partners.permissions import Role
from partners.signing import file_views, opening, reminders, sealing, views, workflow
from tests.factories import PASSWORD, make_member, make_partner
from tests.signing import Signing, freeze_pact, open_pact

pytestmark = pytest.mark.django_db

RENEW = reverse("accounts:renew")
REAUTHENTICATE = reverse("account_reauthenticate")
HTMX = {"HTTP_HX_REQUEST": "true"}
ANSWER = {
    "signatory": "bestuurder 1",
    "function": "wethouder jeugd",
    "mandate": "besluit van het college van 2 juni 2026",
    "signed_in": "Alkmaar",
    "read": "0",
    "consent": "on",
}


# --- What these tests share ------------------------------------------------------------------------------------------


def address(name: str, made: Signing, *args: Any) -> str:
    return reverse(f"partners:{name}", args=[made.pact.slug, *args])


def by_password(user: User, **headers: Any) -> Any:
    """A browser in which this person has just typed a password, as allauth records it."""
    client: Any = Client(**headers)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert "_auth_user_id" in client.session
    return client


def by_force(user: User) -> Any:
    """A browser in which this person is signed in, long ago: nothing was proved in this session."""
    client = Client()
    client.force_login(user)
    return client


def text_of(answer: Any) -> str:
    """The words of a page, as a reader sees them; the page must be there."""
    assert answer.status_code in (200, 286), answer.status_code
    return words_of(answer)


def words_of(answer: Any) -> str:
    return " ".join(html.unescape(answer.content.decode()).split())


def content_of(answer: Any) -> bytes:
    """The bytes of an answer; a file is read to its end, which closes it."""
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def state() -> dict[str, Any]:
    """All that signing can write, so that two moments can be compared."""
    tables = (Signature, DeedRevision, SignaturePlace, Withdrawal, Rendition)
    acts = AuditRecord.objects.across_pacts().exclude(action__startswith="account").exclude(action__startswith="person")
    return {
        **{table.__name__: table.objects.across_pacts().count() for table in tables},
        "deeds": list(Deed.objects.across_pacts().order_by("pk").values_list("pk", "state")),
        "reservations": list(Reservation.objects.across_pacts().order_by("pk").values_list("pk", "lifted_at")),
        "left": list(Partnership.objects.across_pacts().order_by("pk").values_list("pk", "left_on")),
        "audit": acts.filter(action__regex=r"^(pact|signing|reservation|partner|accession|deed)\.").count(),
        "mail": OutgoingMail.objects.filter(key__startswith="signing").count(),
    }


@contextmanager
def nothing_written() -> Iterator[None]:
    before = state()
    yield
    assert state() == before


def fields_of(answer: Any) -> dict[str, str]:
    """The hidden fields of the page that asks once more, as a browser sends them."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', answer.content.decode())
    return {name: html.unescape(value) for name, value in found if name != "csrfmiddlewaretoken"}


def confirmed(data: dict[str, Any]) -> dict[str, Any]:
    return {**data, "confirmed": "1"}


def sign_by_page(client: Any, made: Signing, at: int = 0, **changes: Any) -> Any:
    return client.post(address("sign", made, made.places[at].pk), confirmed({**ANSWER, **changes}))


def dutch(day: date) -> str:
    return f"{day.day}-{day.month}-{day.year}"


def a_pdf(change: Any = lambda pdf: None, **saving: Any) -> bytes:
    made = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        change(pdf)
        pdf.save(made, **saving)
    return made.getvalue()


def a_picture(kind: str) -> bytes:
    made = BytesIO()
    Image.new("RGB", (40, 20), "white").save(made, kind)
    return made.getvalue()


def add_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(Type=Name.Action, S=Name.JavaScript, JS=String("app.alert(1)"))


def on_paper(content: bytes | None = None, name: str = "scan.pdf", **changes: Any) -> dict[str, Any]:
    """What the form of a signature on paper sends."""
    return {
        "scan": SimpleUploadedFile(name, a_pdf() if content is None else content, content_type="application/pdf"),
        "signed_on": dutch(timezone.localdate()),
        "signed_in": "Heiloo",
        "signatory": "bestuurder 2",
        "function": "voorzitter",
        "mandate": "statuten, artikel 9",
        **changes,
    }


def record_paper(made: Signing, at: int, content: bytes | None = None) -> Signature:
    place = made.places[at]
    answer = by_force(made.coordinator).post(address("paper", made, place.pk), on_paper(content))
    assert answer.status_code == 302, words_of(answer)
    return Signature.objects.in_pact(made.pact).get(place=place)


# --- Who may, and how it is asked ------------------------------------------------------------------------------------

PLACE_PAGES = ("paper", "withdrawal", "sign", "reserve", "reservation_lift", "sheet", "sheet_rendition", "sheet_pdf")
ALL_PAGES = (
    "signing_progress",
    "signing_open",
    "accede",
    *PLACE_PAGES,
    "scan",
    "own_scan",
    "evidence",
    "evidence_rendition",
    "evidence_pdf",
    "deed_pdf",
)
OF_COORDINATOR = {"signing_open", "accede", "paper", "withdrawal", "scan"}
OF_SIGNATORY = {"sign", "reserve", "own_scan"}
ONLY_READ = {
    "signing_progress",
    "sheet",
    "sheet_pdf",
    "scan",
    "own_scan",
    "evidence",
    "evidence_pdf",
    "deed_pdf",
}


def arguments(name: str, made: Signing) -> list[Any]:
    """What the address of a page takes: of the first partner, or of the one that signed (the second, on paper)."""
    if name in {"signing_progress", "accede"}:
        return []
    if name == "signing_open":
        return [made.version.number]
    if name in {"scan", "own_scan"}:
        return [made.places[1].pk]
    if name.startswith("evidence"):
        return [Signature.objects.in_pact(made.pact).get().pk]
    return [made.deed.pk] if name == "deed_pdf" else [made.places[0].pk]


@pytest.fixture
def laid() -> Signing:
    """Three partners; the second has signed on paper."""
    made = open_pact(3)
    record_paper(made, 1)
    return made


@pytest.fixture
def outsiders(laid: Signing) -> dict[str, Any]:
    """Somebody without a writing role, a signatory of another partner, one of another pact, and nobody."""
    elsewhere = open_pact(1, slug="elders", first=910_001)
    return {
        "reader": by_force(make_member(laid.partners[0], Role.READER)),
        "representative": by_force(make_member(laid.partners[0], Role.REPRESENTATIVE)),
        "other signatory": by_force(laid.signatories[2]),
        "stranger": by_force(elsewhere.signatories[0]),
        "coordinator elsewhere": by_force(elsewhere.coordinator),
        "nobody": Client(),
    }


@pytest.mark.parametrize("name", ALL_PAGES)
def test_it_opens_a_page_to_who_may_and_to_nobody_else(laid: Signing, outsiders: dict[str, Any], name: str) -> None:
    there = address(name, laid, *arguments(name, laid))
    own = laid.signatories[1 if name == "own_scan" else 0]
    expected = {
        "coordinator": 403 if name in OF_SIGNATORY else 200,
        "own signatory": 403 if name in OF_COORDINATOR else 200,
        "reader": 403 if name in OF_COORDINATOR | OF_SIGNATORY else 200,
        "representative": 403 if name in OF_COORDINATOR | OF_SIGNATORY else 200,
        "other signatory": 403 if name in OF_COORDINATOR | OF_SIGNATORY else 200,
        "stranger": 404,
        "coordinator elsewhere": 404,
        "nobody": 302,
    }
    clients = {"coordinator": by_force(laid.coordinator), "own signatory": by_force(own), **outsiders}
    with nothing_written():
        for who, client in clients.items():
            answer = client.get(there)
            content_of(answer)
            status = answer.status_code
            if status == 302 and who != "nobody":  # a page that only leads on: to the register, or to how far it is
                assert answer.url.startswith(f"/{laid.pact.slug}/"), who
                status = 200
            assert status == expected[who], who
    assert reverse("account_login") in clients["nobody"].get(there).url


@pytest.mark.parametrize("name", [name for name in ALL_PAGES if name not in ONLY_READ])
def test_it_writes_nothing_for_who_may_not(laid: Signing, outsiders: dict[str, Any], name: str) -> None:
    there = address(name, laid, *arguments(name, laid))
    data = confirmed({**ANSWER, **on_paper(), "reason": "Nog niet.", "withdrawn_on": dutch(timezone.localdate())})
    refused = {"stranger", "coordinator elsewhere", "nobody"}
    if name in OF_COORDINATOR | OF_SIGNATORY | {"reservation_lift"}:
        refused |= {"reader", "representative", "other signatory"}
    with nothing_written():
        for who in refused:
            answer = outsiders[who].post(there, {**data, "scan": on_paper()["scan"]})
            assert answer.status_code in (302, 403, 404), who
            if answer.status_code == 302 and who != "nobody":
                assert name == "reservation_lift"


@pytest.mark.parametrize("name", sorted(ONLY_READ))
def test_it_takes_no_post_where_there_is_nothing_to_send(laid: Signing, name: str) -> None:
    there = address(name, laid, *arguments(name, laid))
    who = laid.signatories[1] if name == "own_scan" else laid.coordinator
    with nothing_written():
        assert by_force(who).post(there).status_code == 405


@pytest.mark.parametrize("name", [name for name in ALL_PAGES if name not in ONLY_READ])
def test_it_takes_no_other_method_where_there_is_a_form(laid: Signing, name: str) -> None:
    there = address(name, laid, *arguments(name, laid))
    who = laid.signatories[0] if name in OF_SIGNATORY else laid.coordinator
    with nothing_written():
        assert by_force(who).put(there).status_code == 405


@pytest.mark.parametrize("name", [*PLACE_PAGES, "scan", "own_scan", "evidence", "evidence_rendition", "deed_pdf"])
def test_it_knows_no_row_of_another_pact(laid: Signing, name: str) -> None:
    """The place, deed or signature of another pact, below the address of the own one: as if it were not there."""
    elsewhere = open_pact(2, slug="elders", first=910_001)
    elsewhere.sign(0, seal=True)
    record_paper(elsewhere, 1)
    row = {
        "deed_pdf": elsewhere.deed.pk,
        "evidence": elsewhere.places[0].signature.pk,
        "evidence_rendition": elsewhere.places[0].signature.pk,
    }.get(name, elsewhere.places[1].pk)
    unknown = 4_000_000
    for who in (laid.coordinator, laid.signatories[0]):
        client = by_force(who)
        answers = [client.get(address(name, laid, pk)) for pk in (row, unknown)]
        assert {answer.status_code for answer in answers} <= {403, 404}
        assert answers[0].status_code == answers[1].status_code
        assert elsewhere.partners[1].organisation.name not in words_of(answers[0])
    with nothing_written():
        if name not in ONLY_READ:
            answer = by_force(laid.coordinator).post(address(name, laid, row), confirmed({**ANSWER, **on_paper()}))
            assert answer.status_code in (403, 404)


# --- Signing ---------------------------------------------------------------------------------------------------------


class TestSigning:
    def test_it_shows_what_is_signed_and_what_is_asked(self) -> None:
        made = open_pact(3, sign_by=timezone.localdate() + timedelta(days=14))
        made.sign(2, seal=True)
        place = made.places[0]
        text = text_of(by_password(made.signatories[0]).get(address("sign", made, place.pk)))
        for shown in (
            views.consent_of(place),
            address("pact_viewer", made, made.version.number),
            address("pact_version", made, made.version.number),
            address("deed_pdf", made, made.deed.pk),
            address("reserve", made, place.pk),
            address("sheet", made, place.pk),
            made.deed.content_sha256,
            "1 van 3",
            "gewone elektronische handtekening (SES) met zegel van het portaal",
            str(made.partners[2]),
        ):
            assert shown in text
        assert 'name="read" value="1"' in text
        assert "Voor u tekent, laat u opnieuw zien dat u het bent." not in text

    def test_it_signs_after_asking_once(self) -> None:
        made = open_pact(2)
        client = by_password(made.signatories[0], HTTP_USER_AGENT="Proefbrowser 1.0")
        there = address("sign", made, made.places[0].pk)
        with nothing_written():
            asked = client.post(there, ANSWER)
        assert "kan niet worden gewijzigd of verwijderd" in text_of(asked)
        answer = client.post(there, fields_of(asked))
        assert (answer.status_code, answer.url) == (302, there)
        signature = Signature.objects.in_pact(made.pact).get()
        assert (signature.place, signature.way) == (made.places[0], Signature.Way.ELECTRONIC)
        kept = signature.evidence
        assert kept["consent"] == views.consent_of(made.places[0])
        assert kept["text_sha256"] == made.deed.content_sha256
        assert kept["file_sha256"] == made.deed.revisions.get().sha256
        assert kept["sign_in_method"] == "password"
        assert kept["sign_in_at"] == kept["reauthenticated_at"] != ""
        assert (kept["ip"], kept["browser"], kept["order"]) == ("127.0.0.1", "Proefbrowser 1.0", 1)
        assert f"U hebt ondertekend namens {made.partners[0]}." in text_of(client.get(there))

    def test_it_keeps_what_was_typed_and_names_what_is_missing(self) -> None:
        made = open_pact(1)
        client = by_password(made.signatories[0])
        with nothing_written():
            answer = sign_by_page(client, made, mandate="", consent="", function="wethouder van zorg")
        text = text_of(answer)
        assert "Er zijn 2 dingen die nog niet kloppen" in text
        assert "Vul in waarop de bevoegdheid om te tekenen berust." in text
        assert "Zet een vinkje als u het pact hebt gelezen en wilt ondertekenen." in text
        assert 'value="wethouder van zorg"' in text
        assert "<title>Fout:" in text

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("signatory", "x" * 161),
            ("function", "x" * 161),
            ("mandate", "x" * 301),
            ("signed_in", "x" * 121),
            ("signatory", "   "),
            ("mandate", "a\x00b"),
        ],
    )
    def test_it_refuses_what_cannot_be_kept(self, field: str, value: str) -> None:
        made = open_pact(1)
        client = by_password(made.signatories[0])
        with nothing_written():
            assert "nog niet klopt" in text_of(sign_by_page(client, made, **{field: value}))

    @pytest.mark.parametrize("read", ["", "7", "-1", "x", "1e400", "99999999999999999999"])
    def test_it_signs_nothing_when_it_does_not_know_what_was_read(self, read: str) -> None:
        made = open_pact(1)
        with nothing_written():
            assert "nog niet klopt" in text_of(sign_by_page(by_password(made.signatories[0]), made, read=read))

    def test_it_keeps_which_file_was_read_when_somebody_else_signed_meanwhile(self) -> None:
        made = open_pact(2)
        client = by_password(made.signatories[0])
        page = client.get(address("sign", made, made.places[0].pk))
        assert 'name="read" value="0"' in words_of(page)
        made.sign(1, seal=True)
        assert sign_by_page(client, made).status_code == 302
        signature = made.places[0].signature
        assert signature.evidence["file_sha256"] == made.deed.revisions.get(number=0).sha256
        assert sealing.seal(signature.pk)

    def test_it_signs_once_when_somebody_clicks_twice(self) -> None:
        made = open_pact(2)
        client = by_password(made.signatories[0])
        assert sign_by_page(client, made).status_code == 302
        with nothing_written():
            answer = sign_by_page(client, made, function="iemand anders")
            assert answer.status_code == 302
        assert "Deze handtekening staat er al. U hoeft niets meer te doen." in text_of(client.get(answer.url))
        assert Signature.objects.in_pact(made.pact).get().function == ANSWER["function"]

    def test_it_says_that_a_colleague_was_first(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Two signatories of one partner at the same moment: the page of the second had not seen the first."""
        made = open_pact(2)
        client = by_password(make_member(made.partners[0], Role.SIGNATORY))
        real = views._put

        def late(request: Any, place: SignaturePlace, *args: Any) -> None:
            made.sign(0)
            real(request, place, *args)

        monkeypatch.setattr(views, "_put", late)
        text = text_of(sign_by_page(client, made))
        assert "heeft al getekend" in text or "staat er al" in text
        assert Signature.objects.in_pact(made.pact).get().recorded_by == made.signatories[0]

    def test_it_shows_how_far_the_seal_is_and_then_asks_no_more(self) -> None:
        made = open_pact(2)
        client = by_password(made.signatories[0])
        there = address("sign", made, made.places[0].pk)
        sign_by_page(client, made)
        page = text_of(client.get(there))
        assert f'hx-get="{there}"' in page
        assert "Het zegel wordt nu in de PDF gezet." in page
        part = client.get(there, **HTMX)
        assert (part.status_code, "<html" in words_of(part)) == (200, False)
        assert f'hx-get="{there}"' in words_of(part)
        assert "HX-Request" in part.headers["Vary"]
        signature = Signature.objects.in_pact(made.pact).get()
        assert sealing.seal(signature.pk)
        part = client.get(there, **HTMX)
        assert part.status_code == views.STOP_POLLING
        assert "hx-get" not in words_of(part)
        assert address("evidence", made, signature.pk) in words_of(part)
        page = text_of(client.get(there))
        assert address("deed_pdf", made, made.deed.pk) in page
        assert f'hx-get="{there}"' not in page

    def test_it_stops_asking_at_a_place_where_nobody_signed(self) -> None:
        made = open_pact(1)
        answer = by_force(made.signatories[0]).get(address("sign", made, made.places[0].pk), **HTMX)
        assert answer.status_code in (200, 286, 302)
        assert "hx-get" not in words_of(answer).partition('id="seal"')[2]

    def test_it_says_that_the_seal_waits_and_that_nothing_is_lost_without_a_key(self, settings: Any) -> None:
        made = open_pact(1)
        client = by_password(made.signatories[0])
        there = address("sign", made, made.places[0].pk)
        sign_by_page(client, made)
        signature = Signature.objects.in_pact(made.pact).get()
        settings.SEAL_DEMO = False
        assert not sealing.seal(signature.pk)
        for answer in (client.get(there), client.get(there, **HTMX)):
            assert answer.status_code == 200, "it goes on asking"
            assert "Het portaal heeft nog geen sleutel om mee te verzegelen." in words_of(answer)
            assert "Uw handtekening gaat niet verloren." in words_of(answer)
        assert "nog geen sleutel" in text_of(client.get(address("signing_progress", made)))
        evidence = text_of(client.get(address("evidence", made, signature.pk)))
        assert "Het zegel wordt nog gezet" in evidence
        assert "Er gaat niets verloren." in evidence
        settings.SEAL_DEMO = True
        assert sealing.seal(signature.pk)
        assert "Ondertekend namens" in text_of(client.get(there))

    def test_it_sends_who_is_no_longer_signed_in_to_the_entrance_and_back(self) -> None:
        made = open_pact(1)
        client = by_password(made.signatories[0])
        there = address("sign", made, made.places[0].pk)
        client.get(there)
        client.session.flush()
        with nothing_written():
            for answer in (client.post(there, confirmed(ANSWER)), client.get(there), client.get(there, **HTMX)):
                assert answer.status_code in (200, 302)
                assert reverse("account_login") in answer.headers.get("HX-Redirect", answer.headers.get("Location", ""))
        client.post(reverse("account_login"), {"login": made.signatories[0].email, "password": PASSWORD})
        assert sign_by_page(client, made).status_code == 302

    def test_it_signs_for_nobody_whose_role_ended_meanwhile(self) -> None:
        made = open_pact(2)
        client = by_password(made.signatories[0])
        client.get(address("sign", made, made.places[0].pk))
        Membership.objects.in_pact(made.pact).filter(user=made.signatories[0]).update(
            ended_on=timezone.localdate() - timedelta(days=1)
        )
        with nothing_written():
            assert sign_by_page(client, made).status_code in (403, 404)

    def test_it_names_whom_it_signs_for_to_who_signs_for_two(self) -> None:
        made = open_pact(2)
        Membership.unscoped.create(
            user=made.signatories[0], partnership=made.partners[1], role=Role.SIGNATORY, started_on=date(2021, 1, 1)
        )
        client = by_password(made.signatories[0])
        for at in (0, 1):
            assert str(made.partners[at]) in text_of(client.get(address("sign", made, made.places[at].pk)))
            assert sign_by_page(client, made, at).status_code == 302
        assert {signature.place for signature in Signature.objects.in_pact(made.pact)} == set(made.places)


# --- Showing again who one is ----------------------------------------------------------------------------------------


class TestRenewal:
    def test_it_takes_what_was_proved_less_than_five_minutes_ago(self) -> None:
        start = timezone.now()
        with time_machine.travel(start, tick=False):
            made = open_pact(1)
            client = by_password(made.signatories[0])
        with time_machine.travel(start + timedelta(minutes=4, seconds=59), tick=False):
            answer = sign_by_page(client, made)
        assert answer.url == address("sign", made, made.places[0].pk)
        assert Signature.objects.in_pact(made.pact).count() == 1

    def test_it_asks_for_the_password_keeps_what_was_typed_and_then_signs(self) -> None:
        start = timezone.now()
        with time_machine.travel(start, tick=False):
            made = open_pact(1)
            client = by_password(made.signatories[0])
        there = address("sign", made, made.places[0].pk)
        with time_machine.travel(start + timedelta(minutes=5, seconds=1), tick=False):
            assert "Voor u tekent, laat u opnieuw zien dat u het bent." in text_of(client.get(there))
            with nothing_written():
                answer = client.post(there, confirmed({**ANSWER, "mandate": "mandaatregeling <b>2026</b>"}))
            assert (answer.status_code, answer.url) == (302, f"{REAUTHENTICATE}?next={there.replace('/', '%2F')}")
            assert "Laat eerst opnieuw zien dat u het bent." in text_of(client.get(answer.url))
            with nothing_written():
                wrong = client.post(REAUTHENTICATE, {"password": "een-ander-wachtwoord", "next": there})
                assert "Dit wachtwoord klopt niet." in text_of(wrong)
                assert client.post(there, confirmed(ANSWER)).url.startswith(REAUTHENTICATE)
            client.post(there, confirmed({**ANSWER, "mandate": "mandaatregeling <b>2026</b>"}))
            right = client.post(REAUTHENTICATE, {"password": PASSWORD, "next": there})
            assert (right.status_code, right.url) == (302, there)
            with nothing_written():
                page = text_of(client.get(there))
            assert 'value="mandaatregeling <b>2026</b>"' in page
            assert 'value="wethouder jeugd"' in page
            asked = client.post(there, {**ANSWER, "mandate": "mandaatregeling 2026"})
            assert client.post(there, fields_of(asked)).status_code == 302
            kept = Signature.objects.in_pact(made.pact).get().evidence
            assert kept["mandate"] == "mandaatregeling 2026"
            assert kept["sign_in_at"] < kept["reauthenticated_at"]
            assert "signing_draft" not in client.session

    def test_it_asks_who_has_no_password_for_a_code_by_mail(self) -> None:
        made = open_pact(1)
        user = made.signatories[0]
        user.set_unusable_password()
        user.save()
        client = by_force(user)
        there = address("sign", made, made.places[0].pk)
        with nothing_written():
            answer = client.post(there, confirmed(ANSWER))
        assert answer.url == f"{RENEW}?next={there.replace('/', '%2F')}"
        client.post(RENEW, {"action": "send", "next": there})
        with nothing_written():
            assert "klopt niet" in text_of(client.post(RENEW, {"code": "AAAA-BBBB", "next": there}))
            assert client.post(there, confirmed(ANSWER)).url.startswith(RENEW)
        mail = OutgoingMail.objects.filter(recipient=user.email).latest("pk")
        code = re.search(r"^\s*([A-Z0-9]{4,}-?[A-Z0-9]+)\s*$", mail.text, re.MULTILINE)
        assert code is not None
        assert client.post(RENEW, {"code": code[1], "next": there}).url == there
        assert 'value="wethouder jeugd"' in text_of(client.get(there))
        assert sign_by_page(client, made).url == there
        assert Signature.objects.in_pact(made.pact).get().evidence["sign_in_method"] == "code"

    def test_it_does_not_take_single_sign_on_alone(self) -> None:
        made = open_pact(1)
        client = by_force(made.signatories[0])
        session = client.session
        session["account_authentication_methods_user"] = str(made.signatories[0].pk)
        session["account_authentication_methods"] = [
            {"method": "socialaccount", "at": timezone.now().timestamp(), "provider": "x", "uid": "1"}
        ]
        session.save()
        with nothing_written():
            assert sign_by_page(client, made).url.startswith(REAUTHENTICATE)
        client.post(REAUTHENTICATE, {"password": PASSWORD})
        assert sign_by_page(client, made).url == address("sign", made, made.places[0].pk)
        kept = Signature.objects.in_pact(made.pact).get().evidence
        assert kept["sign_in_method"] == "socialaccount"
        assert kept["reauthenticated_at"] != ""

    def test_it_asks_who_comes_by_single_sign_on_and_has_no_password_for_a_code(self) -> None:
        made = open_pact(1)
        user = made.signatories[0]
        user.set_unusable_password()
        user.save()
        client = by_force(user)
        session = client.session
        session["account_authentication_methods_user"] = str(user.pk)
        session["account_authentication_methods"] = [
            {"method": "socialaccount", "at": timezone.now().timestamp(), "provider": "x", "uid": "1"}
        ]
        session.save()
        with nothing_written():
            assert sign_by_page(client, made).url.startswith(RENEW)

    def test_it_would_sign_from_an_open_browser_without_the_rule(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The lock off: who finds a browser open signs for a whole organisation."""
        made = open_pact(1)
        with nothing_written():
            sign_by_page(by_force(made.signatories[0]), made)
        monkeypatch.setattr(renewal, "demand", lambda request: None)
        sign_by_page(by_force(made.signatories[0]), made)
        assert Signature.objects.in_pact(made.pact).count() == 1

    def test_it_shows_nobody_what_another_typed(self) -> None:
        made = open_pact(1)
        client = by_force(made.signatories[0])
        sign_by_page(client, made, mandate="alleen van mij")
        draft = client.session["signing_draft"]
        other = by_force(make_member(made.partners[0], Role.SIGNATORY))
        session = other.session
        session["signing_draft"] = draft
        session.save()
        there = address("sign", made, made.places[0].pk)
        assert "alleen van mij" not in text_of(other.get(there))
        assert "alleen van mij" in text_of(client.get(there))

    def test_it_keeps_the_faults_of_the_form_apart_from_who_one_is(self) -> None:
        """Nobody proves who he is for a form that is then refused."""
        made = open_pact(1)
        assert "Vul de functie in." in text_of(sign_by_page(by_force(made.signatories[0]), made, function=""))


# --- When it cannot be signed any more -------------------------------------------------------------------------------


class TestClosed:
    def test_it_leads_from_a_version_that_was_superseded_meanwhile_to_the_newer_one(self) -> None:
        made = open_pact(2)
        client = by_password(made.signatories[0])
        there = address("sign", made, made.places[0].pk)
        client.get(there)
        newer = workflow.open_signing(made.freeze_next(), by=made.coordinator)
        place = newer.places.get(partnership=made.partners[0])
        with nothing_written():
            for answer in (sign_by_page(client, made, mandate="eigen mandaat"), client.get(there)):
                text = text_of(answer)
                assert "opgevolgd door een nieuwere" in text
                assert f'href="{address("sign", made, place.pk)}"' in text
        assert not Signature.objects.in_pact(made.pact).exists()
        page = text_of(client.get(address("sign", made, place.pk)))
        assert 'value="eigen mandaat"' in page, "what was typed is not typed again"
        assert "checked" not in page, "what was agreed with is another text"

    def test_it_asks_nobody_who_he_is_for_a_version_that_was_superseded(self) -> None:
        made = open_pact(1)
        workflow.open_signing(made.freeze_next(), by=made.coordinator)
        with nothing_written():
            assert "opgevolgd door een nieuwere" in text_of(sign_by_page(by_force(made.signatories[0]), made))

    def test_it_refuses_in_words_what_changed_while_the_form_was_on_its_way(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The newer version is opened between the look at the place and the lock of its deed."""
        made = open_pact(1)
        real = views._put

        def late(request: Any, place: SignaturePlace, *args: Any) -> None:
            workflow.open_signing(made.freeze_next(), by=made.coordinator)
            real(request, place, *args)

        monkeypatch.setattr(views, "_put", late)
        text = text_of(sign_by_page(by_password(made.signatories[0]), made))
        assert "opgevolgd door een nieuwere" in text
        newer = SignaturePlace.objects.in_pact(made.pact).get(deed__version__number=2)
        assert f'href="{address("sign", made, newer.pk)}"' in text
        assert not Signature.objects.in_pact(made.pact).exists()

    def test_it_leads_to_nothing_where_this_partner_has_no_place(self) -> None:
        made = open_pact(2)
        Partnership.objects.in_pact(made.pact).filter(pk=made.partners[1].pk).update(kind="executing")
        workflow.open_signing(made.freeze_next(), by=made.coordinator)
        text = text_of(by_password(made.signatories[1]).get(address("sign", made, made.places[1].pk)))
        assert "opgevolgd door een nieuwere" in text
        assert "Naar versie 2" not in text

    def test_it_says_that_a_partner_stepped_out(self) -> None:
        made = open_pact(2)
        client = by_password(made.signatories[1])
        workflow.withdraw(made.places[1], by=made.coordinator, withdrawn_on=timezone.localdate(), reason="Fusie.")
        with nothing_written():
            assert "doet niet meer mee" in text_of(client.get(address("sign", made, made.places[1].pk)))
            text = text_of(sign_by_page(client, made, 1))
        assert "Er kan niet meer worden getekend." in text or "Tekenen kan niet meer." in text
        for name in ("reserve", "paper", "sheet"):
            who = client if name == "reserve" else by_force(made.coordinator)
            with nothing_written():
                data = confirmed({**on_paper(), "reason": "Toch niet."})
                there = address(name, made, made.places[1].pk)
                answer = who.get(there, follow=True) if name == "sheet" else who.post(there, data, follow=True)
                assert "Tekenen kan niet meer." in text_of(answer), name

    def test_it_says_that_the_sheet_of_an_accession_is_still_made(self) -> None:
        made = open_pact(1)
        made.sign_all()
        later = make_partner(made.pact, "Later erbij", Sector.SECONDARY, position=9)
        signatory = make_member(later, Role.SIGNATORY)
        deed = workflow.accede(made.version, partnership=later, by=made.coordinator)
        client = by_password(signatory)
        there = address("sign", made, deed.places.get().pk)
        with nothing_written():
            for answer in (client.get(there), client.post(there, confirmed(ANSWER))):
                assert "Het blad wordt nog gemaakt." in text_of(answer)


# --- Reservations ----------------------------------------------------------------------------------------------------


class TestReservations:
    REASON = "Eerst moet de raad <b>instemmen</b>."

    def reserve(self, made: Signing, at: int = 0) -> Any:
        client = by_force(made.signatories[at])
        return client.post(address("reserve", made, made.places[at].pk), confirmed({"reason": self.REASON}))

    def test_it_is_made_shown_to_all_and_lifted_by_signing(self) -> None:
        made = open_pact(2)
        place = made.places[0]
        there = address("reserve", made, place.pk)
        client = by_password(made.signatories[0])
        assert "Alle leden van het pact kunnen uw voorbehoud lezen." in text_of(client.get(there))
        with nothing_written():
            asked = client.post(there, {"reason": self.REASON})
        assert fields_of(asked)["reason"] == self.REASON
        answer = client.post(there, fields_of(asked), follow=True)
        assert "Uw voorbehoud is vastgelegd." in text_of(answer)
        for who in (made.coordinator, made.signatories[1], make_member(made.partners[1], Role.READER)):
            page = by_force(who).get(address("signing_progress", made))
            assert "Eerst moet de raad" in text_of(page)
            assert b"<b>instemmen" not in page.content
        assert "Er staat een voorbehoud van uw organisatie." in text_of(client.get(address("sign", made, place.pk)))
        assert sign_by_page(client, made).status_code == 302
        reservation = Reservation.objects.in_pact(made.pact).get()
        assert reservation.lifted_at is not None
        assert (reservation.lifted_by, reservation.reason) == (made.signatories[0], self.REASON)
        assert "Eerst moet de raad" not in text_of(client.get(address("signing_progress", made)))

    def test_it_refuses_one_without_a_reason_and_keeps_what_is_too_long(self) -> None:
        made = open_pact(1)
        client = by_force(made.signatories[0])
        there = address("reserve", made, made.places[0].pk)
        with nothing_written():
            for reason in ("", "   "):
                assert "Schrijf op wat uw voorbehoud is." in text_of(client.post(there, confirmed({"reason": reason})))
            long = "woord " * 700
            assert long.strip() in text_of(client.post(there, confirmed({"reason": long})))

    def test_it_makes_one_at_a_time(self) -> None:
        made = open_pact(1)
        self.reserve(made)
        with nothing_written():
            answer = self.reserve(made)
            assert answer.status_code == 302
        text = text_of(by_force(made.signatories[0]).get(address("reserve", made, made.places[0].pk), follow=True))
        assert "Er staat al een voorbehoud" in text

    def test_it_is_lifted_by_its_own_partner_after_asking(self) -> None:
        made = open_pact(2)
        self.reserve(made)
        client = by_force(made.signatories[0])
        there = address("reservation_lift", made, made.places[0].pk)
        assert there in words_of(client.get(address("signing_progress", made)))
        with nothing_written():
            assert client.get(there).status_code == 302
            asked = client.post(there)
            assert "vervalt" in text_of(asked)
        assert "is opgeheven" in text_of(client.post(there, fields_of(asked), follow=True))
        assert Reservation.objects.in_pact(made.pact).get().lifted_by == made.signatories[0]
        with nothing_written():
            assert "Er staat geen voorbehoud" in text_of(client.post(there, {"confirmed": "1"}, follow=True))

    def test_it_is_not_lifted_for_another_nor_offered_to_whom_it_is_refused(self) -> None:
        """Only who made it knows whether it still stands: not the coordinator, nor another partner."""
        made = open_pact(2)
        self.reserve(made)
        there = address("reservation_lift", made, made.places[0].pk)
        for who in (made.coordinator, made.signatories[1], make_member(made.partners[0], Role.READER)):
            client = by_force(who)
            assert there not in words_of(client.get(address("signing_progress", made)))
            with nothing_written():
                text = text_of(client.post(there, {"confirmed": "1"}, follow=True))
            assert "kan een voorbehoud opheffen" in text or "geen ondertekenaar" in text


# --- On paper --------------------------------------------------------------------------------------------------------


class TestPaper:
    @pytest.mark.parametrize(
        ("kind", "content_type", "extension"),
        [("PDF", "application/pdf", "pdf"), ("PNG", "image/png", "png"), ("JPEG", "image/jpeg", "jpg")],
    )
    def test_it_records_the_scan_and_gives_it_back_as_a_file(
        self, kind: str, content_type: str, extension: str
    ) -> None:
        made = open_pact(2)
        signature = record_paper(made, 1, a_pdf() if kind == "PDF" else a_picture(kind))
        assert (signature.way, signature.scan_type) == (Signature.Way.PAPER, content_type)
        assert (signature.signed_in, signature.signed_on) == ("Heiloo", timezone.localdate())
        for name, who in (("scan", made.coordinator), ("own_scan", made.signatories[1])):
            answer = by_force(who).get(address(name, made, made.places[1].pk))
            content = content_of(answer)
            assert hashlib.sha256(content).hexdigest() == signature.scan_sha256
            assert answer.headers["Content-Type"] == content_type
            assert answer.headers["Content-Disposition"] == f'attachment; filename="tekenen-scan-2.{extension}"'
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert "no-store" in answer.headers["Cache-Control"]

    def test_it_gives_a_scan_of_an_unknown_kind_as_bytes_only(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Past every form: what a row says of its type is never told to a browser when it is not on the list."""
        made = open_pact(2)
        record_paper(made, 1)
        monkeypatch.setattr(file_views, "EXTENSIONS", {})
        answer = by_force(made.coordinator).get(address("scan", made, made.places[1].pk))
        assert content_of(answer)
        assert answer.headers["Content-Type"] == "application/octet-stream"
        assert answer.headers["Content-Disposition"].endswith('.bin"')

    def test_it_has_no_scan_of_who_signed_on_the_screen(self) -> None:
        made = open_pact(2)
        made.sign(0, seal=True)
        for at in (0, 1):
            there = address("scan", made, made.places[at].pk)
            text = text_of(by_force(made.coordinator).get(there, follow=True))
            assert "er geen handtekening op papier" in text

    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"<html><script>alert(1)</script></html>", "Dit is geen PDF, PNG of JPG."),
            (b"", "leeg"),
            (a_pdf(add_script), "Scan het vel opnieuw"),
            (a_pdf(encryption=pikepdf.Encryption(owner="baas", user="geheim")), "zonder beveiliging"),
            (b"%PDF-1.7\n%%EOF", "opnieuw"),
            (a_picture("PNG")[:60], "opnieuw"),
            (b"%PDF-1.7\n" + bytes(16_000_000), "te groot"),
        ],
        ids=["html as png", "empty", "script", "encrypted", "broken pdf", "broken png", "too large"],
    )
    def test_it_refuses_a_bad_scan_and_keeps_what_was_typed(self, content: bytes, said: str) -> None:
        made = open_pact(2)
        client = by_force(made.coordinator)
        files = set(portal.MEDIA_ROOT.rglob("*"))
        with nothing_written():
            data = on_paper(content, name="scan.png", mandate="besluit van het bestuur")
            text = text_of(client.post(address("paper", made, made.places[1].pk), data))
        assert said in text
        assert "nog niet klopt" in text
        assert 'value="besluit van het bestuur"' in text
        assert {path for path in portal.MEDIA_ROOT.rglob("*") if "scans" in path.parts} <= files

    def test_it_says_that_a_good_scan_must_be_chosen_again(self) -> None:
        made = open_pact(2)
        with nothing_written():
            text = text_of(
                by_force(made.coordinator).post(address("paper", made, made.places[1].pk), on_paper(function=""))
            )
        assert "Vul de functie in." in text
        assert "Kies het bestand opnieuw" in text
        assert 'value="statuten, artikel 9"' in text

    def test_it_says_how_large_a_scan_may_be(self) -> None:
        made = open_pact(1)
        assert "15 MB" in text_of(by_force(made.coordinator).get(address("paper", made, made.places[0].pk)))

    @pytest.mark.parametrize(
        ("signed_on", "said"),
        [
            (dutch(timezone.localdate() + timedelta(days=1)), "Deze dag is nog niet geweest."),
            ("1-1-2020", "Er kan niet eerder getekend zijn."),
            ("31-2-2026", "datum"),
            ("", "Vul de datum in die op het blad staat."),
        ],
    )
    def test_it_refuses_a_day_on_which_nobody_can_have_signed(self, signed_on: str, said: str) -> None:
        made = open_pact(2)
        with nothing_written():
            answer = by_force(made.coordinator).post(
                address("paper", made, made.places[1].pk), on_paper(signed_on=signed_on)
            )
            assert said in text_of(answer)

    def test_it_asks_for_the_scan(self) -> None:
        made = open_pact(2)
        data = on_paper()
        del data["scan"]
        with nothing_written():
            answer = by_force(made.coordinator).post(address("paper", made, made.places[1].pk), data)
            assert "Kies de scan van het getekende blad." in text_of(answer)

    def test_it_records_once_and_lifts_the_reservation(self) -> None:
        made = open_pact(2)
        workflow.reserve(made.places[1], by=made.signatories[1], reason="Nog niet.")
        record_paper(made, 1)
        assert Reservation.objects.in_pact(made.pact).get().lifted_by == made.coordinator
        client = by_force(made.coordinator)
        there = address("paper", made, made.places[1].pk)
        with nothing_written():
            assert "staat er al" in text_of(client.post(there, on_paper(), follow=True))
            assert "staat er al" in text_of(client.get(there, follow=True))

    def test_it_records_nothing_of_a_version_that_was_superseded_meanwhile(self) -> None:
        made = open_pact(2)
        workflow.open_signing(made.freeze_next(), by=made.coordinator)
        client = by_force(made.coordinator)
        with nothing_written():
            answer = client.post(address("paper", made, made.places[1].pk), on_paper(), follow=True)
            assert "opgevolgd door een nieuwere" in text_of(answer)

    def test_it_tells_how_to_sign_on_paper_and_makes_the_sheet(self) -> None:
        made = open_pact(2)
        place = made.places[1]
        client = by_force(made.signatories[1])
        there = address("sheet", made, place.pk)
        text = text_of(client.get(there))
        assert "Zo tekent u op papier" in text
        assert text.count("<ol") >= 1
        assert "Maak het tekenblad" in text
        assert str(place) in text
        assert "De PDF is er nog niet." in text_of(client.get(address("sheet_pdf", made, place.pk), follow=True))
        assert client.post(address("sheet_rendition", made, place.pk)).url == there
        part = client.get(address("sheet_rendition", made, place.pk), **HTMX)
        assert (part.status_code, "<html" in words_of(part)) == (200, False)
        assert "hx-get" in words_of(part)
        rendition = Rendition.objects.in_pact(made.pact).get(kind="sheet")
        assert documents.render(rendition.pk)
        part = client.get(address("sheet_rendition", made, place.pk), **HTMX)
        assert part.status_code == views.STOP_POLLING
        assert address("sheet_pdf", made, place.pk) in words_of(part)
        file = client.get(address("sheet_pdf", made, place.pk))
        assert content_of(file).startswith(b"%PDF-")
        assert file.headers["Content-Disposition"].startswith("attachment;")

    def test_it_asks_for_a_sheet_once(self) -> None:
        made = open_pact(1)
        client = by_force(made.signatories[0])
        for _turn in range(2):
            answer = client.post(address("sheet_rendition", made, made.places[0].pk), **HTMX)
            assert answer.status_code == 200
        assert Rendition.objects.in_pact(made.pact).filter(kind="sheet").count() == 1

    def test_it_offers_the_form_for_a_signed_sheet_to_the_coordinator_only(self) -> None:
        made = open_pact(2)
        there, form = address("sheet", made, made.places[1].pk), address("paper", made, made.places[1].pk)
        assert form in text_of(by_force(made.coordinator).get(there))
        back = f'href="{address("signing_progress", made)}?version=1#place-{made.places[1].pk}"'
        assert back in text_of(by_force(made.coordinator).get(there))
        assert form not in text_of(by_force(made.signatories[1]).get(there))


# --- The coordinator: opening, accession, withdrawal -----------------------------------------------------------------


class TestOpening:
    def test_it_opens_after_asking_once(self) -> None:
        made = freeze_pact(2)
        client = by_force(made.coordinator)
        there = address("signing_open", made, 1)
        day = timezone.localdate() + timedelta(days=30)
        assert there in text_of(client.get(address("signing_progress", made)))
        page = text_of(client.get(there))
        assert "Alle ondertekenaars van versie 1 krijgen een mail" in page
        assert "Dit moet eerst in orde zijn" not in page
        assert "Let hierop" not in page
        with nothing_written():
            asked = client.post(there, {"sign_by": dutch(day)})
            assert "Alle ondertekenaars van versie 1 krijgen een mail" in text_of(asked)
        answer = client.post(there, fields_of(asked), follow=True)
        assert "Versie 1 staat open om te tekenen." in text_of(answer)
        deed = Deed.objects.in_pact(made.pact).get()
        assert (deed.state, deed.sign_by, deed.places.count()) == (Deed.State.OPEN, day, 2)
        assert OutgoingMail.objects.filter(key__startswith="signing-asked-").count() == 2

    def test_it_opens_once_when_somebody_clicks_twice(self) -> None:
        made = freeze_pact(1)
        client = by_force(made.coordinator)
        there = address("signing_open", made, 1)
        client.post(there, {"confirmed": "1"})
        with nothing_written():
            assert "al opengesteld" in text_of(client.post(there, {"confirmed": "1"}, follow=True))
            page = text_of(client.get(there))
        assert "staat al open om te tekenen" in page
        assert 'name="sign_by"' not in page

    @pytest.mark.parametrize("state", ["waiting", "working", "failed", None])
    def test_it_says_that_the_file_is_not_there_yet(self, state: str | None) -> None:
        made = freeze_pact(1)
        version = pacts.freeze(made.pact, by=made.coordinator)
        renditions = Rendition.objects.in_pact(made.pact).filter(object_id=version.pk)
        if state:
            renditions.update(state=state)
        else:
            renditions.delete()
        client = by_force(made.coordinator)
        there = address("signing_open", made, 2)
        page = text_of(client.get(there))
        assert "De PDF van deze versie is er nog niet. Laat die eerst maken." in page
        assert f'href="{address("pact_version", made, 2)}#pdf"' in page
        assert 'name="sign_by"' not in page
        with nothing_written():
            assert "De PDF van deze versie is er nog niet." in text_of(client.post(there, {"confirmed": "1"}))

    def test_it_warns_of_who_cannot_sign_and_of_what_still_lies_on_the_table(self) -> None:
        made = open_pact(2)
        Membership.objects.in_pact(made.pact).filter(user=made.signatories[1]).delete()
        made.freeze_next()
        page = text_of(by_force(made.coordinator).get(address("signing_open", made, 2)))
        assert f"Namens {made.partners[1]} kan nog niemand in het portaal tekenen." in page
        assert f"{address('invite', made)}?partner={made.partners[1].pk}" in page
        assert "Versie 1 staat nog open. Die kan daarna niet meer worden getekend." in page
        assert f"Namens {made.partners[0]} kan" not in page

    @pytest.mark.parametrize(
        ("day", "said"),
        [(dutch(timezone.localdate()), "Kies een dag na vandaag."), ("1-1-2020", "Kies een dag"), ("morgen", "datum")],
    )
    def test_it_refuses_a_day_that_has_been_and_keeps_it(self, day: str, said: str) -> None:
        made = freeze_pact(1)
        with nothing_written():
            text = text_of(
                by_force(made.coordinator).post(address("signing_open", made, 1), confirmed({"sign_by": day}))
            )
        assert said in text
        assert f'value="{day}"' in text

    def test_it_opens_no_version_that_is_not_the_newest(self) -> None:
        made = freeze_pact(1)
        made.freeze_next()
        with nothing_written():
            text = text_of(by_force(made.coordinator).post(address("signing_open", made, 1), {"confirmed": "1"}))
        assert "Alleen de nieuwste versie kan worden opengesteld." in text

    def test_it_knows_no_version_that_is_not_there(self) -> None:
        made = freeze_pact(1)
        assert by_force(made.coordinator).get(address("signing_open", made, 9)).status_code == 404


class TestAccession:
    @pytest.fixture
    def made(self) -> Signing:
        made = open_pact(1)
        made.sign_all()
        return made

    @pytest.fixture
    def later(self, made: Signing) -> Partnership:
        return make_partner(made.pact, "Later erbij", Sector.SECONDARY, position=9)

    def test_it_lets_a_later_partner_accede_and_sign(self, made: Signing, later: Partnership) -> None:
        signatory = make_member(later, Role.SIGNATORY)
        client = by_force(made.coordinator)
        there = address("accede", made)
        assert there in text_of(client.get(address("signing_progress", made)))
        page = text_of(client.get(there))
        assert "Later erbij" in page
        assert "De handtekeningen die er al staan, blijven geldig." in page
        with nothing_written():
            asked = client.post(there, {"partnership": later.pk, "sign_by": ""})
        assert "Het blad voor de toetreding wordt gemaakt." in text_of(
            client.post(there, fields_of(asked), follow=True)
        )
        deed = Deed.objects.in_pact(made.pact).get(number=1)
        assert deed.state == Deed.State.PREPARING
        rendition = Rendition.objects.in_pact(made.pact).get(kind="accession")
        assert documents.render(rendition.pk)
        opening.open_prepared()
        deed.refresh_from_db()
        assert deed.state == Deed.State.OPEN
        theirs = by_password(signatory)
        assert "Later erbij" in text_of(theirs.get(address("signing_progress", made)))
        where = address("sign", made, deed.places.get().pk)
        assert "toetreding 1" in text_of(theirs.get(where))
        assert theirs.post(where, confirmed(ANSWER)).status_code == 302
        signature = Signature.objects.in_pact(made.pact).get(place__deed=deed)
        assert sealing.seal(signature.pk)
        assert "Ondertekend namens Later erbij" in text_of(theirs.get(where))

    def test_it_asks_which_partner_and_takes_none_that_signed_or_is_of_another_pact(
        self, made: Signing, later: Partnership
    ) -> None:
        elsewhere = open_pact(1, slug="elders", first=910_001)
        client = by_force(made.coordinator)
        assert str(elsewhere.partners[0]) not in text_of(client.get(address("accede", made)))
        for chosen, said in (
            ("", "Kies de partner die toetreedt."),
            (made.partners[0].pk, "Kies een partner uit de lijst."),
            (elsewhere.partners[0].pk, "Kies een partner uit de lijst."),
            ("x", "Kies een partner uit de lijst."),
            ("9" * 30, "Kies een partner uit de lijst."),
        ):
            with nothing_written():
                data = confirmed({"partnership": chosen, "sign_by": "1-1-2099"})
                text = text_of(client.post(address("accede", made), data))
            assert said in text
            assert 'value="1-1-2099"' in text

    def test_it_makes_one_sheet_when_somebody_clicks_twice(self, made: Signing, later: Partnership) -> None:
        client = by_force(made.coordinator)
        data = confirmed({"partnership": later.pk, "sign_by": ""})
        client.post(address("accede", made), data)
        with nothing_written():
            assert "staan al bij deze versie" in text_of(client.post(address("accede", made), data, follow=True))

    def test_it_says_what_comes_first(self, made: Signing) -> None:
        text = text_of(by_force(made.coordinator).get(address("accede", made), follow=True))
        assert "Voeg eerst een nieuwe partner toe." in text
        other = open_pact(1, slug="elders", first=910_001)
        text = text_of(by_force(other.coordinator).get(address("accede", other), follow=True))
        assert "Toetreden kan pas als het pact door allen is getekend." in text


class TestWithdrawal:
    def withdraw(self, made: Signing, at: int, client: Any = None, **changes: Any) -> Any:
        data = {"withdrawn_on": dutch(timezone.localdate()), "reason": "De stichting houdt op.", **changes}
        client = client or by_force(made.coordinator)
        return client.post(address("withdrawal", made, made.places[at].pk), confirmed(data), follow=True)

    def test_it_records_the_day_and_the_reason_after_asking(self) -> None:
        made = open_pact(2)
        made.sign(1, seal=True)
        client = by_force(made.coordinator)
        there = address("withdrawal", made, made.places[1].pk)
        assert "kan niet ongedaan worden gemaakt" in text_of(client.get(there))
        with nothing_written():
            data = {"withdrawn_on": dutch(timezone.localdate()), "reason": "De stichting houdt op."}
            asked = client.post(there, data)
        assert "is vastgelegd" in text_of(client.post(there, fields_of(asked), follow=True))
        withdrawal = Withdrawal.objects.in_pact(made.pact).get()
        assert (withdrawal.withdrawn_on, withdrawal.reason) == (timezone.localdate(), "De stichting houdt op.")
        page = text_of(by_force(made.signatories[0]).get(address("signing_progress", made)))
        assert "uitgetreden" in page
        assert "De stichting houdt op." in page
        assert "bestuurder 2" in page, "its signature stays in sight"

    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"reason": ""}, "Schrijf op waarom de partner uittreedt."),
            ({"withdrawn_on": ""}, "Vul de datum van uittreding in."),
            ({"withdrawn_on": dutch(timezone.localdate() + timedelta(days=1))}, "toekomst"),
            ({"withdrawn_on": "gisteren"}, "datum"),
        ],
    )
    def test_it_refuses_what_is_missing_or_impossible(self, changes: dict[str, str], said: str) -> None:
        made = open_pact(2)
        with nothing_written():
            text = text_of(self.withdraw(made, 1, **changes))
        assert said in text
        kept = {"reason": "De stichting houdt op.", "withdrawn_on": dutch(timezone.localdate()), **changes}
        assert kept["reason"] in text
        assert kept["withdrawn_on"] in text

    def test_it_records_once(self) -> None:
        made = open_pact(2)
        self.withdraw(made, 1)
        with nothing_written():
            assert "al vastgelegd" in text_of(self.withdraw(made, 1))

    def test_it_leaves_no_pact_without_a_coordinator(self) -> None:
        made = open_pact(2)
        made.sign(0, seal=True)
        with nothing_written():
            assert "nog niet klopt" in text_of(self.withdraw(made, 0))


# --- How far it is ---------------------------------------------------------------------------------------------------


class TestProgress:
    def test_it_says_that_nothing_lies_on_the_table(self) -> None:
        made = freeze_pact(1)
        text = text_of(by_force(made.signatories[0]).get(address("signing_progress", made)))
        assert "Er ligt nog geen pact om te tekenen" in text

    def test_it_shows_everybody_how_it_stands_with_every_partner(self) -> None:
        made = open_pact(5)
        made.sign(0, seal=True)
        made.sign(1)
        record_paper(made, 2)
        workflow.reserve(made.places[3], by=made.signatories[3], reason="Eerst de raad.")
        text = text_of(by_force(make_member(made.partners[4], Role.READER)).get(address("signing_progress", made)))
        for shown in (
            *(str(partner) for partner in made.partners),
            "elektronisch getekend",
            "wordt verzegeld",
            "op papier getekend",
            "voorbehoud",
            "nog niet getekend",
            "2 van 5",
        ):
            assert shown in text
        for hidden in ("Lees en onderteken", "Op papier vastleggen", "Uittreding", "Scan", "Voorbehoud opheffen"):
            assert hidden not in text

    def test_it_offers_each_what_he_can_do(self) -> None:
        made = open_pact(3)
        record_paper(made, 2)
        there = address("signing_progress", made)
        own = text_of(by_force(made.signatories[0]).get(there))
        assert f'href="{address("sign", made, made.places[0].pk)}"' in own
        assert f'href="{address("sign", made, made.places[1].pk)}"' not in own
        assert f'href="{address("own_scan", made, made.places[2].pk)}"' not in own
        assert address("own_scan", made, made.places[2].pk) in text_of(by_force(made.signatories[2]).get(there))
        coordinator = text_of(by_force(made.coordinator).get(there))
        for name in ("paper", "sheet", "withdrawal"):
            assert f'href="{address(name, made, made.places[0].pk)}"' in coordinator
        assert f'href="{address("scan", made, made.places[2].pk)}"' in coordinator
        assert f'href="{address("sign", made, made.places[0].pk)}"' not in coordinator

    def test_it_shows_how_often_somebody_was_reminded(self) -> None:
        made = open_pact(2)
        when = timezone.now() + timedelta(days=8)
        assert reminders.remind_all(now=when) == 2
        text = text_of(by_force(made.coordinator).get(address("signing_progress", made)))
        day = localtime(when)
        assert text.count("1 keer herinnerd") == 2
        assert f"laatst op {day.day} " in text
        made.sign(0, seal=True)
        text = text_of(by_force(made.coordinator).get(address("signing_progress", made)))
        assert text.count("1 keer herinnerd") == 1

    def test_it_shows_an_earlier_version_when_asked(self) -> None:
        made = open_pact(2)
        made.sign(0, seal=True)
        workflow.open_signing(made.freeze_next(), by=made.coordinator)
        client = by_force(made.coordinator)
        there = address("signing_progress", made)
        assert "0 van 2" in text_of(client.get(there))
        assert "1 van 2" in text_of(client.get(f"{there}?version=1"))
        for asked in ("9", "x", "-1", "9" * 40, "%00"):
            assert "0 van 2" in text_of(client.get(f"{there}?version={asked}"))

    def test_it_offers_nothing_at_a_version_that_was_superseded(self) -> None:
        made = open_pact(2)
        workflow.reserve(made.places[0], by=made.signatories[0], reason="Nog niet.")
        workflow.open_signing(made.freeze_next(), by=made.coordinator)
        for who in (made.coordinator, made.signatories[0]):
            text = text_of(by_force(who).get(f"{address('signing_progress', made)}?version=1"))
            assert "Nog niet." in text
            for name in ("sign", "paper", "sheet", "withdrawal", "reservation_lift"):
                assert address(name, made, made.places[0].pk) not in text

    def test_it_says_that_the_day_has_gone_by(self) -> None:
        made = open_pact(1, sign_by=timezone.localdate() + timedelta(days=1))
        Deed.objects.in_pact(made.pact).update(sign_by=timezone.localdate() - timedelta(days=1))
        assert "verstreken" in text_of(by_force(made.coordinator).get(address("signing_progress", made)))


# --- Evidence and files ----------------------------------------------------------------------------------------------


class TestEvidence:
    def test_it_shows_all_that_is_promised(self) -> None:
        made = open_pact(2)
        made.sign(1, seal=True)
        client = by_password(made.signatories[0], HTTP_USER_AGENT="Proefbrowser <1>")
        sign_by_page(client, made, read="1")
        signature = made.places[0].signature
        assert sealing.seal(signature.pk)
        answer = by_force(make_member(made.partners[1], Role.READER)).get(address("evidence", made, signature.pk))
        text = text_of(answer)
        for promised in (
            made.deed.content_sha256,
            made.deed.revisions.get(number=1).sha256,
            views.consent_of(made.places[0]),
            ANSWER["signatory"],
            ANSWER["function"],
            ANSWER["mandate"],
            "wachtwoord",
            "Tweede factor",
            "127.0.0.1",
            "Proefbrowser",
            "Tijd van de server",
            "Volgorde",
            "gewone elektronische handtekening (SES) met zegel van het portaal",
        ):
            assert promised in text
        assert re.search(r"<dt>Volgorde</dt>\s*<dd>2</dd>", text)
        assert b"<1>" not in answer.content
        assert f"<code>{made.deed.content_sha256}</code>" in text
        for never in ("geavanceerde", "gekwalificeerde"):
            assert never not in text

    def test_it_shows_the_second_factor_and_when(self) -> None:
        made = open_pact(1)
        signature = made.sign(0, seal=True)
        text = text_of(by_force(made.coordinator).get(address("evidence", made, signature.pk)))
        assert "code van een authenticator-app" in text
        assert "2 juni 2026 10:00:20" in text

    def test_it_tells_of_paper_who_recorded_it_and_leads_to_the_scan_who_may_see_it(self) -> None:
        made = open_pact(2)
        signature = record_paper(made, 1)
        there = address("evidence", made, signature.pk)
        scan, own = address("scan", made, made.places[1].pk), address("own_scan", made, made.places[1].pk)
        coordinator = text_of(by_force(made.coordinator).get(there))
        assert "handtekening op papier" in coordinator
        assert signature.scan_sha256 in coordinator
        assert "coördinator" in coordinator
        assert scan in coordinator
        assert own in text_of(by_force(made.signatories[1]).get(there))
        other = text_of(by_force(made.signatories[0]).get(there))
        assert scan not in other
        assert own not in other
        assert signature.scan_sha256 in other

    def test_it_makes_a_pdf_of_it(self) -> None:
        made = open_pact(1)
        signature = made.sign(0, seal=True)
        client = by_force(made.signatories[0])
        there = address("evidence", made, signature.pk)
        assert "De PDF is er nog niet." in text_of(client.get(address("evidence_pdf", made, signature.pk), follow=True))
        asked = client.post(address("evidence_rendition", made, signature.pk), **HTMX)
        assert (asked.status_code, "hx-get" in words_of(asked)) == (200, True)
        assert documents.render(Rendition.objects.in_pact(made.pact).get(kind="evidence").pk)
        done = client.get(address("evidence_rendition", made, signature.pk), **HTMX)
        assert done.status_code == views.STOP_POLLING
        assert address("evidence_pdf", made, signature.pk) in words_of(done)
        assert address("evidence_pdf", made, signature.pk) in text_of(client.get(there))
        file = client.get(address("evidence_pdf", made, signature.pk))
        assert content_of(file).startswith(b"%PDF-")
        assert file.headers["Content-Disposition"].startswith("attachment;")

    def test_it_makes_no_pdf_before_the_seal_is_there(self) -> None:
        made = open_pact(1)
        signature = made.sign(0)
        client = by_force(made.signatories[0])
        text = text_of(client.get(address("evidence", made, signature.pk)))
        assert "zodra het zegel er is" in text
        assert f'href="{address("signing_progress", made)}?version=1#place-{made.places[0].pk}"' in text
        assert "Maak een PDF van het bewijs" not in text


class TestDeedFile:
    def test_it_gives_members_the_newest_file_and_the_public_only_what_is_in_force(self) -> None:
        made = open_pact(2)
        there = address("deed_pdf", made, made.deed.pk)
        public: Any = Client()
        made.sign(0, seal=True)
        assert reverse("account_login") in public.get(there).url
        answer = by_force(make_member(made.partners[0], Role.READER)).get(there)
        assert content_of(answer) == made.file()
        made.sign(1, seal=True)
        answer = public.get(there)
        assert answer.status_code == 200
        assert content_of(answer) == made.file()
        assert answer.headers["Content-Disposition"] == 'attachment; filename="tekenen-pact-versie-1.pdf"'
        assert answer.headers["Content-Type"] == "application/pdf"

    def test_it_keeps_evidence_and_progress_from_the_public_also_when_all_have_signed(self) -> None:
        made = open_pact(1)
        made.sign_all()
        signature = Signature.objects.in_pact(made.pact).get()
        for name, args in (
            ("evidence", [signature.pk]),
            ("evidence_pdf", [signature.pk]),
            ("evidence_rendition", [signature.pk]),
            ("signing_progress", []),
            ("scan", [made.places[0].pk]),
        ):
            answer = Client().get(address(name, made, *args))
            assert answer.status_code == 302
            assert answer.url.startswith(reverse("account_login"))
