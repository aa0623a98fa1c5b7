"""The operations of /jobs.

Source: auth0.com/docs/api/management/v2/jobs, bulk-user-imports and bulk-user-exports there; nothing was
recorded. No e-mail leaves the sandbox: a verification e-mail is a job that completes, and a line in the log.
"""

from ...errors import invalid_body
from ...login import logs
from ...login.incoming import Incoming
from ...store import Doc
from ..clients import existing as clients
from ..connections import lookup as connections
from ..routing import Answer, Call, Operation
from ..schema import array, form, integer, lacking, record, text
from ..users import existing as users
from . import imports, records
from .files import address

_EXPORT = record(
    {
        "connection_id": text(1),
        "format": text(choices=("json", "csv")),
        "limit": integer(1),
        "fields": array(record({"name": text(1), "export_as": text(1)}, required=("name",))),
    }
)
_IDENTITY = record({"user_id": text(1), "provider": text(1), "connection_id": text(1)})
_VERIFICATION = record(
    {
        "user_id": text(1),
        "client_id": text(1),
        "identity": _IDENTITY,
        "organization_id": text(1),
    },
    required=("user_id",),
)
_TRUE = "true"


def create_import(call: Call) -> Answer:
    """Answers 202; whatever is wrong with single entries is told by the job's errors."""
    body, sandbox = call.body, call.sandbox
    for name, value in body.items():
        if name != "users" and isinstance(value, bytes):
            raise invalid_body(
                f"Payload validation error: 'Expected type string but found type object' on property {name}."
            )
    for name in ("users", "connection_id"):
        if name not in body:
            raise lacking(name)
    connection = _connection(call, body["connection_id"])
    if connection["strategy"] != "auth0":
        raise invalid_body("The connection must be a database connection")
    raw = body["users"]
    entries = imports.read(raw if isinstance(raw, bytes) else raw.encode())
    told = {"connection_id": connection["id"], "connection": connection["name"]}
    told |= {name: body[name] for name in ("external_id",) if name in body}
    told |= {
        "upsert": body.get("upsert") == _TRUE,
        "send_completion_email": body.get("send_completion_email", _TRUE) == _TRUE,
    }
    with sandbox.store.atomic():
        summary, failures = imports.run(sandbox, connection, entries, upsert=told["upsert"])
        outcome = {"status": "completed", "percentage_done": 100, "summary": summary}
        job = records.begin(sandbox, "users_import", told, outcome, _failures=failures)
    return Answer(job, 202)


def create_export(call: Call) -> Answer:
    """A file of users, fetched from `location` once the job is done."""
    body, sandbox = call.body or {}, call.sandbox
    told = {"format": "json", **body}
    if "connection_id" in body:
        told["connection"] = _connection(call, body["connection_id"])["name"]
    ticket = sandbox.ids.token(32)
    location = address(sandbox, ticket, told["format"])
    outcome = {"location": location, "percentage_done": 100, "time_left_seconds": 0}
    return Answer(records.begin(sandbox, "users_export", told, outcome, _ticket=ticket))


def create_verification_email(call: Call) -> Answer:
    body, store = call.body, call.sandbox.store
    user = store.get("users", body["user_id"])
    if user is None:
        raise users.missing()
    if not user.get("email"):
        raise invalid_body("The user does not have an email address.")
    client = store.get("clients", body["client_id"]) if "client_id" in body else None
    if "client_id" in body and client is None:
        raise clients.missing()
    incoming = Incoming("POST", call.sandbox.addresses.auth0, "127.0.0.1", "", "")
    logs.write(call.sandbox, "svr", incoming, client=client, user=user)
    return Answer(records.begin(call.sandbox, "verification_email", {}, {}), 201)


def get_job(call: Call) -> Answer:
    return Answer(records.view(records.looked_at(call)))


def get_errors(call: Call) -> Answer:
    """204 where there were none."""
    failures = records.looked_at(call).get("_failures")
    return Answer(failures) if failures else Answer(status=204)


def _connection(call: Call, identifier: str) -> Doc:
    connection: Doc | None = call.sandbox.store.get("connections", identifier)
    if connection is None:
        raise connections.missing()
    return connection


_CREATE = ("create:users",)

OPERATIONS = (
    Operation("POST", "/jobs/users-imports", create_import, _CREATE, form()),
    Operation("POST", "/jobs/users-exports", create_export, ("read:users",), _EXPORT),
    Operation(
        "POST", "/jobs/verification-email", create_verification_email, ("update:users",), _VERIFICATION
    ),
    Operation("GET", "/jobs/{id}", get_job, ("create:users", "read:users")),
    Operation("GET", "/jobs/{id}/errors", get_errors, ("create:users", "read:users")),
)
