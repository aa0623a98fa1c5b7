"""Credentials and senders as carriers' settings hold them, and how they go into a request."""

import re
from base64 import b64encode
from typing import Annotated, Any

from pydantic import AfterValidator, Field, SecretStr, StringConstraints

VISIBLE = re.compile(r"[!-~]{1,512}")


def _visible(secret: SecretStr) -> SecretStr:
    if not VISIBLE.fullmatch(secret.get_secret_value()):
        raise ValueError("should be visible ASCII characters without spaces")
    return secret


# Fit for a header: a stray line break in a copied key is found at start, not at the first send.
Secret = Annotated[SecretStr, AfterValidator(_visible)]
# E.164, a short code, or a name of 3 to 11 letters, digits, spaces and the signs that carriers take.
Sender = Annotated[str, StringConstraints(pattern=r"^(?:\+?[0-9]{3,15}|[A-Za-z0-9 &_.-]{3,11})$")]

Uuid = Annotated[str, StringConstraints(pattern=r"^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
# An id of India's register of senders and texts (DLT).
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,30}$")]


def variable(name: str, description: str, **options: Any) -> Any:
    """A setting that comes from this environment variable; optional with `default=None`."""
    return Field(description=description, json_schema_extra={"env": name}, **options)


def basic(user: str, password: SecretStr) -> str:
    """The Authorization header of RFC 7617."""
    return "Basic " + b64encode(f"{user}:{password.get_secret_value()}".encode()).decode()


def digits(number: str) -> str:
    """A number or sender as carriers want it that take no plus."""
    return number.removeprefix("+")
