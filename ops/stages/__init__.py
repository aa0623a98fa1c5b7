"""New stages: what a person is asked, the stage file that comes of it, and its stack and secrets."""
