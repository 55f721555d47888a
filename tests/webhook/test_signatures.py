"""Only who knows our secrets is believed, and how long a refusal takes tells nothing of them."""

import ast
import hashlib
import hmac
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.fakes.web import NUMBER, SECRET, sign
from tests.webhook.fuzz_webhook import Kept

from controllers.webhook_controller import BadRequest, Forbidden, WebhookController
from controllers.webhook_store import WebhookStore
from services.sending.numbers import Number, Numbers
from utils.metrics import Metrics

SOURCE = Path(__file__).parents[2] / "src"
RAW = b"not even JSON"
RIGHT = sign(RAW)
HEX = RIGHT.removeprefix("sha256=")
SHA1 = hmac.digest(SECRET.encode(), RAW, hashlib.sha1).hex()

#: names of what nobody may find out by trying
SECRETIVE = re.compile(r"token|secret|signature|password|digest|hmac|^mac$|expected")


def controller(verify_token: str = "words") -> WebhookController:
    kept = Kept()
    return WebhookController(
        WebhookStore(kept, kept, numbers=Numbers(Number(NUMBER)), metrics=Metrics()),
        verify_token=verify_token,
        app_secret=SECRET,
        metrics=Metrics(),
    )


@pytest.mark.parametrize("signature", [RIGHT, f"sha256={HEX.upper()}"], ids=["lower", "upper"])
async def test_the_right_signature_is_taken_in_either_case(signature: str) -> None:
    with pytest.raises(BadRequest):  # it was believed, and then read
        await controller().receive(RAW, signature)


WRONG = {
    "none": None,
    "empty": "",
    "of another body": sign(RAW + b" "),
    "of no body": sign(b""),
    "by another secret": sign(RAW, SECRET + "x"),
    "by no secret": sign(RAW, ""),
    "truncated": RIGHT[:-1],
    "truncated by a byte": RIGHT[:-2],
    "half": RIGHT[:39],
    "only the beginning": "sha256=",
    "longer": RIGHT + "00",
    "twice": f"{RIGHT},{RIGHT}",
    "with a blank": RIGHT + " ",
    "with a line": RIGHT + "\n",
    "without its algorithm": HEX,
    "another algorithm": f"sha1={SHA1}",
    "another algorithm's name": f"sha512={HEX}",
    "upper case algorithm": f"SHA256={HEX}",
    "SHA-1 as if": f"sha256={SHA1}",
    "no hexadecimals": f"sha256={'g' * 64}",
    "wide digits": f"sha256={HEX.translate({ord('0') + n: 0xFF10 + n for n in range(10)})}",
    "NUL": f"sha256={HEX[:-1]}\0",
    "half a character": f"sha256={HEX[:-1]}\ud800",
}


@pytest.mark.parametrize("signature", WRONG.values(), ids=WRONG)
async def test_no_other_signature_is_taken(signature: str | None) -> None:
    with pytest.raises(Forbidden):
        await controller().receive(RAW, signature)


OTHER_WORDS = [None, "", "word", "words ", "WORDS", "ẃords", "words\0", "\ud800"]


@pytest.mark.parametrize("token", OTHER_WORDS, ids=ascii)
def test_no_other_verify_token_is_taken(token: str | None) -> None:
    assert controller().verify("subscribe", "words", "1", address="1.1.1.1") == "1"
    with pytest.raises(Forbidden):
        controller().verify("subscribe", token, "1", address="1.1.1.1")


@pytest.mark.parametrize("token", [None, ""], ids=str)
def test_without_a_verify_token_of_ours_nobody_knows_it(token: str | None) -> None:
    with pytest.raises(Forbidden):
        controller(verify_token="").verify("subscribe", token, "1", address="1.1.1.1")


def comparisons() -> Iterator[tuple[str, str]]:
    """(file, source) of every comparison by value where requests are taken."""
    by_value = (ast.Eq, ast.NotEq, ast.In, ast.NotIn)
    places = (
        "controllers/*.py",
        "routes/*.py",
        "features/*/routes.py",
        "features/*/*controller.py",
    )
    for file in sorted(file for place in places for file in SOURCE.glob(place)):
        if file.suffix == ".py":
            for node in ast.walk(ast.parse(file.read_text())):
                compared = isinstance(node, ast.Compare) and any(
                    isinstance(operator, by_value) for operator in node.ops
                )
                if compared or isinstance(node, ast.MatchValue):
                    yield file.name, ast.unparse(node)


def test_secrets_are_compared_in_constant_time_only() -> None:
    found = list(comparisons())
    assert found, "there is nothing to look at"
    revealing = [one for one in found if any(map(SECRETIVE.search, re.findall(r"\w+", one[1])))]
    assert revealing == []


CONTROLLERS = sorted(
    path.relative_to(SOURCE).as_posix()
    for path in (
        SOURCE / "controllers/webhook_controller.py",
        *SOURCE.glob("features/*/webhook_controller.py"),
    )
)


@pytest.mark.parametrize("name", CONTROLLERS)
def test_who_takes_requests_compares_by_compare_digest(name: str) -> None:
    tree = ast.parse((SOURCE / name).read_text())
    calls = [ast.unparse(one.func) for one in ast.walk(tree) if isinstance(one, ast.Call)]
    assert "hmac.compare_digest" in calls
