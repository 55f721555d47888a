"""A language file with what the code of the bot says, whatever the flows."""

from texts.required import CORE_TEXTS

CORE_TOML = "".join(
    [
        *(f"{key} = '?'\n" for key in CORE_TEXTS.keys),
        *(f"words.{group} = ['{group}']\n" for group in CORE_TEXTS.words),
    ]
)
