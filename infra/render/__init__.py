"""From settings to the text that is deployed. No engine, no network, no passphrase.

`python -m infra.render --stage local --out DIR` renders a stage; `--check` compares with what is committed.
"""

from ..errors import RenderError
from .bundle import (
    ACTION,
    FORM_STAGE,
    GATEWAY_STAGE,
    PROVIDER_ACTION,
    form_digest,
    gateway_digest,
    render,
)

__all__ = [
    "ACTION",
    "FORM_STAGE",
    "GATEWAY_STAGE",
    "PROVIDER_ACTION",
    "RenderError",
    "form_digest",
    "gateway_digest",
    "render",
]
