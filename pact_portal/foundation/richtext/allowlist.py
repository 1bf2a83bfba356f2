"""The one list of what rich text may hold: the editor's extensions, its toolbar and the sanitiser follow from it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import nh3
from django.utils.functional import Promise
from django.utils.html import strip_tags
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Button:
    """A button of the toolbar: command in static/js/richtext.js, label, lucide icon, whether it opens a group."""

    command: str
    label: str | Promise
    icon: str
    opens_group: bool = False


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that a writer can do: the editor's extension with its options, and the HTML that it makes."""

    extension: str
    tags: frozenset[str] = frozenset()
    attributes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    classes: Mapping[str, frozenset[str]] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    buttons: tuple[Button, ...] = ()


SCHEMES = ("http", "https", "mailto")
CELL = frozenset({"colspan", "rowspan"})

FEATURES: tuple[Feature, ...] = (
    Feature("Document"),
    Feature("Text"),
    Feature("Dropcursor"),
    Feature("Gapcursor"),
    Feature("Paragraph", frozenset({"p"})),
    Feature("HardBreak", frozenset({"br"})),
    # A document gives its sections h1 and h2 itself.
    Feature(
        "Heading",
        frozenset({"h3", "h4"}),
        options={"levels": [3, 4]},
        buttons=(Button("h3", _("Kop"), "heading-3"), Button("h4", _("Tussenkop"), "heading-4")),
    ),
    Feature("Bold", frozenset({"strong"}), buttons=(Button("bold", _("Vet"), "bold", opens_group=True),)),
    Feature("Italic", frozenset({"em"}), buttons=(Button("italic", _("Cursief"), "italic"),)),
    Feature(
        "Link",
        frozenset({"a"}),
        {"a": frozenset({"href"})},
        options={
            "protocols": list(SCHEMES),
            "enableTarget": False,
            "openOnClick": False,
            # A full stop without a space after it ("gedaan.Wij") must not become an address.
            "autolink": False,
            "HTMLAttributes": {"rel": "noopener", "target": None},
        },
        buttons=(Button("link", _("Link"), "link"),),
    ),
    Feature("ListItem", frozenset({"li"})),
    Feature("BulletList", frozenset({"ul"}), buttons=(Button("bullets", _("Opsomming"), "list", opens_group=True),)),
    Feature(
        "OrderedList",
        frozenset({"ol"}),
        {"ol": frozenset({"start"})},
        buttons=(Button("numbers", _("Genummerde lijst"), "list-ordered"),),
    ),
    Feature("Blockquote", frozenset({"blockquote"}), buttons=(Button("quote", _("Citaat"), "quote"),)),
    Feature(
        "Footnote",
        frozenset({"span"}),
        classes={"span": frozenset({"footnote"})},
        buttons=(Button("footnote", _("Voetnoot"), "asterisk"),),
    ),
    Feature(
        "Table",
        frozenset({"table", "thead", "tbody", "tr"}),
        buttons=(
            Button("table", _("Tabel invoegen"), "table", opens_group=True),
            Button("row", _("Rij eronder toevoegen"), "between-horizontal-start"),
            Button("column", _("Kolom rechts toevoegen"), "between-vertical-start"),
            Button("remove-row", _("Rij weghalen"), "list-x"),
            Button("remove-table", _("Tabel weghalen"), "grid-2x2-x"),
        ),
    ),
    Feature("TableRow"),
    Feature("TableHeader", frozenset({"th"}), {"th": CELL | {"scope"}}),
    Feature("TableCell", frozenset({"td"}), {"td": CELL}),
    Feature(
        "History",
        buttons=(
            Button("undo", _("Ongedaan maken"), "undo-2", opens_group=True),
            Button("redo", _("Opnieuw"), "redo-2"),
        ),
    ),
)

TAGS = frozenset().union(*(feature.tags for feature in FEATURES))
BUTTONS = tuple(button for feature in FEATURES for button in feature.buttons)
# Handed to the editor as JSON: extension to options.
EXTENSIONS: dict[str, dict[str, Any]] = {feature.extension: dict(feature.options) for feature in FEATURES}

# What stands inside these is not text, so it goes as well.
DROPPED_WITH_CONTENT = {
    *("script", "style", "svg", "math", "iframe", "object", "embed", "template", "noscript", "noembed", "noframes"),
    *("title", "textarea", "select", "xmp", "plaintext", "audio", "video", "canvas", "applet"),
}
SCOPES = {"col", "row", "colgroup", "rowgroup"}
ADDRESS = re.compile(rf"(?:{'|'.join(SCHEMES)}):", re.IGNORECASE)
BLOCK = re.compile(r"<(?:p|h3|h4|ul|ol|blockquote|table)\b", re.IGNORECASE)
BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


def _attribute(tag: str, name: str, value: str) -> str | None:
    """The value of an allowed attribute, or None to drop it: absolute links only, and small whole numbers."""
    if name == "href":
        return value if ADDRESS.match(value) else None
    if name == "scope":
        return value if value in SCOPES else None
    if name in ("colspan", "rowspan", "start"):
        return value if re.fullmatch(r"[0-9]{1,3}", value) else None
    return value


_cleaner = nh3.Cleaner(
    tags=set(TAGS),
    clean_content_tags=DROPPED_WITH_CONTENT,
    attributes={tag: set(names) for feature in FEATURES for tag, names in feature.attributes.items()},
    allowed_classes={tag: set(names) for feature in FEATURES for tag, names in feature.classes.items()},
    attribute_filter=_attribute,
    url_schemes=set(SCHEMES),
    link_rel="noopener",
)


SPACES = re.compile(r"[ \t\r\n\f]+")


def clean(html: str) -> str:
    """The same text with nothing but what `FEATURES` allows; cleaning twice changes nothing.

    Plain text, as typed where the editor does not run, becomes paragraphs: a blank line parts them. Text without any
    words becomes "", so that an empty editor counts as empty.
    """
    cleaned = _cleaner.clean(html.replace("\x00", "").replace("\r\n", "\n")).strip()
    if not strip_tags(cleaned).replace("&nbsp;", " ").replace("\u00a0", " ").strip():
        return ""
    if BLOCK.search(cleaned):
        # Line ends in the source of HTML are spaces; kept as they are, a line of a PDF can break at one.
        return SPACES.sub(" ", cleaned)
    paragraphs = (part.strip().replace("\n", "<br>") for part in BLANK_LINE.split(cleaned))
    return SPACES.sub(" ", _cleaner.clean("".join(f"<p>{part}</p>" for part in paragraphs if part)))
