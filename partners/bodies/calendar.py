"""A meeting as a file for anybody's calendar (iCalendar, RFC 5545 and 5546).

The same meeting has the same UID in every file, and a SEQUENCE that grows with every change, so that a calendar that
has the meeting already moves it instead of showing it twice, and takes it out when it was called off.
"""

from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.conf import settings
from django.utils import timezone
from icalendar import Calendar, Event, vCalAddress

from partners.bodies.models import Meeting

NEW_LINE_BEFORE = {"p", "li", "h2", "h3", "h4", "blockquote", "br", "tr"}


class _Words(HTMLParser):
    """The text of clean HTML, a paragraph or item per line."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []
        self.address: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in NEW_LINE_BEFORE:
            self.pieces.append("\n")
        if tag == "li":
            self.pieces.append("- ")
        if tag == "a":
            self.address = dict(attrs).get("href")

    def handle_endtag(self, tag: str) -> None:
        # A meeting held online stands or falls with its link.
        if tag == "a" and self.address and not "".join(self.pieces).endswith(self.address):
            self.pieces.append(f" ({self.address})")

    def handle_data(self, data: str) -> None:
        # A line end in HTML is a space.
        self.pieces.append(" ".join(data.split("\n")))


def words_of(html: str) -> str:
    """Clean HTML as plain text."""
    reader = _Words()
    reader.feed(html)
    reader.close()
    lines = (line.strip() for line in "".join(reader.pieces).split("\n"))
    # An item holds a paragraph: its mark and its words are one line.
    text = "\n".join(line for line in lines if line)
    return text.replace("-\n", "- ")


def method_of(meeting: Meeting) -> str:
    return "CANCEL" if meeting.cancelled_at else "PUBLISH"


def file_of(meeting: Meeting, *, url: str) -> bytes:
    """The file of one meeting; `url` is the full address of its page."""
    zone = timezone.get_default_timezone()
    event = Event()
    event.add("uid", f"{meeting.uid}@{urlsplit(settings.PORTAL_URL).hostname}")
    event.add("sequence", meeting.sequence)
    # The moment of this version of the meeting, so that the same version gives the same bytes.
    event.add("dtstamp", meeting.changed_at)
    event.add("last-modified", meeting.changed_at)
    event.add("dtstart", meeting.starts_at.astimezone(zone))
    event.add("dtend", meeting.ends_at.astimezone(zone))
    event.add("summary", f"{meeting.body.name}: {meeting.title}")
    event.add("location", meeting.place)
    event.add("description", "\n\n".join(filter(None, [words_of(meeting.agenda), url])))
    event.add("url", url)
    event.add("status", "CANCELLED" if meeting.cancelled_at else "CONFIRMED")
    organizer = vCalAddress(f"mailto:{settings.DEFAULT_FROM_EMAIL.rpartition('<')[2].rstrip('> ')}")
    organizer.params["CN"] = meeting.body.pact.name
    event.add("organizer", organizer)
    calendar = Calendar()
    calendar.add("prodid", "-//Pactportaal//Bijeenkomsten//NL")
    calendar.add("version", "2.0")
    calendar.add("method", method_of(meeting))
    calendar.add_component(event)
    # What "Europe/Amsterdam" means stands in the file itself, as RFC 5545 demands (3.6.5).
    calendar.add_missing_timezones()
    return bytes(calendar.to_ical())


def name_of(meeting: Meeting) -> str:
    """What the file is called: the day says most."""
    return f"bijeenkomst-{timezone.localtime(meeting.starts_at):%Y-%m-%d}.ics"
