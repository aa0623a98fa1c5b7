"""Which addresses an application may name, and Auth0's words for the others.

Source: messages quoted in public reports (github.com/auth0/auth0-deploy-cli/issues/155: `callback-url`; for
`initiate_login_uri` many, among them that https://localhost is refused too).
"""

import re
from urllib.parse import urlsplit

from ...errors import invalid_body
from ...store import Doc

_LOGIN = "initiate_login_uri"
_LOGIN_FORMAT = "absolute-https-uri-with-placeholders-or-empty"
# Any scheme will do, native applications have their own; a wildcard or a bare host is no address.
_ABSOLUTE = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:\S+$")


def check_addresses(body: Doc) -> None:
    """Raise Auth0Error 400 invalid_body for the first address that has the wrong form."""
    for index, address in enumerate(body.get("callbacks") or []):
        if not _ABSOLUTE.match(address):
            raise _refused("callback-url", address, f"callbacks[{index}]")
    login = body.get(_LOGIN)
    if login and not _is_public_https(login):
        raise _refused(_LOGIN_FORMAT, login, f"{_LOGIN} (Initiate login uri, must be https)")


def _is_public_https(address: str) -> bool:
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    # {organization_name} and {custom_domain} are filled in when somebody logs in.
    return parts.scheme == "https" and ("." in parts.netloc or "{" in parts.netloc)


def _refused(kind: str, address: str, where: str) -> Exception:
    return invalid_body(
        f"Payload validation error: 'Object didn't pass validation for format {kind}: {address}' "
        f"on property {where}."
    )
