"""What to say in each language: texts, questions and tables, with their parameters filled in."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from flow_engine.faults import did_you_mean
from flow_engine.languages import LANGUAGES
from flow_engine.state import MORE
from texts.entries import Entries
from texts.filling import fill
from texts.filters import Wording, write
from texts.prompt import Choice, Prompt
from texts.toml_files import flatten

Params = Mapping[str, object]
#: Used where neither a setting nor the text names a currency.
DEFAULT_CURRENCY = "USD"
#: An option that is a day, which people read as "Mon, 3 May".
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


class MissingTextError(KeyError):
    """A text, or a parameter of it, that is not there when it is to be said."""

    def __str__(self) -> str:
        return str(self.args[0])


class Sayings(Entries):
    """Says things in a language."""

    def __init__(
        self, languages: Mapping[str, Mapping[str, Any]], currency: str = DEFAULT_CURRENCY
    ) -> None:
        super().__init__(languages)
        #: Three letters, for amounts whose text names no currency.
        self.currency = currency

    def say(self, language: str, key: str, params: Params | None = None) -> str:
        """Return a text with its parameters filled in.

        Raises MissingTextError for a key without a text, and for a parameter that is not given.
        """
        text = self.find_shared(language, key)
        if not isinstance(text, str):
            hint = did_you_mean(key, dict(flatten(self.of(language))))
            raise MissingTextError(f"{language}.toml has no text {key}{hint}")
        given = params or {}
        try:
            return fill(text, given, self._wording(language, key)).strip()
        except KeyError as error:
            name, names = str(error.args[0]), ", ".join(given) or "none"
            hint = did_you_mean(name, given)
            text = f"{language}.toml: {key} names {{{name}}}; given are: {names}{hint}"
            raise MissingTextError(text) from error

    def _wording(self, language: str, key: str) -> Wording:
        """Return what the filters of a text need: {day:date}, {size:title}."""
        flow = key.partition(".")[0]

        def title(name: str, value: object) -> str | None:
            return self.find(language, f"{flow}.{name}.options.{value}.title") or None

        locale = self.find(language, "common.locale")
        return Wording(locale if isinstance(locale, str) else language, self.currency, title)

    def date_in_words(self, language: str, iso: str) -> str:
        """Return a date as people say it: "4 May 1990"."""
        day = date.fromisoformat(iso)
        months = LANGUAGES[language].dates.months if language in LANGUAGES else ()
        month = months[day.month - 1].partition(",")[0] if months else f"{day.month}"
        given: Params = {"day": day.day, "month": month, "year": day.year}
        return self.say(language, "common.date_in_words", given)

    def question(
        self, language: str, name: str, options: Sequence[str], params: Params | None = None
    ) -> Prompt:
        """A question or a menu; options without a text of their own show themselves."""
        return Prompt(
            body=self.say(language, f"{name}.ask", params),
            options=tuple(self._choice(language, name, option) for option in options),
            footer=self.find_shared(language, f"{name}.footer"),
            button=self.find_shared(language, f"{name}.button")
            or self.say(language, "common.button"),
        )

    def _choice(self, language: str, name: str, option: str) -> Choice:
        if option == MORE:
            return Choice(MORE, self.say(language, "common.more"))
        texts = self.option_texts(language, name, option)
        title = texts.get("title", option)
        if title == option and _DAY.fullmatch(option):
            title = write(self._wording(language, name), "", option, "date day")
        return Choice(option, title, texts.get("description"))

    def shown(self, language: str, name: str, value: object, spec: str) -> str:
        """Return an answer as a person says it; `name` is the flow and step."""
        return write(self._wording(language, name), name.partition(".")[2], value, spec)

    def table(self, language: str, key: str, params: Params) -> Mapping[str, Any]:
        """Return the table of a message, with the parameters of its texts filled in."""
        table = self.find(language, key)
        if not isinstance(table, Mapping):
            raise MissingTextError(f"{language}.toml has no table {key}")
        return {
            name: self.say(language, f"{key}.{name}", params) if isinstance(value, str) else value
            for name, value in table.items()
        }
