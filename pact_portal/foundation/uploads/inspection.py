"""Looks through a PDF from somewhere, as a program of its own: `python inspection.py < file`, answer on stdout.

The PDF is read by a large library in C++, and a file of one megabyte can unpack to gigabytes. So this runs apart from
the portal, with little memory and little time, and whatever happens to it happens to nobody else. Imports nothing of
the portal, so that it starts in a fraction of a second.

The answer is one word: "clean", or why not: "encrypted", "broken", "active" (it can do something, or carries other
files), "complex" (more than a scan can hold).
"""

import sys
from io import BytesIO
from typing import Any

import pikepdf
from pikepdf import settings

MOST_MEMORY = 1024**3
MOST_SECONDS = 2
MOST_UNPACKED = 32 * 1024**2
"""Bytes of one packed stream that has to be read to find the objects."""
MOST_OBJECTS = 20_000
MOST_VALUES = 400_000

HARMLESS = "Resources is missing"
"""A page that draws nothing needs none; the one warning that a sound file can cause."""

# Keys of a dictionary that make a PDF do something, carry files or fetch them (ISO 32000-2, 7.11, 12.6, 12.7, 13).
ACTIVE_KEYS = {"/JS", "/JavaScript", "/AA", "/XFA", "/EF", "/EmbeddedFiles", "/AF", "/RichMediaContent", "/Ref"}
# Actions beyond moving about in the document (GoTo, Named) and following a link (URI).
ACTIVE_ACTIONS = {
    *("/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/ResetForm", "/GoToR", "/GoToE", "/Rendition"),
    *("/RichMediaExecute", "/Movie", "/Sound", "/Hide", "/SetOCGState", "/Trans", "/GoTo3DView", "/Thread", "/GoToDp"),
}
ACTIVE_KINDS = {"/EmbeddedFile", "/Filespec"}
ACTIVE_ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}


def limit() -> None:
    """Take away from this process what a scan does not need. Systems without such limits keep those of qpdf."""
    settings.set_qpdf_limits(
        doc_max_warnings=20,
        parser_max_nesting=100,
        parser_max_container_size=MOST_VALUES,
        flate_max_memory=MOST_UNPACKED,
        run_length_max_memory=MOST_UNPACKED,
        png_max_memory=MOST_UNPACKED,
        tiff_max_memory=MOST_UNPACKED,
    )
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    for kind, most in ((resource.RLIMIT_AS, MOST_MEMORY), (resource.RLIMIT_CPU, MOST_SECONDS)):
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):
            continue


def judge(content: bytes) -> str:
    """The answer for these bytes."""
    # A file that another program reads as something else as well is not what it says.
    end = content.rfind(b"%%EOF")
    if not content.startswith(b"%PDF-") or end < 0 or content[end + 5 :].strip(b"\0\r\n\t "):
        return "broken"
    try:
        # What has to be repaired, each program repairs in its own way, and then it shows something else.
        with pikepdf.open(BytesIO(content), attempt_recovery=False) as pdf:
            if pdf.is_encrypted:
                return "encrypted"
            if len(pdf.get_xref_table()) > MOST_OBJECTS:
                return "complex"
            answer = _walk(pdf)
            if answer != "clean":
                return answer
            # What could not be read became null, and was not looked at.
            is_read = len(pdf.pages) > 0 and all(HARMLESS in warning for warning in pdf.get_warnings())
            return "clean" if is_read else "broken"
    except pikepdf.PasswordError:
        return "encrypted"
    except (pikepdf.PdfError, pikepdf.ForeignObjectError, ValueError, TypeError, KeyError, RuntimeError, OverflowError):
        return "broken"
    except MemoryError:
        return "complex"


def _walk(pdf: Any) -> str:
    """Every object of the file, and whatever stands inside it; names are compared as the library reads them."""
    seen = 0
    for row in pdf.objects:
        waiting = [row]
        while waiting:
            value = waiting.pop()
            seen += 1
            if seen > MOST_VALUES:
                return "complex"
            if isinstance(value, pikepdf.Array):
                waiting += [item for item in value.as_list() if _is_inside(item)]
            elif isinstance(value, (pikepdf.Dictionary, pikepdf.Stream)):
                if _is_active(value):
                    return "active"
                waiting += [item for _key, item in value.items() if _is_inside(item)]
    return "clean"


def _is_inside(value: Any) -> bool:
    """Whether it is an array or dictionary that stands here itself; one that is referred to has its own turn."""
    return isinstance(value, (pikepdf.Array, pikepdf.Dictionary, pikepdf.Stream)) and not value.is_indirect


def _is_active(value: Any) -> bool:
    keys = set(value.keys())
    # A stream whose bytes stand in another file, or at an address.
    fetches = isinstance(value, pikepdf.Stream) and "/F" in keys
    # What happens by itself when the file is opened may be a place in it, and no more.
    opening = value.get("/OpenAction")
    acts = isinstance(opening, pikepdf.Dictionary) and str(opening.get("/S")) not in {"/GoTo", "/Named"}
    return (
        bool(keys & ACTIVE_KEYS)
        or fetches
        or acts
        or str(value.get("/S")) in ACTIVE_ACTIONS
        or str(value.get("/Type")) in ACTIVE_KINDS
        or str(value.get("/Subtype")) in ACTIVE_ANNOTATIONS
    )


if __name__ == "__main__":
    limit()
    sys.stdout.write(judge(sys.stdin.buffer.read()))
