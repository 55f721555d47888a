"""Files that programs upload to a cell.

Source: airtable.com/developers/web/api/upload-attachment
"""

import base64
import binascii
from typing import Any

from emulator.airtable.errors import AirtableRefusal, invalid
from emulator.airtable.tables import Field, new_id
from emulator.json import JsonObject

MAX_BYTES = 5 * 1024 * 1024


def uploaded(field: Field, body: JsonObject) -> dict[str, Any]:
    """Return an attachment as a cell has it; refuse what Airtable refuses."""
    if field.type != "multipleAttachments":
        raise invalid("INVALID_ATTACHMENT_FIELD", f'Field "{field.name}" takes no attachments')
    names = [body.get(name) for name in ("contentType", "filename", "file")]
    if not all(isinstance(one, str) and one for one in names):
        raise invalid("INVALID_REQUEST_UNKNOWN", "contentType, filename and file are required")
    try:
        content = base64.b64decode(str(body["file"]), validate=True)
    except binascii.Error:
        raise invalid("INVALID_REQUEST_UNKNOWN", "file is not Base64") from None
    if len(content) > MAX_BYTES:
        raise AirtableRefusal(413, "REQUEST_TOO_LARGE", "The file has more than 5 MB")
    kind = str(body["contentType"])
    return {
        "id": new_id("att"),
        "url": f"data:{kind};base64,{body['file']}",
        "filename": str(body["filename"]),
        "size": len(content),
        "type": kind,
    }
