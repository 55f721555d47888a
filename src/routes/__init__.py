"""Routes: paths, methods and status codes; no logic."""
