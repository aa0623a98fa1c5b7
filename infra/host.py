"""What a stage may say of its host: who runs form and gateway, and what else is told to them there."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from . import contract, values
from .fields import Group, by_stage, matching, secret
from .providers import patterns
from .secret import Secret

# Vercel takes 64 kB of variables in all: vercel.com/docs/environment-variables
VALUE_LIMIT = 4096

# vercel.com/docs/environment-variables/reserved-environment-variables ; below them what would change the
# interpreter or its libraries, wherever the service runs.
_PLATFORMS = frozenset(
    {
        *("AWS_SECRET_KEY", "AWS_EXECUTION_ENV", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME"),
        *("AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION"),
        *("TZ", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR", "CI", "PORT"),
        *("PATH", "HOME", "USER", "PWD", "SHELL"),
    }
)
_PLATFORMS_OWN = ("VERCEL_", "NOW_", "PYTHON", "LD_", "DYLD_")
# By the contract's parts; the other names of the contract are given by the hosting itself.
_SETTINGS = {
    "environment": {
        "requestKey": "secrets.requestKey",
        "requestKeyPrevious": "secrets.requestKeyPrevious",
        "resultKey": "secrets.resultKey",
        "twilioApiKey": "secrets.twilioApiKey",
        "twilioApiSecret": "secrets.twilioApiSecret",
        "twilioVerifyService": "secrets.twilioVerifyService",
    },
    "gatewayEnvironment": {
        "secret": "secrets.smsGatewaySecret",
        "secretPrevious": "secrets.smsGatewaySecretPrevious",
    },
}
_FILES = {"environment": "stageFile", "gatewayEnvironment": "stageFile"}


def variable(name: str) -> str:
    """The name of a variable that a stage may add to its host's environment."""
    if not patterns.VARIABLE.fullmatch(name):
        raise ValueError(
            "is no name of a variable (at most 128 of A to Z, digits and '_'; must begin with a letter)"
        )
    if name in _PLATFORMS or name == "VERCEL" or name.startswith(_PLATFORMS_OWN):
        raise ValueError("belongs to the platform, which sets it itself")
    agreed = contract.load()
    for part, settings in _SETTINGS.items():
        for key, setting in settings.items():
            if agreed[part][key] == name:
                raise ValueError(f"has a setting of its own: {setting}")
    if name in {agreed[part][key] for part, key in _FILES.items()}:
        raise ValueError("is given by the hosting itself")
    return name


VariableName = Annotated[str, AfterValidator(variable)]
VariableValue = Annotated[
    Secret,
    secret(rf"[^\x00-\x1f\x7f]{{1,{VALUE_LIMIT}}}", f"one line of 1 to {VALUE_LIMIT} characters"),
]


class Hosting(Group):
    """`project` follows from the stage's name when the stage names none."""

    kind: Literal["external", "vercel"] = Field("external", examples=["vercel"])
    project: Annotated[
        str,
        matching(
            patterns.PROJECT.pattern,
            "a project's name (at most 100 of a to z, digits, '.', '_' and '-', no three '-' in a row)",
        ),
    ] = Field("", examples=["auth0-phone-dev"])
    team: Annotated[str, matching(patterns.TEAM.pattern, "a team's id (team_…)")] | None = Field(
        None, examples=["team_a1B2c3D4e5F6g7H8i9J0k1L2"]
    )
    region: Annotated[str, matching(patterns.REGION.pattern, "a region such as fra1")] | None = Field(
        None, examples=["fra1"]
    )
    keep: Annotated[int, Field(ge=0, le=patterns.MOST_KEPT)] = Field(5, examples=[5])
    api_url: Annotated[str, by_stage(values.vercel_api)] = Field(
        values.VERCEL_API, examples=[values.VERCEL_API]
    )

    @property
    def is_on_loopback(self) -> bool:
        """Whether this Vercel is the sandbox's, which runs one instance."""
        return self.api_url != values.VERCEL_API
