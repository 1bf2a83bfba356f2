"""The door for files: what is sound comes through as itself, everything else is refused, soon and in words."""

import hashlib
import resource
import struct
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from io import BytesIO

import pikepdf
import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, String
from PIL import Image

from pact_portal.foundation.forms.guarded import GuardedForm
from pact_portal.foundation.forms.uploads import ImageField, ScanField
from pact_portal.foundation.uploads import files, images, inspection, pictures, scans
from pact_portal.foundation.uploads.files import CheckedFile
from pact_portal.foundation.uploads.images import check_image
from pact_portal.foundation.uploads.scans import check_scan

LONGEST_REFUSAL = 1.0
"""Seconds, by the promise; measured on the refusal that takes longest."""


def upload(content: bytes, name: str = "bestand") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/octet-stream")


def a_pdf(change: Callable[[pikepdf.Pdf], object] = lambda pdf: None, **saving: object) -> bytes:
    made = BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.pages[0].Resources = Dictionary()
        change(pdf)
        pdf.save(made, **saving)
    return made.getvalue()


def a_picture(kind: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **saving: object) -> bytes:
    made = BytesIO()
    colour = (200, 30, 60, 120)[: len(mode)] if mode.isalpha() and len(mode) > 1 else 90
    Image.new(mode, size, colour).save(made, kind, **saving)
    return made.getvalue()


def refusal(check: Callable[[SimpleUploadedFile], CheckedFile], content: bytes) -> tuple[str, str]:
    """The code and the sentence of a refusal."""
    with pytest.raises(ValidationError) as refused:
        check(upload(content))
    return refused.value.code, refused.value.messages[0]


def outcome(check: Callable[[SimpleUploadedFile], CheckedFile], content: bytes) -> tuple[CheckedFile | None, str]:
    """What came through, or the sentence of the refusal."""
    try:
        return check(upload(content)), ""
    except ValidationError as refused:
        return None, refused.messages[0]


def a_chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))


def a_bomb_of_pixels() -> bytes:
    """A PNG of some hundred bytes that says that it has 50,000 by 50,000 pixels."""
    header = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 6, 0, 0, 0)
    chunks = a_chunk(b"IHDR", header) + a_chunk(b"IDAT", zlib.compress(bytes(10_000))) + a_chunk(b"IEND", b"")
    return pictures.PNG_SIGNATURE + chunks


def a_bomb_of_objects(megabytes: int) -> bytes:
    """A PDF with one object stream that unpacks to so many megabytes, packed a thousand times smaller."""
    made, places = BytesIO(), {}
    made.write(b"%PDF-1.7\n")

    def add(number: int, body: bytes) -> None:
        places[number] = made.tell()
        made.write(b"%d 0 obj\n" % number + body + b"\nendobj\n")

    def packed(head: bytes, content: bytes) -> bytes:
        return b"<<%s/Filter/FlateDecode/Length %d>>stream\n%s\nendstream" % (head, len(content), content)

    add(1, b"<</Type/Catalog/Pages 2 0 R/X 5 0 R>>")
    add(2, b"<</Type/Pages/Kids[3 0 R]/Count 1>>")
    add(3, b"<</Type/Page/Parent 2 0 R/Resources<<>>/MediaBox[0 0 9 9]>>")
    packer = zlib.compressobj(9)
    stream = packer.compress(b"5 0 42") + b"".join(packer.compress(b" " * 2**20) for _ in range(megabytes))
    add(4, packed(b"/Type/ObjStm/N 1/First 4", stream + packer.flush()))
    start = places[6] = made.tell()
    rows = [(0, 0, 65535), *((1, places[n], 0) for n in (1, 2, 3, 4)), (2, 4, 0), (1, start, 0)]
    table = zlib.compress(b"".join(struct.pack(">BIH", *row) for row in rows))
    add(6, packed(b"/Type/XRef/Size 7/W[1 4 2]/Root 1 0 R", table))
    made.write(b"startxref\n%d\n%%%%EOF\n" % start)
    return made.getvalue()


def a_zip() -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("program.js", "alert(1)")
    return made.getvalue()


