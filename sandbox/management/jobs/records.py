"""Jobs as they are stored: `pending` in the answer to their creation, done the first time somebody looks.

Source: auth0.com/docs/api/management/v2/jobs.
"""

from typing import Any

from ...context import Sandbox
from ...errors import Auth0Error, not_found
from ...store import Doc
from ..documents import find, public
from ..routing import Call

KIND = "jobs"


def missing() -> Auth0Error:
    return not_found("The job does not exist.", "inexistent_job")


def begin(sandbox: Sandbox, kind: str, told: Doc, outcome: Doc, **private: Any) -> Doc:
    """Store a job and return it as its creation is answered.

    `told` is known from the start, `outcome` once it is done (`status` among it, if it failed); `private`
    members, named with an underscore, are never shown.
    """
    job = {
        "type": kind,
        "status": "pending",
        "created_at": sandbox.clock.iso(),
        "id": sandbox.ids.prefixed("job"),
        **told,
    }
    sandbox.store.put(KIND, job["id"], {**job, "_outcome": {"status": "completed", **outcome}, **private})
    return job


def looked_at(call: Call) -> Doc:
    """The job of the path's {id}, done by now; or Auth0Error 404."""
    job = find(call, KIND, missing())
    done = {**job, **job["_outcome"]}
    call.sandbox.store.put(KIND, job["id"], done)
    return done


def view(job: Doc) -> Doc:
    return public(job)
