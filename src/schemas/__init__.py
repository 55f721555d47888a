"""Meta's JSON, in and out."""
