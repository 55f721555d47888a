"""What a model is told of the FAQ: answers to a question, and a tool that searches them."""

from pydantic import BaseModel, ConfigDict, Field

from features.faq.search import FaqIndex
from services.agent import Tool


class SearchFaq(BaseModel):
    """Arguments of the tool that searches the FAQ."""

    model_config = ConfigDict(extra="forbid")

    question: str = Field(description="the question, in the person's language", max_length=300)


def search_tool(index: FaqIndex, language: str) -> Tool:
    """Return a tool that searches the FAQ for a person with this language."""

    async def search(asked: SearchFaq) -> str:
        return faq_context(index, asked.question, language) or "Nothing is known."

    return Tool(
        "search_knowledge",
        "Search what the team has answered: opening hours, prices, place, rules.",
        SearchFaq,
        search,
    )


def faq_context(index: FaqIndex, text: str, language: str) -> str:
    """Return what the team has answered to such a question, with its sources; empty if nothing."""
    found = index.find(text, language)
    entries = [found.answer] if found.answer is not None else [*found.suggestions]
    return "\n\n".join(f"[{entry.id}] {entry.question}\n{entry.answer}" for entry in entries)
