"""The shapes of OpenAI's chat completions."""
