"""One file that is both accessible (PDF/UA-1, ISO 14289-1) and archivable (PDF/A-2a, ISO 19005-2).

WeasyPrint writes one variant per render. It renders PDF/A-2a; this finisher then replaces the metadata by a packet
that claims both, with the description of the PDF/UA field that PDF/A asks for, and repairs the tags.
"""

from typing import Any
from xml.sax.saxutils import escape

from pact_portal.foundation.documents import tags

VARIANT = "pdf/a-2a"
UNTAGGED = "pdf/a-2b"

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about=""
  xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
  xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
  xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<pdfaid:part>2</pdfaid:part>
<pdfaid:conformance>A</pdfaid:conformance>
<pdfuaid:part>1</pdfuaid:part>
{properties}
</rdf:Description>
<rdf:Description rdf:about=""
  xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
  xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 to which the file conforms</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="r"?>"""


def finish(document: Any, pdf: Any, *, prefix: str = "") -> None:
    """Claim both standards and repair the tags; a WeasyPrint finisher, run before the file is written.

    `prefix` goes before every ID of an element, so that files which are bound together keep theirs apart.
    """
    tags.as_artifacts(pdf)
    tags.index_ids(pdf, prefix)
    stream = pdf.objects[int(pdf.catalog["Metadata"].split()[0])]
    stream.stream = [metadata_packet(document.metadata, producer=_text(pdf.info["Producer"]))]
    stream.compress = False  # PDF/A readers look for it in plain sight.


def metadata_packet(metadata: Any, *, producer: str) -> bytes:
    """Give the XMP packet for WeasyPrint's metadata; it says the same as the file's information dictionary."""
    properties = [f"<pdf:Producer>{escape(producer)}</pdf:Producer>"]
    if metadata.title:
        properties.append(f"<dc:title>{_alternative(metadata.title)}</dc:title>")
    if metadata.authors:
        # The information dictionary holds all authors in one line; PDF/A compares it with one entry here.
        properties.append(
            f"<dc:creator><rdf:Seq><rdf:li>{escape(', '.join(metadata.authors))}</rdf:li></rdf:Seq></dc:creator>"
        )
    if metadata.description:
        properties.append(f"<dc:description>{_alternative(metadata.description)}</dc:description>")
    if metadata.lang:
        properties.append(f"<dc:language><rdf:Bag><rdf:li>{escape(metadata.lang)}</rdf:li></rdf:Bag></dc:language>")
    if metadata.keywords:
        properties.append(f"<pdf:Keywords>{escape(', '.join(metadata.keywords))}</pdf:Keywords>")
    for name, value in (
        ("CreatorTool", metadata.generator),
        ("CreateDate", metadata.created),
        ("ModifyDate", metadata.modified),
    ):
        if value:
            properties.append(f"<xmp:{name}>{escape(value)}</xmp:{name}>")
    return _PACKET.format(properties="\n".join(properties)).encode("utf-8")


def _alternative(text: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(text)}</rdf:li></rdf:Alt>'


def _text(string: Any) -> str:
    return string.string if isinstance(string.string, str) else string.string.decode()
