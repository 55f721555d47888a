"""An OpenAI-compatible server that needs no account: for the laptop and for tests."""
