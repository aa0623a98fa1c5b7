"""The tenant to look at: Actions, bindings, connections, users, and each login's way through the pipeline."""
