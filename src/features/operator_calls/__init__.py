"""Operators take voice calls over, in the browser: they and the caller hear each other."""