# --- What comes through ----------------------------------------------------------------------------------------------


def test_it_keeps_a_scanned_pdf_byte_for_byte():
    content = a_pdf()
    scan = check_scan(upload(content, "scan.exe"))
    assert scan == CheckedFile(content, "application/pdf", hashlib.sha256(content).hexdigest(), "pdf")


@pytest.mark.parametrize(("kind", "extension"), [("PNG", "png"), ("JPEG", "jpg")])
def test_it_takes_a_photograph_of_a_sheet(kind, extension):
    scan = check_scan(upload(a_picture(kind), "scan.pdf"))
    assert (scan.content_type, scan.extension) == (f"image/{kind.lower()}", extension)
    assert scan.sha256 == hashlib.sha256(scan.content).hexdigest()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_it_takes_png_in_every_mode(mode):
    made = check_image(upload(a_picture("PNG", mode=mode)))
    assert (made.content_type, made.width, made.height) == ("image/png", 40, 20)


def test_it_scales_sixteen_bits_of_grey_instead_of_cutting_them_off():
    made = BytesIO()
    Image.new("I;16", (2, 2), 0x8000).save(made, "PNG")
    with Image.open(BytesIO(check_image(upload(made.getvalue())).content)) as image:
        assert image.getpixel((0, 0)) == 128


def test_it_takes_a_jpeg_of_a_printer():
    with Image.open(BytesIO(check_image(upload(a_picture("JPEG", mode="CMYK"))).content)) as image:
        assert image.mode == "RGB"


@pytest.mark.parametrize(
    ("saving", "mode", "content_type"),
    [
        ({"quality": 80}, "RGB", "image/jpeg"),
        ({"quality": 80}, "RGBA", "image/png"),
        ({"lossless": True}, "RGB", "image/png"),
    ],
)
def test_it_makes_png_or_jpeg_of_webp(saving, mode, content_type):
    assert check_image(upload(a_picture("WEBP", mode=mode, **saving))).content_type == content_type


def test_it_turns_a_photograph_upright_and_leaves_out_where_it_was_taken():
    exif = Image.Exif()
    exif[0x0112] = 6  # turned a quarter
    exif[0x010F] = "Telefoon van de wethouder"
    exif.get_ifd(0x8825)[2] = (52.0, 37.0, 55.0)
    source = a_picture("JPEG", exif=exif, comment=b"<script>alert(1)</script>")
    assert b"Telefoon van de wethouder" in source
    made = check_image(upload(source))
    assert (made.width, made.height) == (20, 40)
    for secret in (b"Telefoon", b"Exif", b"script"):
        assert secret not in made.content
    with Image.open(BytesIO(made.content)) as image:
        assert not image.getexif()


def test_it_leaves_out_the_texts_of_a_png():
    notes = a_chunk(b"tEXt", b"Comment\0gemaakt door de secretaris")
    source = a_picture().replace(struct.pack(">I", 0) + b"IEND", notes + struct.pack(">I", 0) + b"IEND")
    assert b"secretaris" in source
    assert b"secretaris" not in check_image(upload(source)).content


def test_it_makes_the_same_of_the_same():
    for content in (a_picture("PNG"), a_picture("JPEG"), a_picture("WEBP")):
        assert check_image(upload(content)) == check_image(upload(content))


def test_it_makes_a_large_image_small_enough_for_a_page_and_leaves_a_scan_its_pixels():
    content = a_picture("JPEG", (3000, 1000))
    image = check_image(upload(content))
    assert (image.width, image.height) == (2400, 800)
    with Image.open(BytesIO(check_scan(upload(content)).content)) as scan:
        assert scan.size == (3000, 1000)


def test_it_takes_the_second_exposure_that_a_telephone_adds():
    made = BytesIO()
    first, second = Image.new("RGB", (40, 20), "red"), Image.new("RGB", (20, 10), "blue")
    first.save(made, "MPO", save_all=True, append_images=[second])
    assert check_image(upload(made.getvalue())).width == 40


