"""The variables of a project's production.

https://vercel.com/docs/rest-api/projects/create-one-or-more-environment-variables , unreadable afterwards:
https://vercel.com/docs/environment-variables/sensitive-environment-variables
"""

import secrets
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

from .addresses import path
from .checks import ID, Check, variables
from .errors import GoneError, IncompleteError, ProviderError, UnansweredError
from .kinds import Found, Kind, Properties, Work
from .project import find
from .wire import Secret, without_secrets

_TARGET = "production"


class Environment(Kind):
    """The id is the project's. What a broken step has done is kept, and another `up` goes on from there.

    `versions` says when Vercel wrote each variable: a value can't be read, but
    it can be seen that somebody changed it by hand.
    """

    inputs: ClassVar[dict[str, Check]] = {"projectId": ID, "variables": variables}
    replacing: ClassVar[frozenset[str]] = frozenset({"projectId"})
    computed: ClassVar[dict[str, bool]] = {"revision": True, "versions": True}

    async def create(self, inputs: Properties, work: Work) -> tuple[str, Properties]:
        return inputs["projectId"], await _made_so(work, inputs, {}, {})

    async def read(self, id_: str, old: Properties, work: Work) -> Found | None:
        # An import may name the project.
        found = {"id": id_} if old else await find(work, id_)
        if found is None:
            return None
        project = str(found["id"])
        try:
            live = await _live(work, project)
        except GoneError:
            return None
        shown = _seen(live, *_known(old))
        inputs = {"projectId": project, "variables": _secret(shown)}
        return Found(project, inputs, _state(inputs, live, old.get("revision")))

    async def update(self, id_: str, old: Properties, inputs: Properties, work: Work) -> Properties:
        return await _made_so(work, inputs, *_known(old))

    async def delete(self, id_: str, old: Properties, work: Work) -> None:
        try:
            await _remove(work, id_, without_secrets(old.get("variables", {})).keys())
        except GoneError:
            return


def _known(state: Properties) -> tuple[dict[str, str], dict[str, str]]:
    """The values and the versions that a state has."""
    return without_secrets(state.get("variables") or {}), state.get("versions") or {}


def _secret(values: Mapping[str, str]) -> dict[str, Secret]:
    return {name: Secret(value) for name, value in sorted(values.items())}


def _state(inputs: Properties, live: Mapping[str, Any], revision: str | None = None) -> Properties:
    """With the versions that Vercel shows, and another revision unless one is given."""
    versions = {name: _version(doc) for name, doc in sorted(live.items()) if name in inputs["variables"]}
    return {**inputs, "revision": revision or secrets.token_hex(8), "versions": versions}


def _seen(live: Mapping[str, Any], values: Mapping[str, str], versions: Mapping[str, str]) -> dict[str, str]:
    """The variables that are there; "" for a value that isn't the known one: it differs from every other."""
    return {
        name: values.get(name, "") if _version(doc) == versions.get(name) else ""
        for name, doc in live.items()
    }


async def _made_so(
    work: Work, inputs: Properties, values: Mapping[str, str], versions: Mapping[str, str]
) -> Properties:
    """The state once Vercel has the declared variables instead of the known ones.

    Raises IncompleteError with what is there when only a part of it was done.
    """
    project, wanted = inputs["projectId"], without_secrets(inputs["variables"])
    changed = {name: value for name, value in wanted.items() if values.get(name) != value}
    written: set[str] = set()
    try:
        await _write(work, project, changed, written)
        await _remove(work, project, values.keys() - wanted.keys())
        return _state(inputs, await _live(work, project))
    except ProviderError as error:
        done = {name: changed[name] for name in written}
        unsure = changed.keys() if isinstance(error, UnansweredError) else set[str]()
        left = await _left(work, project, values, versions, done, unsure)
        if left is None:
            raise
        raise IncompleteError(str(error), project, left) from None


async def _left(
    work: Work,
    project: str,
    values: Mapping[str, str],
    versions: Mapping[str, str],
    written: Mapping[str, str],
    unsure: Collection[str],
) -> Properties | None:
    """The state after a change that broke off; None when nothing is known to have happened.

    `values` and `versions` were there before, `written` was told as done; of `unsure` nobody knows.
    """
    try:
        live = await _live(work, project)
    except ProviderError:
        if not written and not unsure:
            return None
        shown = {**values, **dict.fromkeys(unsure, ""), **written}
        live = {}
    else:
        shown = {name: written.get(name, value) for name, value in _seen(live, values, versions).items()}
        if shown == values:
            return None
    return _state({"projectId": project, "variables": _secret(shown)}, live)


async def _write(work: Work, project: str, values: Mapping[str, str], written: set[str]) -> None:
    """Set variables. `written` gets the names of those that Vercel took, when it refuses others too."""
    if not values:
        return
    body = [
        {"key": name, "value": value, "type": "sensitive", "target": [_TARGET]}
        for name, value in sorted(values.items())
    ]
    answer = await work.call(
        "POST",
        path("v10", "projects", project, "env"),
        f"set the variables {', '.join(sorted(values))}",
        query={"upsert": "true"},
        body=body,
        again=True,
        hidden=values.values(),
    )
    created = answer.get("created") or []
    written.update(str(doc["key"]) for doc in ([created] if isinstance(created, dict) else created))
    if failed := answer.get("failed"):
        raise ProviderError(
            f"Vercel would not set {', '.join(sorted(_failed_name(each) for each in failed))}."
        )


def _failed_name(failure: Any) -> str:
    error = failure.get("error") or {}
    return f"{error.get('envVarKey') or error.get('key') or 'a variable'} ({error.get('code')})"


async def _remove(work: Work, project: str, names: Any) -> None:
    """Remove variables that may be gone. Raises GoneError when the project is."""
    if not names:
        return
    for name, doc in sorted((await _live(work, project)).items()):
        if name in names:
            try:
                place = path("v9", "projects", project, "env", str(doc["id"]))
                await work.call("DELETE", place, f"remove the variable {name}")
            except GoneError:
                continue


async def _live(work: Work, project: str) -> dict[str, Any]:
    """Production's variables that a person or this provider set: not Vercel's own, nor an integration's."""
    doing = "read the names of the variables"
    answer = await work.call("GET", path("v10", "projects", project, "env"), doing)
    return {
        str(doc["key"]): doc
        for doc in answer.get("envs") or ()
        if _TARGET in (doc.get("target") or ())
        and doc.get("type") != "system"
        and not doc.get("configurationId")
    }


def _version(doc: Any) -> str:
    return f"{doc.get('id')}@{doc.get('updatedAt')}"
