"""What every process does around the bot: logging, tracing, retention, the event loop."""
