"""Clients of the APIs that the bot calls: a package for each, errors translated at the edge."""
