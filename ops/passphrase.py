"""Whether the environment says what decrypts a stage's secrets."""

from collections.abc import Mapping
from pathlib import Path

from .errors import OpsError

VARIABLE, FILE_VARIABLE = "PULUMI_CONFIG_PASSPHRASE", "PULUMI_CONFIG_PASSPHRASE_FILE"
VARIABLES = (VARIABLE, FILE_VARIABLE)


def given(environment: Mapping[str, str]) -> bool:
    """Whether there is a passphrase; an empty one is none. Raises OpsError for a file that holds none."""
    if environment.get(VARIABLE):
        return True
    if not (file := environment.get(FILE_VARIABLE)):
        return False
    try:
        why = "" if Path(file).read_text().strip() else "It is empty."
    except OSError as error:
        why = f"It cannot be read: {error.strerror}."
    except UnicodeDecodeError:
        why = "It holds no text."
    if why:
        raise OpsError(f"{FILE_VARIABLE} names {file}", why, "Name a file with the passphrase")
    return True


def without_empty(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment less an empty passphrase, which Pulumi takes for one, and before that of the file."""
    return {name: value for name, value in environment.items() if value or name not in VARIABLES}
