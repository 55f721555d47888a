"""What a module of flows defines: flows with their steps and options, and menus."""

from flow_engine.ask import END, Ask, Call, NextDays, Review
from flow_engine.flow import Flow, Timeout
from flow_engine.menu import Menu
from flow_engine.options import Option

__all__ = ["END", "Ask", "Call", "Flow", "Menu", "NextDays", "Option", "Review", "Timeout"]
