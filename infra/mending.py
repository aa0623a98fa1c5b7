"""The command that mends a key: one line for a shell, ready to paste."""

from shlex import quote

_MAKE_KEY = """python -c 'import secrets; print(secrets.token_urlsafe(32))'"""


def setting(key: str, value: str, stage: str, flags: str = "") -> str:
    return f"pulumi config set {_path(key)}{flags}{quote(key)} {quote(value)} --stack {quote(stage)}"


def setting_secret(key: str, stage: str, generated: bool) -> str:
    """Secrets come from standard input, so that none stays in a shell's history."""
    source = f"{_MAKE_KEY} | " if generated else ""
    return f"{source}pulumi config set {_path(key)}--secret {quote(key)} --stack {quote(stage)}"


def removing(key: str, stage: str) -> str:
    return f"pulumi config rm {_path(key)}{quote(key)} --stack {quote(stage)}"


def _path(key: str) -> str:
    return "--path " if "." in key or "[" in key else ""
