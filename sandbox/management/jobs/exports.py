"""Users into a file: the text of an export, gzipped as it is fetched.

Source: auth0.com/docs/manage-users/user-migration/bulk-user-exports. JSON is one object a line. A member's
name may have dots; in a CSV file text of several words is quoted, objects are JSON.
"""

import csv
import gzip
import io
import json
import re
from collections.abc import Iterable
from typing import Any

from ... import users
from ...store import Doc

# What a file has where no fields were asked for.
_USUAL = (
    "user_id",
    "email",
    "email_verified",
    "username",
    "phone_number",
    "phone_verified",
    "name",
    "given_name",
    "family_name",
    "nickname",
    "picture",
    "blocked",
    "created_at",
    "updated_at",
    "identities",
    "user_metadata",
    "app_metadata",
)

_POSITION = re.compile("[0-9]{1,15}")


def file(found: Iterable[Doc], fields: list[Doc] | None, kind: str) -> bytes:
    """The file's gzipped content; `fields` are {name[, export_as]}, `kind` is json or csv."""
    wanted = fields or [{"name": name} for name in _USUAL]
    rows = [_row(users.public(user), wanted) for user in found]
    text = _csv(rows, wanted) if kind == "csv" else _lines(rows)
    return gzip.compress(text.encode(), mtime=0)


def _row(user: Doc, wanted: list[Doc]) -> Doc:
    row = {}
    for field in wanted:
        value = _value(user, str(field["name"]).split("."))
        if value is not None:
            row[_title(field)] = value
    return row


def _title(field: Doc) -> str:
    return str(field.get("export_as") or field["name"])


def _value(value: Any, path: list[str]) -> Any:
    if not path or value is None:
        return value
    if isinstance(value, list):
        position = path[0].strip("[]")
        within = _POSITION.fullmatch(position) and int(position) < len(value)
        found = value[int(position)] if within else None
    else:
        name, _, position = path[0].partition("[")
        found = value.get(name) if isinstance(value, dict) else None
        if position:
            return _value(found, [f"[{position}", *path[1:]])
    return _value(found, path[1:])


def _lines(rows: list[Doc]) -> str:
    return "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in rows)


def _csv(rows: list[Doc], wanted: list[Doc]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, [_title(field) for field in wanted], lineterminator="\r\n")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: _cell(value) for name, value in row.items()})
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value
