"""OpenAI's Realtime API, emulated: speech in, speech out, over one WebSocket."""
