"""The `auth0-phone` command: it brings a stage up and down, and looks after it."""
