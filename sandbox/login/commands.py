"""What an Action asked for through `api`, applied to the sign-in."""

import json
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from ..context import Sandbox
from ..store import Doc
from ..users import merge_metadata
from . import factors, refresh_tokens, sessions
from .outcome import Outcome, RefusedError
from .sign_in import SignIn

# 32 kB of each kind of metadata a session (auth0.com/docs/customize/actions/limitations).
_LARGEST_METADATA = 32 * 1024


class Leg:
    """The side effects of one leg, collected Action by Action; `flush` writes the user's metadata once."""

    def __init__(self, sandbox: Sandbox, sign_in: SignIn) -> None:
        self._sandbox = sandbox
        self._sign_in = sign_in
        self._metadata: dict[str, Doc] = {"app_metadata": {}, "user_metadata": {}}
        self._denied: Outcome | None = None
        self._invalid: Outcome | None = None
        # What one Action asked for; the last call counts.
        self._redirects: list[str] = []
        self._challenges: list[Doc] = []
        self._effects: dict[str, Callable[[Doc], None]] = {
            "deny": self._deny,
            "validation_error": self._validation_error,
            "redirect": self._send_user_to,
            "claim": self._claim,
            "scope": self._scope,
            "app_metadata": self._user_metadata,
            "user_metadata": self._user_metadata,
            "transaction_metadata": self._transaction_metadata,
            "method": self._method,
            "session_metadata": self._session,
            "session_cookie_mode": self._session,
            "session_expiry": self._session,
            "session_revoke": self._revoke_session,
            "refresh_token_metadata": self._refresh_token_metadata,
            "refresh_token_expiry": self._refresh_token_expiry,
            "refresh_token_revoke": self._revoke_refresh_token,
            "factors": self._factors,
            "multifactor": self._multifactor,
            "primary_user": self._primary_user,
            "unsupported": lambda command: None,
        }

    def apply(self, commands: Iterable[Doc], handler: str) -> Outcome | None:
        """Apply what one execution asked for; an Outcome when the leg ends with it. Raises RefusedError."""
        self._redirects.clear()
        self._challenges.clear()
        asked = list(commands)
        # Documented: what an Action sets of user_metadata is lost when it changes the primary user.
        if any(command["type"] == "primary_user" for command in asked):
            asked = [command for command in asked if command["type"] != "user_metadata"]
        for command in asked:
            self._effects[command["type"]](command)
        if self._denied or self._invalid:
            return self._denied or self._invalid
        if self._redirects:
            return self._redirection(self._redirects[-1], handler)
        if self._challenges:
            return factors.demanded(self._sandbox, self._sign_in, self._challenges[-1])
        return None

    def pending(self, user: Doc) -> Doc:
        """A user's metadata with what Actions have asked for so far: what the next Action sees."""
        return {target: merge_metadata(user.get(target), patch) for target, patch in self._metadata.items()}

    def flush(self) -> None:
        """Write the user's metadata: before a redirect, or once at the end."""
        changed = {target: patch for target, patch in self._metadata.items() if patch}
        if not changed:
            return
        user = self._sign_in.user(self._sandbox)
        self._metadata = {"app_metadata": {}, "user_metadata": {}}
        for target, patch in changed.items():
            user[target] = merge_metadata(user.get(target), patch)
        user["updated_at"] = self._sandbox.clock.iso()
        self._sandbox.store.put("users", user["user_id"], user)

    def _redirection(self, url: str, handler: str) -> Outcome:
        protocol = self._sign_in.transaction.get("protocol")
        if "none" in self._sign_in.transaction.get("prompt", []):
            return Outcome("interaction_required", "External interaction required")
        if not self._sign_in.has_browser:
            raise RefusedError(f"A redirect was asked for, which {protocol} does not allow.")
        if handler == "onContinuePostLogin":
            raise RefusedError("Only one redirection per Action is allowed.")
        identity = self._identity(url)
        if identity in self._sign_in.redirected_to:
            raise RefusedError("Each unique URL can be redirected to only once per authentication flow.")
        self._sign_in.redirected_to.append(identity)
        return Outcome("redirect", url)

    def _identity(self, url: str) -> str:
        if self._sandbox.switches.redirect_url_unique_includes_query:
            return url
        return urlunsplit(urlsplit(url)._replace(query="", fragment=""))

    def _deny(self, command: Doc) -> None:
        self._denied = self._denied or Outcome("denied", str(command.get("reason", "")))

    def _validation_error(self, command: Doc) -> None:
        self._invalid = Outcome("invalid", command["message"], command["code"])

    def _send_user_to(self, command: Doc) -> None:
        self._redirects.append(command["url"])

    def _claim(self, command: Doc) -> None:
        wishes = self._sign_in.wishes
        claims = wishes.id_claims if command["target"] == "id" else wishes.access_claims
        claims[str(command["key"])] = command.get("value")

    def _scope(self, command: Doc) -> None:
        wishes = self._sign_in.wishes
        if "add" in command:
            wishes.added_scopes.append(str(command["add"]))
        else:
            wishes.removed_scopes.append(str(command["remove"]))

    def _user_metadata(self, command: Doc) -> None:
        target, key = command["type"], str(command["key"])
        if "value" not in command:  # undefined in JavaScript takes back what was asked for
            self._metadata[target].pop(key, None)
            return
        value = command["value"]
        written = self._sign_in.metadata_bytes
        written[target] = written.get(target, 0) + len(json.dumps({key: value}).encode())
        if written[target] > _LARGEST_METADATA:
            raise RefusedError(f"More than 32 kB of {target} was set in one session.")
        self._metadata[target][key] = value

    def _transaction_metadata(self, command: Doc) -> None:
        self._sign_in.metadata = merge_metadata(self._sign_in.metadata, {command["key"]: command["value"]})

    def _method(self, command: Doc) -> None:
        record = {"name": command["url"], "url": command["url"], "timestamp": self._sandbox.clock.iso()}
        others = [method for method in self._sign_in.methods if method.get("url") != command["url"]]
        self._sign_in.methods = [*others, record]
        self._change_session({"methods": self._sign_in.methods})

    def _session(self, command: Doc) -> None:
        session = sessions.find(self._sandbox, self._sign_in.session_key)
        if session is None:
            return
        if command["type"] == "session_metadata":
            self._change_session({"metadata": command["metadata"]})
        elif command["type"] == "session_cookie_mode":
            self._change_session({"cookie": {"mode": command["mode"]}})
        else:
            self._change_session(_earlier(session, command))

    def _revoke_session(self, command: Doc) -> None:
        session = sessions.find(self._sandbox, self._sign_in.session_key)
        if session:
            sessions.end(self._sandbox, session)
            if not (command.get("options") or {}).get("preserveRefreshTokens"):
                refresh_tokens.revoke_session(self._sandbox, session)
        self._deny(command)

    def _factors(self, command: Doc) -> None:
        self._challenges.append(command)

    def _multifactor(self, command: Doc) -> None:
        self._sign_in.multifactor = None if command["provider"] == "none" else command

    def _primary_user(self, command: Doc) -> None:
        """The subject of this login becomes another user, who has the identity that logged in."""
        sign_in, store = self._sign_in, self._sandbox.store
        if sign_in.primary_user_set:
            raise RefusedError("The primary user can be set once per transaction.")
        primary = store.get("users", command["id"])
        provider, _, identity = sign_in.user_id.partition("|")
        own = {"provider": provider, "user_id": identity}
        if primary is None or not any(own.items() <= one.items() for one in primary["identities"]):
            raise RefusedError("The primary user does not have the identity that authenticated this login.")
        sign_in.user_id, sign_in.primary_user_set = primary["user_id"], True
        self._change_session({"user_id": primary["user_id"]})

    def _change_session(self, changes: dict[str, Any]) -> None:
        session = sessions.find(self._sandbox, self._sign_in.session_key)
        if session:
            sessions.save(self._sandbox, session | changes)

    def _refresh_token_metadata(self, command: Doc) -> None:
        token = refresh_tokens.find(self._sandbox, self._sign_in.refresh_token_key)
        if token:
            refresh_tokens.save(self._sandbox, token | {"metadata": command["metadata"]})
        self._sign_in.wishes.refresh_token_metadata = command["metadata"]

    def _refresh_token_expiry(self, command: Doc) -> None:
        token = refresh_tokens.find(self._sandbox, self._sign_in.refresh_token_key)
        if token:
            refresh_tokens.save(self._sandbox, token | _earlier(token, command))

    def _revoke_refresh_token(self, command: Doc) -> None:
        token = refresh_tokens.find(self._sandbox, self._sign_in.refresh_token_key)
        if token is None:
            raise RefusedError("api.refreshToken.revoke() needs a refresh token exchange.")
        refresh_tokens.revoke_family(self._sandbox, token["family"])
        self._deny(command)


def _earlier(doc: Doc, command: Doc) -> Doc:
    """Expiries an Action sets (milliseconds) may only bring the end nearer."""
    names = {"absolute": "expires_at", "idle": "idle_expires_at"}
    changes = {}
    for member, name in names.items():
        if member in command:
            wished = command[member] / 1000
            changes[name] = wished if doc[name] is None else min(wished, doc[name])
    return changes
