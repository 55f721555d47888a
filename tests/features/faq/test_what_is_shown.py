"""“What is this?” beside a quotation or a file asks about that, and not about the community."""

from typing import Any

import pytest
from tests.fakes.bot import ANA, JOHN, BotHarness

BRAZIL = "5511987654321"
VIDEO = {"id": "1", "mime_type": "video/mp4"}
#: Questions of people, and where the community's answer begins in their language.
ASKED = [
    (JOHN, "what is this?", "We are a community"),
    (JOHN, "hi, what's this all about", "We are a community"),
    (ANA, "¿Qué es esto?", "Somos una comunidad"),
    (ANA, "esto de q se trata", "Somos una comunidad"),
    (BRAZIL, "o que é isso?", "Somos uma comunidade"),
    (BRAZIL, "do que se trata isso", "Somos uma comunidade"),
]


@pytest.mark.parametrize(("who", "text", "answer"), ASKED)
async def test_what_is_shown_is_no_question_of_the_faq(
    town: BotHarness, who: str, text: str, answer: str
) -> None:
    said: dict[str, Any] = {"type": "text", "text": {"body": text}}
    [alone] = await town.send(said, who)
    assert alone.startswith(answer)
    for content in (
        {**said, "context": {"id": "wamid.1"}},
        {"type": "video", "video": {**VIDEO, "caption": text}},
    ):
        told = await town.send(content, who)
        assert told
        assert not [one for one in told if answer in one]


async def test_other_questions_are_answered_beside_a_quotation(town: BotHarness) -> None:
    said = {"type": "text", "text": {"body": "what is your address?"}}
    [told] = await town.send({**said, "context": {"id": "wamid.1"}}, JOHN)
    assert "Community house" in told
