"""Questions that the bot could not answer, and the answers that operators write for everybody."""

import json
import re
from html import unescape
from typing import Any

import pytest
from tests.features.inbox.town import Town

pytestmark = pytest.mark.needs("faq")

BOB = "573001234568"
ASKED = "Do you sell purple umbrellas?"
ANSWER = "Yes, at the *entrance*."


async def groups(town: Town) -> list[dict[str, Any]]:
    page = (await town.call("GET", "/questions")).text
    return [json.loads(unescape(one)) for one in re.findall(r'data-group="(.*?)"', page)]


async def test_a_question_of_two_people_is_answered_once_for_everybody(town: Town) -> None:
    await town.say(ASKED)
    await town.say("do you sell umbrellas, purple ones", BOB)
    [found] = await groups(town)
    assert len(found["ids"]) == 2
    body = found | {"question": ASKED, "answer": ANSWER}
    assert (await town.call("POST", "/api/questions", json=body)).status_code == 204
    assert ANSWER in str(await town.say("do you sell purple umbrellas", BOB))
    assert await groups(town) == []
    page = (await town.call("GET", "/questions")).text
    assert "Answers written here" in page
    await town.call("DELETE", "/api/questions", params={"question": ASKED})
    assert ANSWER not in str(await town.say(ASKED))
    assert len(await groups(town)) == 1, "it is open again"


async def test_what_an_operator_answered_is_offered_as_the_answer(town: Town) -> None:
    await town.say(ASKED)
    await town.act("reply", text="Yes, <five> of them.")
    page = (await town.call("GET", "/questions")).text
    assert "Yes, &lt;five&gt; of them.</textarea>" in page
    assert "as Owner answered" in page


async def test_questions_are_put_aside(town: Town) -> None:
    await town.say(ASKED)
    [found] = await groups(town)
    await town.call("POST", "/api/questions/aside", json={"ids": found["ids"]})
    assert await groups(town) == []


async def test_answers_need_words_and_a_session(town: Town) -> None:
    body = {"ids": ["1"], "question": ASKED, "answer": " ", "language": "en"}
    assert (await town.call("POST", "/api/questions", json=body)).status_code == 409
    town.cookies.clear()
    assert (await town.call("POST", "/api/questions", json=body)).status_code == 401
    assert (await town.call("GET", "/questions")).status_code == 303
