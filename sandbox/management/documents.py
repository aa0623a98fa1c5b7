"""What resources do alike with stored documents: find one or refuse, and merge a PATCH into it."""

from collections.abc import Collection, Iterable

from ..errors import Auth0Error
from ..store import Doc
from .routing import Call


def find(call: Call, kind: str, missing: Auth0Error, parameter: str = "id") -> Doc:
    """The document the path names, or `missing`."""
    doc = call.sandbox.store.get(kind, call.params[parameter])
    if doc is None:
        raise missing
    return doc


def patched(doc: Doc, patch: Doc, merged: Collection[str] = ()) -> Doc:
    """A PATCH as Auth0 applies it: members replace members, null removes.

    Members named in `merged` are objects that are themselves patched, one level deep.
    """
    result = dict(doc)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif name in merged and isinstance(value, dict):
            result[name] = patched(result.get(name) or {}, value)
        else:
            result[name] = value
    return result


def without(doc: Doc, names: Iterable[str]) -> Doc:
    dropped = set(names)
    return {name: value for name, value in doc.items() if name not in dropped}


def without_nulls(doc: Doc) -> Doc:
    return {name: value for name, value in doc.items() if value is not None}


def public(doc: Doc) -> Doc:
    """A stored document without its private members, whose names begin with an underscore."""
    return {name: value for name, value in doc.items() if not name.startswith("_")}
