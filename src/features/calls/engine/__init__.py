"""The engine: a process of its own that carries the audio of calls, and stores nothing.

It knows no database, no service and no token of Meta. The desk talks to it over its pipes.
"""
