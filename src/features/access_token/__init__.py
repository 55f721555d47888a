"""How long Meta takes the access token."""
