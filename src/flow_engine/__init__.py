"""The flow engine: pure, and ignorant of HTTP, databases and WhatsApp."""

from flow_engine.advance import Turn, advance, prefaced, resume
from flow_engine.answers import BirthDate, DocumentNumber, FullName, LongText
from flow_engine.ask import END, Ask
from flow_engine.effects import (
    DeleteProfile,
    Effect,
    FeatureEffect,
    ForgetAnswers,
    LoadOptions,
    Question,
    SaveProfile,
    SaveRecord,
    Say,
    SendContact,
    SendDocument,
    SendLocation,
    SetLanguage,
    SetMarketing,
    SetTimer,
    ShowMenu,
    StartFlow,
    TalkToAssistant,
    TalkToHuman,
    WayOut,
)
from flow_engine.events import (
    Cancelled,
    Corrected,
    Event,
    OptionsLoaded,
    Replied,
    Started,
    TimerFired,
    WentBack,
    WentTo,
)
from flow_engine.faults import Fault, FlowDefinitionError
from flow_engine.flow import Flow, Timeout
from flow_engine.languages import LANGUAGES
from flow_engine.menu import Menu
from flow_engine.registry import Flows
from flow_engine.state import FlowState

__all__ = [
    "END",
    "LANGUAGES",
    "Ask",
    "BirthDate",
    "Cancelled",
    "Corrected",
    "DeleteProfile",
    "DocumentNumber",
    "Effect",
    "Event",
    "Fault",
    "FeatureEffect",
    "Flow",
    "FlowDefinitionError",
    "FlowState",
    "Flows",
    "ForgetAnswers",
    "FullName",
    "LoadOptions",
    "LongText",
    "Menu",
    "OptionsLoaded",
    "Question",
    "Replied",
    "SaveProfile",
    "SaveRecord",
    "Say",
    "SendContact",
    "SendDocument",
    "SendLocation",
    "SetLanguage",
    "SetMarketing",
    "SetTimer",
    "ShowMenu",
    "StartFlow",
    "Started",
    "TalkToAssistant",
    "TalkToHuman",
    "Timeout",
    "TimerFired",
    "Turn",
    "WayOut",
    "WentBack",
    "WentTo",
    "advance",
    "prefaced",
    "resume",
]
