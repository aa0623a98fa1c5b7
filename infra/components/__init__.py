"""Components: what the declaration consists of, each from settings and rendered text."""
