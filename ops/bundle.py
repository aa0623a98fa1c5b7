"""What the form is started with: the stage's rendered constants, from the working copy of its stage file."""

from infra import stage_file
from infra.errors import RenderError, SettingsError, StageFileError
from infra.render import render
from infra.settings import Settings

from .errors import OpsError
from .local import LocalState

_STAGE = "local"
SANDBOX_CODE_LENGTH = 6


def write_bundle(local: LocalState) -> Settings:
    """Render the local stage into its folder and return its settings; raises OpsError with all problems."""
    try:
        mapping = stage_file.load(_STAGE, local.root, local.stage_file)
        settings = Settings.from_mapping(mapping, stage=_STAGE, require_secrets=False)
        rendered = render(settings)
    except (SettingsError, StageFileError, RenderError) as error:
        raise OpsError(
            "The local stage cannot be rendered",
            str(error),
            "Mend Pulumi.local.yaml, then run `make up` again",
        ) from error
    if settings.phone.code_length != SANDBOX_CODE_LENGTH:
        raise OpsError(
            f"phone.codeLength is {settings.phone.code_length}",
            f"The sandbox's Verify service sends codes of {SANDBOX_CODE_LENGTH} digits.",
            f"Set phone.codeLength to {SANDBOX_CODE_LENGTH} in Pulumi.local.yaml",
        )
    for path, text in rendered.items():
        file = local.bundle / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return settings


def asks_everybody(settings: Settings) -> bool:
    """Whether each person who logs in is asked for a number, so that a smoke login must end verified."""
    asked = settings.verification
    narrowed = asked.applications or asked.connections or asked.organizations or asked.starts_at
    return asked.enforcement in ("optional", "required") and asked.percentage == 100 and not narrowed
