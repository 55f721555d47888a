"""Finds what is wrong with the texts, before a person could run into it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

from app.checks.attachment_texts import attachment_faults
from app.checks.flow_links import reachable_effects
from app.checks.language_file import LanguageFile, uses_in_text
from app.checks.patterns import pattern_faults
from app.checks.question_texts import (
    is_list_of_texts,
    question_faults,
    questions_of,
    title_faults,
)
from app.checks.text_uses import TextUse, uses_in
from flow_engine import Fault, SetLanguage
from flow_engine.faults import did_you_mean, in_file_order
from flow_engine.registry import Definition
from texts.catalogue import Texts
from texts.filters import filter_problem, is_locale
from texts.required import CORE_TEXTS, RequiredTexts


def check(
    texts: Texts,
    definitions: Iterable[Definition],
    *,
    also: Iterable[RequiredTexts] = (),
    default_language: str | None = None,
) -> Sequence[Fault]:
    """Return all faults of the texts that flows, menus and the code use; none if all is well.

    `also` is what features need besides the flows, menus and the core.
    """
    definitions, required = list(definitions), [CORE_TEXTS, *also]
    files = [LanguageFile(texts, language) for language in sorted(texts.languages)]
    faults = [*_language_faults(texts, definitions, default_language)]
    prompts = texts.missing_prompts({name for one in required for name in one.prompts})
    faults += (Fault(f"prompts/{name}.md is missing") for name in prompts)
    uses = uses_in(definitions, required)
    for file in files:
        faults += _file_faults(file, definitions, required, uses)
    return in_file_order([*faults, *_differences(files, uses)])


def _language_faults(
    texts: Texts, definitions: Iterable[Definition], default: str | None
) -> Iterator[Fault]:
    languages = ", ".join(sorted(texts.languages)) or "none"
    if default is not None and default not in texts.languages:
        hint = did_you_mean(default, texts.languages)
        yield Fault(f'DEFAULT_LANGUAGE is "{default}"; there are texts in: {languages}{hint}')
    for definition in definitions:
        for reachable in reachable_effects(definition):
            effect = reachable.effect
            if isinstance(effect, SetLanguage) and effect.language not in texts.languages:
                hint = did_you_mean(effect.language, texts.languages)
                text = f'SetLanguage("{effect.language}"); there are texts in: {languages}{hint}'
                where = reachable.where.of_constant(effect.language)
                yield Fault(f"{definition.name}: {text}", where)


def _file_faults(
    file: LanguageFile,
    definitions: Iterable[Definition],
    required: Iterable[RequiredTexts],
    uses: Sequence[TextUse],
) -> Iterator[Fault]:
    yield from _missing(file, uses)
    yield from _filter_faults(file)
    for use in uses:
        if file.find(use.key) is not None:
            yield from _use_faults(file, use)
    for question in (one for definition in definitions for one in questions_of(definition)):
        yield from question_faults(file, question)
    for key in (key for one in required for key in one.titles):
        yield from title_faults(file, key)
    for group in (group for one in required for group in one.words):
        yield from _word_faults(file, group)
    yield from pattern_faults(file, definitions)


def _filter_faults(file: LanguageFile) -> Iterator[Fault]:
    """Yield what no text can do with an answer, and a language in which nothing can be written."""
    for key, text in file.texts.items():
        for name, spec in uses_in_text(text):
            if problem := filter_problem(spec):
                yield file.fault(key, f"has {{{name}:{spec}}}: {problem}")
    locale = file.find("common.locale")
    if isinstance(locale, str) and not is_locale(locale):
        yield file.fault("common.locale", f"is no locale that Babel knows: {locale}")


def _missing(file: LanguageFile, uses: Iterable[TextUse]) -> Iterator[Fault]:
    """Yield each text that is missing once, with the first use of it."""
    first_uses = {use.key: use for use in reversed([*uses])}
    for key, use in first_uses.items():
        if file.find(key) is None:
            similar = file.similar_key(key, first_uses)
            hint = f'; did you mean "{similar}"?' if similar else ""
            yield file.fault(key, f"is missing; {use}{hint}")


def _use_faults(file: LanguageFile, use: TextUse) -> Iterator[Fault]:
    if use.attachment is not None:
        yield from attachment_faults(file, use.attachment, use.given or ())
        return
    text = file.find(use.key)
    if not isinstance(text, str):
        kind = "is a table, not a text" if isinstance(text, Mapping) else "is not a text"
        yield file.fault(use.key, f"{kind}; {use}")
        return
    if (names := file.names.get(use.key)) is None:
        problem = file.brace_problem(use.key)
        yield file.fault(use.key, f"has odd braces: {problem}; write {{{{ for a brace")
        return
    for name in sorted(names - use.given) if use.given is not None else ():
        hint = did_you_mean(name, use.given or ())
        yield file.fault(use.key, f"names {{{name}}}, which nothing fills in; {use}{hint}")


def _word_faults(file: LanguageFile, group: str) -> Iterator[Fault]:
    words, key = file.find(f"words.{group}"), f"words.{group}"
    if words is None:
        groups = file.find("words")
        hint = did_you_mean(group, groups if isinstance(groups, Mapping) else ())
        yield file.fault(key, f"is missing; the code of the bot uses it{hint}")
    elif not words or not is_list_of_texts(words):
        yield file.fault(key, f"is not a list of texts: {words!r}")


def _differences(files: Sequence[LanguageFile], uses: Sequence[TextUse]) -> Iterator[Fault]:
    """Yield texts that another language has, besides those that are known to be missing."""
    missing = {file: {use.key for use in uses if file.find(use.key) is None} for file in files}
    in_use = {use.key for use in uses}
    misspelt = {file.similar_key(key, in_use) for file in files for key in missing[file]} - in_use
    for key in dict.fromkeys(key for file in files for key in file.texts):
        if not misspelt.isdisjoint(_with_tables(key)):
            continue  # the fault of the key that was meant names it
        for file in files:
            if file.find(key) is None and missing[file].isdisjoint(_with_tables(key)):
                model = next(other for other in files if key in other.texts)
                yield file.fault(key, f"is missing; {model.language}.toml has it")
        yield from _other_names(key, [file for file in files if key in file.names])


def _with_tables(key: str) -> Iterator[str]:
    """Yield a key, and those of the tables around it."""
    while key:
        yield key
        key = key.rpartition(".")[0]


def _other_names(key: str, files: Sequence[LanguageFile]) -> Iterator[Fault]:
    """Yield texts that name other parameters than most languages do; of as many, the first."""
    usual = Counter(file.names[key] for file in files).most_common(1)[0][0] if files else set()
    for file in files:
        if odd := file.names[key] ^ usual:
            model = next(other for other in files if other.names[key] == usual)
            shown = ", ".join(f"{{{name}}}" for name in sorted(odd))
            yield file.fault(key, f"has other parameters than in {model.language}.toml: {shown}")
