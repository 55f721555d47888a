"""Agents that scripts ask."""
