"""`watch.py connect`: connects a number at Meta with this bot, step by step."""
