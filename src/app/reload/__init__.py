"""A running bot follows its config file: it is built anew beside the one that runs."""
