"""The HTTP routes of the emulated Cloud API, of the phone page and of the inspector."""