def test_it_takes_a_pdf_with_links_and_a_signature():
    def sign(pdf):
        link = Dictionary(
            Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=Dictionary(S=Name.URI, URI=String("https://a.nl"))
        )
        field = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Widget,
            FT=Name.Sig,
            T=String("s"),
            Rect=[0, 0, 0, 0],
            V=Dictionary(Type=Name.Sig),
        )
        pdf.pages[0].Annots = Array([pdf.make_indirect(link), pdf.make_indirect(field)])
        pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.pages[0].Annots[1]]), SigFlags=3)
        pdf.Root.OpenAction = Array([pdf.pages[0].obj, Name.Fit])

    assert check_scan(upload(a_pdf(sign))).extension == "pdf"


# --- What is refused -------------------------------------------------------------------------------------------------


def an_action(**entries: object) -> Dictionary:
    return Dictionary(Type=Name.Action, **entries)


def attach(pdf: pikepdf.Pdf) -> None:
    pdf.attachments["program.exe"] = b"MZ"


def add_script(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OpenAction = an_action(S=Name.JavaScript, JS=String("app.alert(1)"))


ACTIVE = {
    "script at opening": add_script,
    "script by name": lambda pdf: setattr(
        pdf.Root, "Names", Dictionary(JavaScript=Dictionary(Names=Array([String("a"), an_action(S=Name.JavaScript)])))
    ),
    "script deep inside": lambda pdf: setattr(
        pdf.pages[0], "PieceInfo", Array([Array([Dictionary(A=Array([an_action(S=Name.JavaScript)]))])])
    ),
    "starts a program": lambda pdf: setattr(pdf.Root, "OpenAction", an_action(S=Name.Launch, F=String("cmd.exe"))),
    "opens another file": lambda pdf: setattr(pdf.Root, "OpenAction", an_action(S=Name.GoToR, F=String("\\\\host\\x"))),
    "sends a form": lambda pdf: setattr(pdf.Root, "OpenAction", an_action(S=Name.SubmitForm)),
    "acts when a page opens": lambda pdf: setattr(
        pdf.pages[0], "AA", Dictionary(O=an_action(S=Name.Named, N=Name.Print))
    ),
    "carries a file": attach,
    "carries a file at a note": lambda pdf: setattr(
        pdf.pages[0], "Annots", Array([Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, Rect=[0, 0, 9, 9])])
    ),
    "form of XFA": lambda pdf: setattr(
        pdf.Root, "AcroForm", Dictionary(Fields=Array(), XFA=pdf.make_stream(b"<xdp:xdp/>"))
    ),
    "film": lambda pdf: setattr(
        pdf.pages[0], "Annots", Array([Dictionary(Type=Name.Annot, Subtype=Name.RichMedia, Rect=[0, 0, 9, 9])])
    ),
    "fetches its stream": lambda pdf: setattr(pdf.Root, "X", pdf.make_stream(b"", {"/F": String("https://a.nl/")})),
}


@pytest.mark.parametrize("what", ACTIVE)
def test_it_refuses_a_pdf_that_can_do_something(what):
    code, sentence = refusal(check_scan, a_pdf(ACTIVE[what]))
    assert code == "active"
    assert "Scan het vel opnieuw" in sentence


