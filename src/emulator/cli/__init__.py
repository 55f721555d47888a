"""Terminal programs that talk to the running emulator."""
