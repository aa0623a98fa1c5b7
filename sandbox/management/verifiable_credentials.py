"""/verifiable-credentials/verification/templates: none, since the sandbox verifies no credentials.

Source: auth0.com/docs/api/management/v2/verifiable-credentials. Asked for by exports of a whole tenant.
"""

from . import paging
from .routing import Answer, Call, Operation


def list_templates(call: Call) -> Answer:
    return paging.checkpoint(call, "templates", [])


OPERATIONS = (
    Operation(
        "GET", "/verifiable-credentials/verification/templates", list_templates, ("read:vdcs_templates",)
    ),
)
