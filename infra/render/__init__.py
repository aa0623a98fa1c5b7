"""From settings to the text that is deployed. No engine, no network, no passphrase.

`python -m infra.render --stage local --out DIR` renders a stage; `--check` compares with what is committed.
"""

from ..errors import RenderError
from .bundle import ACTION, FORM_STAGE, form_digest, render

__all__ = ["ACTION", "FORM_STAGE", "RenderError", "form_digest", "render"]
