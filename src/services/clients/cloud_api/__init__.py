"""Meta's Cloud API over HTTP: requests, errors, files."""
