"""PDF files that try to harm their reader."""

import io

from pypdf import PdfWriter
from pypdf.generic import DictionaryObject, NameObject, StreamObject

#: Shows nothing, and takes seconds to find that out.
TEDIOUS = b"BT /F1 12 Tf\n" + b"() Tj\n" * 250_000 + b"ET\n"


def slow_pdf(pages: int = 30) -> bytes:
    """A few kilobytes that keep whoever reads them busy for seconds a page."""
    writer = PdfWriter()
    stream = StreamObject()
    stream.set_data(TEDIOUS)
    content = writer._add_object(stream.flate_encode())
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica"}
    names = {NameObject(key): NameObject(value) for key, value in font.items()}
    fonts = DictionaryObject({NameObject("/F1"): DictionaryObject(names)})
    for _ in range(pages):
        page = writer.add_blank_page(width=200, height=200)
        page[NameObject("/Contents")] = content
        page[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()
