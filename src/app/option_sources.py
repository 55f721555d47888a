"""Choices that a step of a flow loads when somebody reaches it.

`Ask("time", options_from="free_times")` asks the function of this name for them, which may look
into a database or ask another server; a tap, or the typed choice, becomes the answer.
"""

from collections.abc import Mapping

from flow_engine.ask import OptionSource

OPTION_SOURCES: Mapping[str, OptionSource] = {}
