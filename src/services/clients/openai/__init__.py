"""Requests and streamed answers of OpenAI's chat completions."""
