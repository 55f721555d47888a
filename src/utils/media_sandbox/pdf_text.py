"""The text of documents."""

import io

#: Characters; what is longer is cut.
MAX_DOCUMENT_CHARS = 20_000
MAX_PAGES = 30


def text_of_pdf(content: bytes) -> str:
    """Of its first pages, and empty if it is a scan; pypdf raises much, and not only its own."""
    from pypdf import PdfReader

    found: list[str] = []
    for page in PdfReader(io.BytesIO(content)).pages[:MAX_PAGES]:
        found.append(page.extract_text())
        if sum(map(len, found)) > MAX_DOCUMENT_CHARS:
            break
    return "\n".join(found)[:MAX_DOCUMENT_CHARS]
