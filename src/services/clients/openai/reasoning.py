"""The part of a model's text that is meant for the person, without what the model thought.

Servers that do not know the template of a model leave its reasoning and its special tokens in the
text: `<think>…</think>` (DeepSeek, Qwen), `[THINK]…[/THINK]` (Mistral), channels (gpt-oss).
A tag in backticks is one that the text is about, and stays.
"""

import re

_NAMES = "(?:seed:)?(?:think|thinking|thought|reasoning)"
#: Opening and closing tags of reasoning.
OPENING = re.compile(rf"(?<!`)(?:<{_NAMES}>|\[{_NAMES}\])", re.IGNORECASE)
CLOSING = re.compile(rf"(?<!`)(?:</{_NAMES}>|\[/{_NAMES}\])", re.IGNORECASE)
#: Start of the answer of gpt-oss, after its other channels.
FINAL_CHANNEL = re.compile(r"<\|channel\|>\s*final\b.*?<\|message\|>", re.DOTALL)
OTHER_CHANNEL = re.compile(r"<\|channel\|>.*", re.DOTALL)
#: Tokens that end or divide messages, such as <|im_end|>.
SPECIAL_TOKEN = re.compile(r"(?<!`)(?:<\|(?!python_tag)\w{1,40}\|>|</s>\s*\Z)")


def without_reasoning(text: str) -> str:
    """Return the text without reasoning and special tokens; empty if it is nothing else."""
    if "<" not in text and "[" not in text:
        return text
    *_, text = FINAL_CHANNEL.split(text)
    text = OTHER_CHANNEL.sub("", text)
    return SPECIAL_TOKEN.sub("", _without_blocks(text)).strip()


def _without_blocks(text: str) -> str:
    """Drop the blocks, all before a closing tag without opening one, and all after the reverse."""
    shown: list[str] = []
    place, depth = 0, 0
    tags = sorted(
        (match.start(), match.end(), change)
        for tag, change in ((OPENING, 1), (CLOSING, -1))
        for match in tag.finditer(text)
    )
    for start, end, change in tags:
        if depth == 0 and change == 1:
            shown.append(text[place:start])
        elif depth == 0:  # its opening tag was part of the prompt
            shown.clear()
        depth = max(depth + change, 0)
        place = end
    return "".join(shown) + ("" if depth else text[place:])
