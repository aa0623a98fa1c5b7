"""/prompts: which experience the login pages have. Recorded: shape, and that a PATCH merges."""

from ..routing import Operation
from ..schema import flag, nullable, record, text
from ..singleton import Singleton

PROMPTS = Singleton(
    path="/prompts",
    key="prompts",
    scope="prompts",
    update=record(
        {
            "universal_login_experience": text(choices=("new", "classic"), about="Which login page to use."),
            "identifier_first": nullable(flag("Whether identifier first is enabled or not")),
            "webauthn_platform_first_factor": nullable(flag()),
        }
    ),
    default=lambda: {
        "universal_login_experience": "new",
        "identifier_first": False,
        "webauthn_platform_first_factor": False,
    },
)
# The name, and the links, of the application that people approve pushed challenges with: a settings of
# its own below the prompts. Provider's schema; a new tenant's answer is not documented.
MFA_PUSH = Singleton(
    path="/prompts/mfa-push",
    key="prompt:mfa-push",
    scope="prompts",
    update=record(
        {
            "app_name": nullable(text()),
            "apple_app_link": nullable(text()),
            "google_app_link": nullable(text()),
        },
        open_ended=True,
    ),
    default=dict,
)
OPERATIONS: tuple[Operation, ...] = (*PROMPTS.operations(), *MFA_PUSH.operations())
