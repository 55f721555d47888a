"""The bot under the names of a well-known tutorial, for scripts and for those who come from it."""
