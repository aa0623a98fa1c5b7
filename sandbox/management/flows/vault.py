"""/flows/vault/connections: credentials that flows use at other services. What they hold is never shown.

Sources: recorded answers (HTTP, without a setup); the kinds of setup are those of the SDKs,
auth0.com/docs/api/management/v2/flows. Recorded: the fingerprint changes with every change, and
`refreshed_at` is null in the answers to POST and PATCH and absent elsewhere. Not recorded: when a connection
is `ready`; here as soon as it has a setup.
"""

import hashlib
import json

from ...errors import Auth0Error, invalid_body, not_found
from ...store import Doc
from .. import paging
from ..collection import Collection
from ..documents import patched, public
from ..routing import Call
from ..schema import nullable, record, text

# Which kinds of setup each service takes.
APPS: dict[str, tuple[str, ...]] = {
    "ACTIVECAMPAIGN": ("API_KEY",),
    "AIRTABLE": ("API_KEY",),
    "AUTH0": ("OAUTH_APP",),
    "BIGQUERY": ("OAUTH_JWT",),
    "CLEARBIT": ("API_KEY",),
    "DOCUSIGN": ("OAUTH_CODE",),
    "GOOGLE_SHEETS": ("OAUTH_CODE",),
    "HTTP": ("BEARER", "BASIC_AUTH", "API_KEY", "OAUTH_CLIENT_CREDENTIALS"),
    "HUBSPOT": ("API_KEY", "OAUTH_CODE"),
    "JWT": ("JWT",),
    "MAILCHIMP": ("API_KEY", "OAUTH_CODE"),
    "MAILJET": ("API_KEY",),
    "PIPEDRIVE": ("TOKEN", "OAUTH_CODE"),
    "SALESFORCE": ("OAUTH_CODE",),
    "SENDGRID": ("API_KEY",),
    "SLACK": ("WEBHOOK", "OAUTH_CODE"),
    "STRIPE": ("KEY_PAIR", "OAUTH_CODE"),
    "TELEGRAM": ("TOKEN",),
    "TWILIO": ("API_KEY",),
    "WHATSAPP": ("TOKEN",),
    "ZAPIER": ("WEBHOOK",),
}
_MEMBERS = {
    "name": text(1, 150),
    "app_id": text(choices=APPS),
    "environment": nullable(text()),
    "account_name": nullable(text()),
    "setup": nullable(record({"type": text()}, open_ended=True)),
}


def missing() -> Auth0Error:
    return not_found("Connection not found")


def _new(call: Call) -> Doc:
    now = call.sandbox.clock.iso()
    made = {"id": call.sandbox.ids.prefixed("ac", 22), **call.body, "created_at": now, "updated_at": now}
    return _settled({}, made)


def _change(call: Call, connection: Doc) -> Doc:
    return _settled(connection, {**call.body, "updated_at": call.sandbox.clock.iso()})


def _settled(connection: Doc, patch: Doc) -> Doc:
    """With the setup out of sight, and what is shown of it instead."""
    patch = {**patch, **({"_setup": patch["setup"]} if "setup" in patch else {}), "setup": None}
    changed = patched(connection, patch)
    setup = changed.get("_setup") or {}
    _check(changed["app_id"], setup)
    content = json.dumps([changed["name"], changed["app_id"], setup, changed["updated_at"]], sort_keys=True)
    return {**changed, "ready": bool(setup), "fingerprint": hashlib.sha256(content.encode()).hexdigest()[:32]}


def _check(app: str, setup: Doc) -> None:
    kind = setup.get("type")
    if kind is not None and kind not in APPS[app]:
        raise invalid_body(f"Payload validation error: 'No enum match for: {kind}' on property setup.type.")


def _view(call: Call, connection: Doc) -> Doc:
    changing = call.body is not None
    return {**public(connection), **({"refreshed_at": None} if changing else {})}


OPERATIONS = Collection(
    path="/flows/vault/connections",
    kind="flows_vault_connections",
    scope="flows_vault_connections",
    missing=missing,
    create=record(_MEMBERS, required=("name", "app_id")),
    update=record(_MEMBERS),
    new=_new,
    change=_change,
    view=_view,
    listing=lambda call, name, docs, view: paging.answer(call, "connections", docs, view),
).operations()
