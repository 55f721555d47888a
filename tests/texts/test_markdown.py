"""Markdown becomes what WhatsApp shows; plain text stays, and nothing is ever lost."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.fakes.hostile_texts import seconds_of

from texts.markdown import LONGEST, to_whatsapp


@pytest.mark.parametrize(
    ("markdown", "shown"),
    [
        ("# Opening hours", "*Opening hours*"),
        ("## **Hours** of *today*", "*Hours of _today_*"),
        ("Hours\n=====", "*Hours*"),
        ("**bold** and *italic* and ~~gone~~", "*bold* and _italic_ and ~gone~"),
        ("***both***", "_*both*_"),
        ("**two\nlines**", "*two*\n*lines*"),
        ("use `pip install`", "use `pip install`"),
        ("```python\nx = 1\n```", "```\nx = 1\n```"),
        ("[our site](https://e.org/a_b)", "our site (https://e.org/a_b)"),
        ("[https://e.org](https://e.org)", "https://e.org"),
        ("<https://e.org>", "https://e.org"),
        ("[us](mailto:us@e.org)", "us (us@e.org)"),
        ("![a cat](https://e.org/cat.png)", "a cat (https://e.org/cat.png)"),
        ("* one\n* two", "- one\n- two"),
        ("1. one\n2. two", "1. one\n2. two"),
        ("3) three\n4) four", "3. three\n4. four"),
        ("- one\n  - nested\n- two", "- one\n  - nested\n- two"),
        ("1. one\n   - nested", "1. one\n   - nested"),
        ("> said\n> twice", "> said\n> twice"),
        ("before\n\n---\n\nafter", "before\n\n———\n\nafter"),
        ("| a | b |\n|---|---|\n| 1 | 22 |", "```\na  b\n1  22\n```"),
        (
            "| Event | Where it is |\n|---|---|\n| Open day | The big hall of the old town |",
            "Event: Open day\nWhere it is: The big hall of the old town",
        ),
        (r"2 \* 3", "2 * 3"),
        ("**注意：**请带电脑", "*注意：* 请带电脑"),
        ("请**注意：**带电脑", "请 *注意：* 带电脑"),
        ("**注意**请带电脑", "*注意* 请带电脑"),
        ("**重要！**これは", "*重要！* これは"),
        ("**한국어입니다.**그리고", "*한국어입니다.* 그리고"),
        ("**한국어**는", "한국어는"),
        ("**ملاحظة:**يرجى", "*ملاحظة:* يرجى"),
        ("**Precio:**10 euros **Total:**20 euros", "*Precio:* 10 euros *Total:* 20 euros"),
        ("**FAQ**s", "FAQs"),
        ("(**Precio**), **más**.", "(*Precio*), *más*."),
        ("**https://example.com**", "https://example.com"),
        ("**https://example.com**。", "https://example.com。"),
        ("见**https://example.com**！", "见 https://example.com！"),
        ("**https://example.com**请", "https://example.com 请"),
        ("**注意：https://example.com**请", "注意：https://example.com 请"),
        ("~~过期！~~现在", "~过期！~ 现在"),
        ("~~https://example.com~~。", "https://example.com。"),
        ("# a**b**c https://example.com", "abc https://example.com"),
        ("**Book: https://example.com/a**", "Book: https://example.com/a"),
        (
            "_https://example.com_ and **www.example.com**",
            "https://example.com and www.example.com",
        ),
        ("# https://example.com", "https://example.com"),
        ("**https://example.com\nopen daily**", "https://example.com\n*open daily*"),
        ("*https://example.com*", "https://example.com"),
    ],
)
def test_what_whatsapp_shows(markdown: str, shown: str) -> None:
    assert to_whatsapp(markdown) == shown


@pytest.mark.parametrize(
    "plain",
    [
        "2*3*4 = 24",
        "a_snake_case_name",
        "https://e.org/a_b_c?x=*1*",
        "Hello!\nSee you at 9.\n\nBye",
        "    four spaces are no code",
        "[1]: not a footnote",
        "Tom &amp; Jerry <b>",
        "¿Qué tal? 😀",
        "*Opening hours:* 9 to 18, write *events* or _register_, ~not today~",
        "```one line of code``` and `more`",
        "*注意：*请带电脑",
        r"f\(x\) = 2",
        "x**y**z and 2**3**4 and **kwargs",
        "",
    ],
)
def test_plain_text_stays(plain: str) -> None:
    assert to_whatsapp(plain).strip() == plain.strip()


#: without fences, whose first line names a language that is not shown
markup = st.text(alphabet="abcdefghijk 1*_>-|[]()!\\\n.:/<&;#", max_size=200)


@given(st.one_of(st.text(st.characters(exclude_characters="`~"), max_size=200), markup))
def test_no_letter_is_lost(text: str) -> None:
    shown = to_whatsapp(text)
    assert {*filter(str.isalpha, text)} <= {*filter(str.isalpha, shown)}


@given(st.text(alphabet="ab`~ \n", max_size=100))
def test_fences_of_any_kind_do_not_raise(text: str) -> None:
    to_whatsapp(text)


@given(st.lists(st.sampled_from(["hello", "9:30", "ok?", "año", "3"]), min_size=1))
def test_words_stay_as_they_are(words: list[str]) -> None:
    text = " ".join(words)
    assert to_whatsapp(text) == text


@pytest.mark.parametrize(
    "hostile",
    [
        "> " * 5_000,
        "*" * 10_000,
        "**a:**b " * 2_000,
        "**_" * 5_000,
        f"**{'a-' * 9_000}**",
        "[" * 10_000,
        "- " * 5_000,
        "|a" * 5_000,
        "`" * 9_999,
    ],
)
def test_hostile_text_is_soon_done(hostile: str) -> None:
    began = time.process_time()
    to_whatsapp(f"{hostile} end")
    assert time.process_time() - began < 10  # it is quadratic things that take minutes
    assert "end" in to_whatsapp(f"{hostile} end")


def test_what_is_too_long_is_left_alone() -> None:
    text = "**x** " * LONGEST
    assert to_whatsapp(text) == text


def test_addresses_without_end_are_read_once() -> None:
    seconds = [seconds_of(to_whatsapp, f"{start}{'://' * 6_600}") for start in ("", "https")]
    assert max(seconds) < 0.3
