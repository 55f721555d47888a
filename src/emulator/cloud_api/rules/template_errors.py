"""Refusals of templates: code 100, with a subcode and words for people.

Source: the subcodes of the page of error codes, and answers of Meta's servers that were published.
"""

from emulator.cloud_api.rules.errors import GraphError

#: Title by subcode.
TITLES = {
    2388019: "Template Limit Exceeded",
    2388024: "Content in This Language Already Exists",
    2388039: "Message Template Can't Be Edited",
    2388040: "Character Limit Exceeded",
    2388043: 'Message template "components" param is missing expected field(s)',
    2388047: "Message header format is incorrect",
    2388060: "Message button format is incorrect",
    2388072: "Message body format is incorrect",
    2388073: "Message footer format is incorrect",
    2388293: "Template has too many variables for its length",
    2388299: "Leading or trailing params not allowed",
}
#: Subcode of a wrong format, by component.
FORMATS = {"HEADER": 2388047, "BODY": 2388072, "FOOTER": 2388073, "BUTTONS": 2388060}


def refusal(subcode: int, message: str) -> GraphError:
    """Return the refusal of a template; `message` tells people what is wrong."""
    return GraphError(100, message, subcode=subcode, title=TITLES[subcode])


def lacks(component: str, field: str) -> GraphError:
    """Return the refusal of a component without a field that Meta needs."""
    text = f"component of type {component} is missing expected field(s) ({field})"
    return refusal(2388043, text)


def too_long(component: str, most: int) -> GraphError:
    """Return the refusal of a text that is too long."""
    return refusal(2388040, f"{component} is too long. Max length is {most}")