def test_it_finds_a_script_that_a_search_through_the_bytes_would_miss():
    packed = a_pdf(add_script, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    plain = a_pdf(add_script, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    # As long as before, so that the table of objects still points at them.
    disguised = plain.replace(b"/JavaScript /Type /Action", b"/J#61vaScript            ")
    disguised = disguised.replace(rb"/JS (app.alert\(1\))", rb"/J#53 (ap.alert\(\))")
    assert len(disguised) == len(plain)
    for content in (packed, disguised):
        # The twin: a search through the bytes finds nothing.
        assert b"/JavaScript" not in content
        assert b"/JS" not in content
        assert refusal(check_scan, content)[0] == "active"


@pytest.mark.parametrize("password", ["geheim", ""])
def test_it_refuses_an_encrypted_pdf(password):
    content = a_pdf(encryption=pikepdf.Encryption(owner="baas", user=password))
    code, sentence = refusal(check_scan, content)
    assert code == "encrypted"
    assert "zonder beveiliging" in sentence


@pytest.mark.parametrize(
    "content",
    [
        b"%PDF-1.7",
        b"%PDF-1.7\n%%EOF",
        b"%PDF-1.7\n1 0 obj\n<</Type/Catalog>>\nendobj\ntrailer<</Root 1 0 R>>\nstartxref\n0\n%%EOF",
        a_pdf()[:-200] + b"%%EOF",
        a_pdf().replace(b"startxref", b"startxxxx"),
        a_pdf() + b"<script>alert(1)</script>",
        a_pdf() + a_zip(),
        b"%PDF-1.7\n%" + a_zip()[:-2] + struct.pack("<H", len(a_pdf())) + a_pdf(),
    ],
    ids=["head", "head and tail", "no table", "cut", "lost table", "page behind", "archive behind", "archive before"],
)
def test_it_refuses_a_broken_pdf_and_one_that_is_something_else_as_well(content):
    code, sentence = refusal(check_scan, content)
    assert code == "broken"
    assert "Scan het vel opnieuw" in sentence


def test_it_refuses_a_pdf_without_pages():
    made = BytesIO()
    with pikepdf.new() as pdf:
        pdf.save(made)
    assert refusal(check_scan, made.getvalue())[0] == "broken"


@pytest.mark.parametrize(
    "content",
    [
        b"<html><script>alert(1)</script>",
        b"GIF89a" + bytes(50),
        b"BM" + bytes(50),
        b"MZ" + bytes(50),
        a_zip(),
        b"\n" + a_pdf(),
        b"<html>" + a_pdf(),
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"%!PS-Adobe-3.0",
    ],
)
@pytest.mark.parametrize("check", [check_scan, check_image])
def test_it_goes_by_the_content_and_not_by_the_name(check, content):
    with pytest.raises(ValidationError) as refused:
        check(SimpleUploadedFile("foto.png", content, content_type="image/png"))
    assert refused.value.code == "wrong_type"
    assert any(word in refused.value.messages[0] for word in ("kies", "Scan", "Sla"))


def test_it_says_what_to_do_with_svg_heic_and_pdf_where_an_image_is_asked():
    assert "PNG" in refusal(check_image, b"<?xml version='1.0'?><SVG/>")[1]
    assert "HEIC" in refusal(check_image, b"\0\0\0\x18ftypheic" + bytes(50))[1]
    assert "HEIC" in refusal(check_scan, b"\0\0\0\x18ftypheic" + bytes(50))[1]
    assert refusal(check_image, a_pdf())[0] == "wrong_type"
    assert refusal(check_scan, a_picture("WEBP"))[0] == "wrong_type"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("tail", [a_zip(), b"<script>alert(1)</script>", a_pdf()], ids=["zip", "html", "pdf"])
def test_it_refuses_another_file_behind_an_image(kind, tail):
    content = a_picture(kind) + tail
    with Image.open(BytesIO(content)) as image:
        image.load()  # the twin: whoever only decodes the picture notices nothing
    assert refusal(check_image, content)[0] == "trailing"


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("part", [0.2, 0.5, 0.9])
def test_it_refuses_an_image_that_was_cut_off(kind, part):
    content = a_picture(kind, (300, 300))
    code, sentence = refusal(check_image, content[: int(len(content) * part)])
    assert code == "broken"
    assert "opnieuw" in sentence


def test_it_refuses_html_that_begins_as_a_png():
    assert refusal(check_image, pictures.PNG_SIGNATURE + b"<script>alert(1)</script>" * 9)[0] == "broken"


@pytest.mark.parametrize(("check", "megabytes"), [(check_scan, 15), (check_image, 8)])
def test_it_refuses_a_file_that_is_too_large_without_reading_it(check, megabytes):
    class Endless(SimpleUploadedFile):
        def chunks(self, chunk_size=None):
            raise AssertionError("was read")

    large = Endless("scan.pdf", b"%PDF-1.7")
    large.size = 10**9
    with pytest.raises(ValidationError, match=f"hooguit {megabytes} MB") as refused:
        check(large)
    assert refused.value.code == "too_large"


def test_it_stops_reading_a_file_that_is_larger_than_it_said():
    class Liar(SimpleUploadedFile):
        taken = 0

        def chunks(self, chunk_size=None):
            while True:
                self.taken += 1
                yield bytes(1_000_000)

    liar = Liar("scan.pdf", b"%PDF-1.7")
    with pytest.raises(ValidationError, match="te groot"):
        check_scan(liar)
    assert liar.taken == 16


@pytest.mark.parametrize("check", [check_scan, check_image])
def test_it_refuses_an_empty_file(check):
    assert refusal(check, b"") == ("empty", "Dit bestand is leeg. Kies een ander bestand.")


# --- Bombs -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check", [check_scan, check_image])
def test_it_refuses_a_bomb_of_pixels_before_unpacking_it(check):
    tracemalloc.start()
    try:
        code, sentence = refusal(check, a_bomb_of_pixels())
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert code == "too_many_pixels"
    assert "60 miljoen" in sentence
    assert most < 10 * 2**20


def test_it_refuses_between_its_own_limit_and_that_of_the_library():
    header = struct.pack(">IIBBBBB", 10_000, 7_000, 1, 0, 0, 0, 0)
    large = pictures.PNG_SIGNATURE + a_chunk(b"IHDR", header) + a_chunk(b"IDAT", b"") + a_chunk(b"IEND", b"")
    assert refusal(check_image, large)[0] == "too_many_pixels"


def seconds_of_children() -> float:
    """Of the processor: how long it takes by the clock depends on what else the machine does."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


WALK_UNLIMITED = """
import resource, sys
from io import BytesIO
sys.path.insert(0, {folder!r})
import inspection
answer = inspection.judge(sys.stdin.buffer.read())
print(answer, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def test_it_refuses_a_bomb_of_objects_that_would_fill_the_memory():
    bomb = a_bomb_of_objects(150)
    assert len(bomb) < 500_000
    before = seconds_of_children()
    assert refusal(check_scan, bomb)[0] in ("broken", "complex")
    assert seconds_of_children() - before < LONGEST_REFUSAL
    # The twin: the same walk without the limits.
    program = WALK_UNLIMITED.format(folder=str(scans.INSPECTION.parent))
    free = subprocess.run([sys.executable, "-c", program], input=bomb, capture_output=True, check=True)
    assert int(free.stdout.split()[1]) > 150


def test_it_refuses_a_pdf_with_more_objects_than_a_scan_has():
    def crowd(pdf):
        pdf.Root.X = Array([pdf.make_indirect(Dictionary()) for _ in range(inspection.MOST_OBJECTS + 1)])

    assert refusal(check_scan, a_pdf(crowd))[0] == "complex"
    assert refusal(check_scan, a_pdf(lambda pdf: setattr(pdf.Root, "X", Array([Array()] * 400_001))))[0] in (
        *("complex", "broken"),
    )


def test_it_refuses_when_the_inspection_does_not_answer(monkeypatch, tmp_path):
    for program in ("import os; os.abort()", "print('clean?')", "import time; time.sleep(30)"):
        script = tmp_path / "inspection.py"
        script.write_text(program)
        monkeypatch.setattr(scans, "INSPECTION", script)
        monkeypatch.setattr(scans, "LONGEST_WAIT", 0.3)
        assert refusal(check_scan, a_pdf())[0] == "complex"


# --- Whatever comes --------------------------------------------------------------------------------------------------


@settings(max_examples=150)
@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255))))
def test_it_takes_or_refuses_an_image_with_flipped_bits(kind, flips):
    content = bytearray(a_picture(kind, (30, 30)))
    for place, mask in flips:
        content[place % len(content)] ^= mask
    made, fault = outcome(check_image, bytes(content))
    assert fault.endswith(".") if made is None else pictures.kind_of(made.content) in ("PNG", "JPEG")


