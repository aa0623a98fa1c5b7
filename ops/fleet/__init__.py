"""`auth0-phone fleet`: many stages at once, each with an engine, an environment and a log of its own."""
