"""The local stage's settings, from its working copy, and what the sandbox cannot do for it."""

from infra import stage_file
from infra.errors import SettingsError, StageFileError
from infra.settings import Settings

from .errors import OpsError
from .local import LocalState

_STAGE = "local"
SANDBOX_CODE_LENGTH = 6


def judged(local: LocalState) -> Settings:
    """The settings; raises OpsError with all problems."""
    try:
        mapping = stage_file.load(_STAGE, local.root, local.stage_file)
        settings = Settings.from_mapping(mapping, stage=_STAGE)
    except (SettingsError, StageFileError) as error:
        raise OpsError(
            "The local stage cannot be used",
            str(error),
            "Mend Pulumi.local.yaml, then run `make up` again",
        ) from error
    if settings.phone.code_length != SANDBOX_CODE_LENGTH:
        raise OpsError(
            f"phone.codeLength is {settings.phone.code_length}",
            f"The sandbox's Verify service sends codes of {SANDBOX_CODE_LENGTH} digits.",
            f"Set phone.codeLength to {SANDBOX_CODE_LENGTH} in Pulumi.local.yaml",
        )
    if settings.hosting.kind != "vercel":
        raise OpsError(
            f"hosting.kind is {settings.hosting.kind}",
            "Form and gateway of the local stage run at the sandbox's Vercel, and nowhere else.",
            "Set hosting.kind to vercel in Pulumi.local.yaml",
        )
    return settings


def asks_everybody(settings: Settings) -> bool:
    """Whether each person who logs in is asked for a number, so that a smoke login must end verified."""
    asked = settings.verification
    narrowed = asked.applications or asked.connections or asked.organizations or asked.starts_at
    return asked.enforcement in ("optional", "required") and asked.percentage == 100 and not narrowed