@settings(max_examples=200)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1), st.booleans())
def test_it_has_an_answer_for_every_pdf_with_flipped_bits(flips, is_packed):
    mode = pikepdf.ObjectStreamMode.generate if is_packed else pikepdf.ObjectStreamMode.disable
    content = bytearray(a_pdf(add_script, object_stream_mode=mode))
    for place, mask in flips:
        content[place % len(content)] ^= mask
    assert inspection.judge(bytes(content)) in ("clean", "active", "broken", "encrypted", "complex")


@given(st.binary(max_size=400), st.sampled_from([b"", b"%PDF-", pictures.PNG_SIGNATURE, b"\xff\xd8\xff", b"RIFF"]))
def test_it_refuses_noise_in_words(noise, head):
    for check in (check_image,) if head == b"%PDF-" else (check_scan, check_image):
        made, fault = outcome(check, head + noise)
        assert made is None
        assert fault.endswith(".")


# --- In a form -------------------------------------------------------------------------------------------------------


class Sending(GuardedForm, forms.Form):
    place = forms.CharField(label="Plaats")
    scan = ScanField(label="Scan", help_text="Het hele vel.")
    picture = ImageField(label="Afbeelding", required=False)


def test_it_gives_a_form_the_checked_file():
    form = Sending({"place": "Heiloo"}, {"scan": upload(a_pdf()), "picture": upload(a_picture())})
    assert form.is_valid()
    assert form.cleaned_data["scan"].extension == "pdf"
    assert form.cleaned_data["picture"].width == 40
    assert form.is_multipart()


