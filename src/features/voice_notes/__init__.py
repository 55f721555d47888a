"""Voice notes are transcribed before anything else looks at the message."""
