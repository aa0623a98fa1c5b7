"""What a stage's name says about it."""

LOCAL = "local"
PRODUCTION = ("prod", "production")


def is_local(stage: str) -> bool:
    """The stage on a laptop: the only one that may name loopback hosts and ports."""
    return stage == LOCAL


def is_production(stage: str) -> bool:
    """True for `prod` and `production`, and for one of many such as `prod-eu`."""
    return stage in PRODUCTION or stage.startswith(tuple(f"{name}-" for name in PRODUCTION))
