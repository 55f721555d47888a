"""The emulated account: people, messages, files, templates, webhooks, calls."""
