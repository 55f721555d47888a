"""A language file with what the code of the bot says, whatever the flows."""

from texts.required import CORE_TEXTS

#: Texts that have to mean something.
VALUES = {"common.locale": "en"}
CORE_TOML = "".join(
    [
        *(f"{key} = '{VALUES.get(key, '?')}'\n" for key in CORE_TEXTS.keys),
        *(f"words.{group} = ['{group}']\n" for group in CORE_TEXTS.words),
    ]
)