def test_it_says_at_the_field_what_is_wrong_with_a_file():
    form = Sending({"place": "Heiloo"}, {"scan": upload(b"<html>"), "picture": upload(b"")})
    page = str(form)
    assert "Dit is geen PDF, PNG of JPG." in page
    assert "Dit bestand is leeg." in page
    assert 'href="#id_scan"' in page
    assert str(Sending({"place": "Heiloo"})).count("Kies een bestand.") == 2


def test_it_says_what_may_be_sent_and_that_it_must_be_chosen_again():
    first = str(Sending())
    assert "PDF, PNG of JPG, hooguit 15 MB. Het hele vel." in first
    assert 'accept=".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"' in first
    assert "Kies het bestand" not in first
    again = str(Sending({"place": ""}, {"scan": upload(a_pdf())}))
    # Only at the one that was chosen.
    assert again.count("Kies het bestand opnieuw") == 1
    assert again.index("id_scan_helptext") < again.index("Kies het bestand opnieuw") < again.index("id_picture")


def test_it_counts_in_megabytes_of_which_people_speak():
    assert files.MEGABYTE == 10**6
    assert scans.LARGEST == 15_000_000
    assert images.LARGEST == 8_000_000


@pytest.mark.filterwarnings("ignore:Metadata Warning")
@pytest.mark.parametrize("kind", range(1, 14))
def test_it_takes_or_refuses_a_photograph_with_crooked_notes(kind: int):
    """Notes of a camera (EXIF) of another kind than they say: upright or refused, never a fault of the portal."""
    name_of_the_maker, orientation = 0x010F, 0x0112
    notes = struct.pack("<HHIHH", orientation, 3, 1, 6, 0) + struct.pack("<HHII", name_of_the_maker, kind, 2, 38)
    exif = (
        b"Exif\x00\x00II*\x00\x08\x00\x00\x00"
        + struct.pack("<H", 2)
        + notes
        + bytes(4)
        + struct.pack("<IIII", 1, 3, 5, 7)
    )
    plain = a_picture("JPEG")
    crooked = plain[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + plain[2:]
    for check in (check_image, check_scan):
        checked, said = outcome(check, crooked)
        assert checked or said


@pytest.mark.parametrize(("kind", "is_refused"), [("URI", True), ("GoTo", False)])
def test_it_refuses_a_pdf_that_calls_an_address_when_it_is_opened(kind: str, is_refused: bool):
    def opens(pdf: pikepdf.Pdf) -> None:
        pdf.Root.OpenAction = Dictionary(S=Name(f"/{kind}"), URI=String("https://elders.example/"))

    checked, _said = outcome(check_scan, a_pdf(opens))
    assert (checked is None) is is_refused
