"""The config file: YAML with settings and checks. Only processes with BOT_CONFIG load it."""
