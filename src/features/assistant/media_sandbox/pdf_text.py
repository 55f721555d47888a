"""The text of PDF documents."""

import io

#: Longest text of a document, in characters; the rest is cut.
MAX_DOCUMENT_CHARS = 20_000
#: Most pages that are read.
MAX_PAGES = 30


def text_of_pdf(content: bytes) -> str:
    """Return the text of the first pages; "" for a scan. Raises any exception for broken files."""
    from pypdf import PdfReader

    found: list[str] = []
    for page in PdfReader(io.BytesIO(content)).pages[:MAX_PAGES]:
        found.append(page.extract_text())
        if sum(map(len, found)) > MAX_DOCUMENT_CHARS:
            break
    return "\n".join(found)[:MAX_DOCUMENT_CHARS]
