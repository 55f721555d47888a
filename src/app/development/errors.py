"""Errors as a developer sees them: the text, the place to look at, and the next step."""

from dataclasses import dataclass

#: Path of the bot's status in the emulator, which the phone page shows.
STATUS_PATH = "/emulator/bot"
HINT = "Correct it and save: the bot starts again by itself, and handles the message again."


@dataclass(frozen=True, slots=True)
class DevError:
    """One error. Texts may quote what a person wrote: for development only."""

    text: str
    #: "src/flows/menu.py:31", or empty
    place: str = ""
    hint: str = HINT
