"""One file per conversation. A new file here is all that a new flow needs, besides its texts."""
