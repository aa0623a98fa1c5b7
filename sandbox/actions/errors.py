"""What can be wrong with the process that executes Actions, as opposed to with an Action."""


class RunnerError(Exception):
    """Actions can't be executed; the text says why and what mends it."""
