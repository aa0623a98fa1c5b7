"""Users out of a file: what becomes of each of its entries.

Source: auth0.com/docs/manage-users/user-migration/bulk-user-imports and its schema. Hashed passwords are
taken and not kept: whoever is imported has to choose a new one, as at Auth0 where the algorithm isn't known.
"""

from typing import Any

from ... import users
from ...context import Sandbox
from ...errors import Auth0Error, refusal
from ...parsing import parsed
from ...store import Doc
from ..schema import type_of

# https://auth0.com/docs/manage-users/user-migration/bulk-user-imports: 500 kB
_LARGEST = 500 * 1024
_KNOWN = {
    "email": str,
    "email_verified": bool,
    "user_id": str,
    "username": str,
    "given_name": str,
    "family_name": str,
    "name": str,
    "nickname": str,
    "picture": str,
    "blocked": bool,
    "phone_number": str,
    "phone_verified": bool,
    "app_metadata": dict,
    "user_metadata": dict,
    "password_hash": str,
    "custom_password_hash": dict,
    "password_set_date": str,
    "mfa_factors": list,
}
_TYPES = {str: "string", bool: "boolean", dict: "object", list: "array"}
# Told about the login, not about the person.
_SECRETS = ("password_hash", "custom_password_hash", "password_set_date", "mfa_factors")
_IDENTIFIERS = ("user_id", "email", "username", "phone_number")
# Of somebody who is there already, what `upsert` leaves alone.
_FIXED = ("user_id", "username", *_SECRETS)

Summary = dict[str, int]


def read(raw: bytes) -> list[Any]:
    """The entries of a file, or Auth0Error: 413 for one that is too large, 400 for anything but an array."""
    if len(raw) > _LARGEST:
        raise refusal(413, f"Payload content length greater than maximum allowed: {_LARGEST}")
    try:
        entries = parsed(raw)
    except ValueError as error:
        raise refusal(400, "Users file is not valid JSON", "invalid_body") from error
    if not isinstance(entries, list):
        raise refusal(400, "Users file must be a JSON array", "invalid_body")
    return entries


def run(sandbox: Sandbox, connection: Doc, entries: list[Any], *, upsert: bool) -> tuple[Summary, list[Doc]]:
    """Bring the entries into a connection; how many went where, and what was wrong with the others."""
    summary = {"failed": 0, "updated": 0, "inserted": 0, "total": len(entries)}
    failures, seen = [], set[tuple[str, str]]()
    with sandbox.store.atomic():
        for entry in entries:
            errors = _problems(entry) or _repeated(entry, seen)
            outcome = "failed" if errors else "inserted"
            if not errors:
                outcome, errors = _bring(sandbox, connection, entry, upsert)
            summary[outcome] += 1
            if errors:
                failures.append({"user": entry, "errors": errors})
    return summary, failures


def _problems(entry: Any) -> list[Doc]:
    if not isinstance(entry, dict):
        return [_error("INVALID_TYPE", f"Expected type object but found type {type_of(entry)}", "")]
    errors = []
    for name, value in entry.items():
        wanted = _KNOWN.get(name)
        if wanted is None:
            errors.append(
                _error("OBJECT_ADDITIONAL_PROPERTIES", f"Additional properties not allowed: {name}", "")
            )
        elif not isinstance(value, wanted):
            errors.append(
                _error("INVALID_TYPE", f"Expected type {_TYPES[wanted]} but found another type", name)
            )
    email = entry.get("email")
    if isinstance(email, str) and email.count("@") != 1:
        errors.append(
            _error("INVALID_FORMAT", f"Object didn't pass validation for format email: {email}", "email")
        )
    if not any(entry.get(name) for name in ("email", "username", "phone_number")):
        errors.append(_error("ANY_OF_MISSING", "Missing required property: email", "email"))
    return errors


def _repeated(entry: Doc, seen: set[tuple[str, str]]) -> list[Doc]:
    """A second entry for somebody is an error, whether or not `upsert` is set."""
    own = {(name, str(entry[name]).lower()) for name in _IDENTIFIERS if entry.get(name)}
    again = sorted(name for name, _ in own & seen)
    seen |= own
    return (
        [_error("DUPLICATED_USER", f"A user with this {again[0]} was already provided.", "")] if again else []
    )


def _bring(sandbox: Sandbox, connection: Doc, entry: Doc, upsert: bool) -> tuple[str, list[Doc]]:
    known = _known(sandbox, connection, entry)
    if known is not None and upsert:
        changed = {**known, **{name: value for name, value in entry.items() if name not in _FIXED}}
        for name in ("app_metadata", "user_metadata"):
            if name in entry:
                changed[name] = users.merge_metadata(known.get(name), entry[name])
        changed |= {"email": str(known["email"]), "updated_at": sandbox.clock.iso()}
        if users.is_taken(sandbox, changed):
            return "failed", [_taken()]
        sandbox.store.put("users", known["user_id"], changed)
        return "updated", []
    profile = {name: value for name, value in entry.items() if name not in (*_SECRETS, "email")}
    try:
        users.create(sandbox, connection["name"], entry.get("email"), None, **profile)
    except Auth0Error:
        return "failed", [_taken()]
    return "inserted", []


def _taken() -> Doc:
    return _error("DUPLICATED_USER", "The user already exists.", "")


def _known(sandbox: Sandbox, connection: Doc, entry: Doc) -> Doc | None:
    """Who has the entry's address already: nothing else lets an entry change somebody."""
    email = entry.get("email")
    return users.find_by_email(sandbox, connection["name"], email) if email else None


def _error(code: str, message: str, path: str) -> Doc:
    where = f"Error in {path} property - " if path else ""
    return {"code": code, "message": f"{where}{message}", **({"path": path} if path else {})}
