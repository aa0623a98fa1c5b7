"""The `api` object: what each method records, returns, refuses, and in which words."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.actions import NodeRunner

from .actions_driver import SECRET, USER_ID, claims, event, executing, printed, request, run, token

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
async def runner() -> AsyncIterator[NodeRunner]:
    runner = NodeRunner()
    yield runner
    await runner.close()


async def commands(runner: NodeRunner, body: str, **changes: Any) -> list[dict[str, Any]]:
    answer = await run(runner, body, **changes)
    assert answer["error"] is None, answer["error"]
    found: list[dict[str, Any]] = answer["commands"]
    return found


async def failure(runner: NodeRunner, body: str, **changes: Any) -> str:
    answer = await run(runner, body, **changes)
    assert answer["error"] is not None
    return str(answer["error"]["message"])


VALIDATE = (
    f"const found = api.redirect.validateToken({{secret: '{SECRET}', tokenParameterName: 't'}});"
    "console.log(JSON.stringify(found));"
)


def back(given: str | None, state: str = "st4te", **more: Any) -> dict[str, Any]:
    """The event of a /continue that brought this token in its body."""
    body = {} if given is None else {"t": given}
    return {"event": event(method="POST", query={"state": state}, body=body), **more}


@pytest.mark.parametrize(
    ("call", "command"),
    [
        ("access.deny('no')", {"type": "deny", "reason": "no"}),
        (
            "idToken.setCustomClaim('a', {b: 1})",
            {"type": "claim", "target": "id", "key": "a", "value": {"b": 1}},
        ),
        ("accessToken.setCustomClaim('a', 1)", {"type": "claim", "target": "access", "key": "a", "value": 1}),
        ("user.setAppMetadata('a', null)", {"type": "app_metadata", "key": "a", "value": None}),
        ("user.setUserMetadata('a', [1])", {"type": "user_metadata", "key": "a", "value": [1]}),
        ("redirect.sendUserTo('https://x.test/')", {"type": "redirect", "url": "https://x.test/"}),
        ("validation.error('c', 'm')", {"type": "validation_error", "code": "c", "message": "m"}),
    ],
)
async def test_calls_become_commands_and_can_be_chained(
    runner: NodeRunner, call: str, command: dict[str, Any]
) -> None:
    assert await commands(runner, f"api.{call}.access.deny('chained')") == [
        command,
        {"type": "deny", "reason": "chained"},
    ]


@pytest.mark.parametrize(
    ("call", "command"),
    [
        ("accessToken.addScope('read')", {"type": "scope", "add": "read"}),
        ("accessToken.removeScope('read')", {"type": "scope", "remove": "read"}),
        ("session.revoke('why')", {"type": "session_revoke", "reason": "why"}),
        ("refreshToken.revoke('why')", {"type": "refresh_token_revoke", "reason": "why"}),
        ("session.setExpiresAt(5)", {"type": "session_expiry", "absolute": 5}),
        ("session.setIdleExpiresAt(5)", {"type": "session_expiry", "idle": 5}),
        ("refreshToken.setExpiresAt(5)", {"type": "refresh_token_expiry", "absolute": 5}),
        (
            "session.setCookieMode('non-persistent')",
            {"type": "session_cookie_mode", "mode": "non-persistent"},
        ),
        ("session.setMetadata('a', 'b')", {"type": "session_metadata", "metadata": {"a": "b"}}),
        ("refreshToken.setMetadata('a', 'b')", {"type": "refresh_token_metadata", "metadata": {"a": "b"}}),
        ("transaction.setMetadata('a', true)", {"type": "transaction_metadata", "key": "a", "value": True}),
    ],
)
async def test_calls_that_return_nothing(runner: NodeRunner, call: str, command: dict[str, Any]) -> None:
    assert await commands(runner, f"console.log(api.{call})") == [command]
    assert await printed(runner, f"console.log(api.{call})") == ["undefined"]


async def test_what_was_asked_is_a_snapshot(runner: NodeRunner) -> None:
    body = "const v = {n: 1}; api.user.setAppMetadata('a', v); v.n = 2; api.access.deny('x')"
    assert (await commands(runner, body))[0]["value"] == {"n": 1}


async def test_a_value_that_is_no_json_is_the_action_s_own_error(runner: NodeRunner) -> None:
    assert "circular" in await failure(runner, "const v = {}; v.v = v; api.user.setAppMetadata('a', v)")
    assert "BigInt" in await failure(runner, "api.idToken.setCustomClaim('a', 1n)")


@pytest.mark.parametrize(
    "name",
    [
        "authentication.challengeWith",
        "authentication.challengeWithAny",
        "authentication.enrollWith",
        "authentication.enrollWithAny",
        "authentication.setPrimaryUser",
        "multifactor.enable",
        "prompt.render",
        "samlResponse.setAttribute",
        "samlResponse.setIssuer",
        "groups.getUserGroups",
        "roles.getUserEffectiveRoles",
    ],
)
async def test_what_the_sandbox_cannot_do_it_says(runner: NodeRunner, name: str) -> None:
    answer = await run(runner, f"await api.{name}('x')")
    assert answer["error"]["message"] == f"api.{name} is not supported by this sandbox yet."
    assert {"type": "unsupported", "name": name} in answer["commands"]


async def test_nothing_undocumented_is_there(runner: NodeRunner) -> None:
    body = """
      console.log(Object.keys(api).sort().join());
      console.log(Object.keys(api.redirect).sort().join(), Object.keys(api.user).sort().join());
      console.log(typeof api.access.allow, typeof api.user.setEmail, api.rules.wasExecuted('r'));
    """
    assert await printed(runner, body) == [
        "access,accessToken,authentication,cache,groups,idToken,multifactor,prompt,redirect,refreshToken,roles,"
        "rules,samlResponse,session,transaction,user,validation",
        "canRedirect,encodeToken,sendUserTo,validateToken setAppMetadata,setUserMetadata",
        "undefined undefined false",
    ]


async def test_send_user_to_sets_query_parameters(runner: NodeRunner) -> None:
    body = "api.redirect.sendUserTo('https://x.test/p?a=1&b=2', {query: {a: 'ä &', c: '3'}})"
    [command] = await commands(runner, body)
    parts = urlsplit(command["url"])
    assert parts._replace(query="").geturl() == "https://x.test/p"
    assert parse_qsl(parts.query) == [("a", "ä &"), ("b", "2"), ("c", "3")]


async def test_send_user_to_wants_a_whole_url(runner: NodeRunner) -> None:
    assert await failure(runner, "api.redirect.sendUserTo('/relative')") == "Invalid URL"


@pytest.mark.parametrize(
    ("protocol", "prompt", "expected"),
    [
        ("oidc-basic-profile", None, "true"),
        ("oidc-basic-profile", "none", "false"),
        ("oidc-basic-profile", "login", "true"),
        ("oauth2-refresh-token", None, "false"),
        ("oauth2-password", None, "false"),
        ("oauth2-resource-owner", None, "false"),
        ("oauth2-webauthn", None, "false"),
        ("oauth2-passwordless-otp", None, "true"),
    ],
)
async def test_can_redirect(runner: NodeRunner, protocol: str, prompt: str | None, expected: str) -> None:
    given = event(query={"prompt": prompt} if prompt else {})
    given["transaction"]["protocol"] = protocol
    assert await printed(runner, "console.log(api.redirect.canRedirect())", event=given) == [expected]


async def test_encode_token(runner: NodeRunner) -> None:
    given = "{secret: event.secrets.KEY, payload: {a: 1}, expiresInSeconds: 60}"
    body = f"console.log(api.redirect.encodeToken({given}))"
    [encoded] = await printed(runner, body)
    header, payload, signature = encoded.split(".")
    found = json.loads(base64.urlsafe_b64decode(payload + "=="))
    now = found["iat"]
    assert abs(now - time.time()) < 5
    assert found == {
        "iat": now,
        "exp": now + 60,
        "iss": "localhost:8443",
        "sub": USER_ID,
        "ip": "127.0.0.1",
        "a": 1,
    }
    assert json.loads(base64.urlsafe_b64decode(header + "==")) == {"alg": "HS256", "typ": "JWT"}
    digest = hmac.new(SECRET.encode(), f"{header}.{payload}".encode(), hashlib.sha256).digest()
    assert base64.urlsafe_b64decode(signature + "==") == digest


async def test_encode_token_lives_900_seconds_and_lets_the_payload_win(runner: NodeRunner) -> None:
    body = "console.log(api.redirect.encodeToken({secret: 's', payload: {sub: 'other'}}))"
    [encoded] = await printed(runner, body)
    found = json.loads(base64.urlsafe_b64decode(encoded.split(".")[1] + "=="))
    assert found["exp"] - found["iat"] == 900
    assert found["sub"] == "other"


@pytest.mark.parametrize("secret", ["undefined", "''", "null"])
async def test_encode_token_needs_a_secret(runner: NodeRunner, secret: str) -> None:
    message = await failure(runner, f"api.redirect.encodeToken({{secret: {secret}, payload: {{}}}})")
    assert message == "secretOrPrivateKey must have a value"


async def test_validate_token_returns_the_claims(runner: NodeRunner) -> None:
    given = claims(outcome="verified")
    assert json.loads((await printed(runner, VALIDATE, **back(token(given))))[0]) == given


async def test_validate_token_reads_query_and_body_and_the_body_wins(runner: NodeRunner) -> None:
    by_query = event(query={"state": "st4te", "session_token": token(claims(n=1))}, body={})
    body = f"console.log(api.redirect.validateToken({{secret: '{SECRET}'}}).n)"
    assert await printed(runner, body, event=by_query) == ["1"]
    by_query["request"]["body"] = {"session_token": token(claims(n=2))}
    assert await printed(runner, body, event=by_query) == ["2"]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (token(claims(state="other")), "State in the token does not match the /continue state."),
        (token(claims(state=...)), "State in the token does not match the /continue state."),
        (token(claims(), secret="another secret"), "Failed signature validation"),
        (token(claims())[:-2], "Failed signature validation"),
        (token(claims(), header={"alg": "none", "typ": "JWT"}), "Failed signature validation"),
        (token(claims(), header={"alg": "HS512", "typ": "JWT"}), "Failed signature validation"),
        ("no token", "Failed signature validation"),
        ("a.b.c", "Failed signature validation"),
        (token(claims(sub=...)), "Missing or invalid standard claims"),
        (token(claims(iss=...)), "Missing or invalid standard claims"),
        (token(claims(exp=...)), "Missing or invalid standard claims"),
        (token(claims(iat=...)), "Missing or invalid standard claims"),
        (token(claims(exp="soon")), "Missing or invalid standard claims"),
        (token(claims(), header={"alg": "HS256"}), "Unexpected token payload type"),
        (token(claims(), header={"alg": "HS256", "typ": "at+jwt"}), "Unexpected token payload type"),
        (token(claims(sub="auth0|other")), "The sub claim does not match the user_id."),
        (token(claims(exp=1)), "Token has expired."),
    ],
)
async def test_validate_token_throws_in_auth0_s_words(runner: NodeRunner, given: str, reason: str) -> None:
    assert await failure(runner, VALIDATE, **back(given)) == f"The session token is invalid: {reason}"


async def test_validate_token_names_the_parameter_that_is_missing(runner: NodeRunner) -> None:
    expected = "There is no parameter called 't' available in either the POST body or query string."
    assert await failure(runner, VALIDATE, **back(None)) == expected
    assert await failure(runner, VALIDATE, **back("")) == expected


async def test_validate_token_does_not_compare_the_issuer(runner: NodeRunner) -> None:
    assert await printed(runner, VALIDATE, **back(token(claims(iss="anybody"))))


@pytest.mark.parametrize(("life", "minimum", "valid"), [(30, 0, True), (30, 60, False), (90, 60, True)])
async def test_validate_token_may_want_a_minimum_life(
    runner: NodeRunner, life: int, minimum: int, valid: bool
) -> None:
    changes = back(token(claims(exp=int(time.time()) + life)), validateToken={"minimumLife": minimum})
    answer = await run(runner, VALIDATE, **changes)
    reason = "The session token is invalid: Missing or invalid standard claims"
    assert (answer["error"] or {}).get("message") == (None if valid else reason)


async def test_validate_token_cannot_be_fooled_by_changing_the_event(runner: NodeRunner) -> None:
    body = "event.request.query.state = 'other'; event.request.body.t = 'other';" + VALIDATE
    assert await printed(runner, body, **back(token(claims())))


async def test_validate_token_uses_the_sandbox_s_clock(runner: NodeRunner) -> None:
    message = await failure(runner, VALIDATE, **back(token(claims()), clockOffset=300_000))
    assert message == "The session token is invalid: Token has expired."


async def test_record_method_belongs_to_the_way_back(runner: NodeRunner) -> None:
    message = await failure(runner, "api.authentication.recordMethod('https://x.test')")
    assert message == "api.authentication.recordMethod() is only available in onContinuePostLogin."
    code = (
        executing("")
        .replace("Execute", "Continue")
        .replace("{  }", "{ api.authentication.recordMethod(event.u) }")
    )
    for url, ok in (("https://x.test/sms", True), ("ftp://x.test", False), ("x", False)):
        answer = await runner.execute(
            request(code, key="method", handler="onContinuePostLogin", event={**event(), "u": url})
        )
        assert (answer["error"] is None) == ok


async def test_transaction_metadata_shows_at_once(runner: NodeRunner) -> None:
    body = """
      api.transaction.setMetadata('a', 'b'); api.transaction.setMetadata('n', 1);
      console.log(JSON.stringify(event.transaction.metadata));
      api.transaction.setMetadata('a', null); console.log(event.transaction.metadata.a);
    """
    assert await printed(runner, body) == ['{"a":"b","n":1}', "undefined"]


@pytest.mark.parametrize(
    "call",
    [
        "setMetadata('k'.repeat(65), 'v')",
        "setMetadata(1, 'v')",
        "setMetadata('k', {})",
        "setMetadata('k', undefined)",
        "setMetadata('k', 'v'.repeat(9000))",
    ],
)
async def test_transaction_metadata_has_limits(runner: NodeRunner, call: str) -> None:
    assert "ransaction metadata" in await failure(runner, f"api.transaction.{call}")


async def test_transaction_metadata_has_a_limit_in_all(runner: NodeRunner) -> None:
    body = "for (const k of 'abc') api.transaction.setMetadata(k, 'v'.repeat(8000))"
    assert await failure(runner, body) == "Transaction metadata takes at most 16 KB in all."


@pytest.mark.parametrize("kind", ["session", "refreshToken"])
@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("('a', 1)", "Invalid metadata: Metadata value must be a string"),
        ("(1, 'a')", "Invalid metadata: Metadata key must be a string"),
        (
            "('a b', 'c')",
            "Invalid metadata: Metadata keys may only include letters, numbers, underscores, or hyphens",
        ),
        (
            "('a', 'x'.repeat(256))",
            "Invalid metadata: All metadata values must be at most 255 characters long",
        ),
        ("('a'.repeat(256), 'x')", "Invalid metadata: All metadata keys must be at most 255 characters long"),
    ],
)
async def test_session_and_refresh_token_metadata_have_limits(
    runner: NodeRunner, kind: str, call: str, reason: str
) -> None:
    name = "session" if kind == "session" else "refresh token"
    assert (
        await failure(runner, f"api.{kind}.setMetadata{call}") == f"Failed to set {name} metadata: {reason}"
    )


async def test_session_metadata_can_be_deleted_and_evicted(runner: NodeRunner) -> None:
    body = """
      for (let i = 0; i < 25; i++) api.session.setMetadata(`k${i}`, 'v');
      try { api.session.setMetadata('one-more', 'v') } catch (e) { console.log(e.message) }
      api.session.deleteMetadata('k0'); console.log('k0' in event.session.metadata);
      api.session.evictMetadata(); console.log(JSON.stringify(event.session.metadata));
    """
    full = "Failed to set session metadata: Invalid metadata: Metadata must not contain more than 25 entries"
    assert await printed(runner, body) == [full, "false", "{}"]


async def test_session_metadata_needs_a_session(runner: NodeRunner) -> None:
    given = event()
    del given["session"]
    message = await failure(runner, "api.session.setMetadata('a', 'b')", event=given)
    assert message == "Failed to set session metadata: Cannot set metadata on a session that does not exist."


async def test_cookie_mode_is_one_of_two(runner: NodeRunner) -> None:
    assert "Invalid cookie mode: always" in await failure(runner, "api.session.setCookieMode('always')")
    assert await printed(
        runner, "api.session.setCookieMode('non-persistent'); console.log(event.session.cookie.mode)"
    ) == ["non-persistent"]


async def test_user_metadata_must_be_an_object_to_be_set(runner: NodeRunner) -> None:
    given = event()
    given["user"]["app_metadata"] = "text"
    message = await failure(runner, "api.user.setAppMetadata('a', 1)", event=given)
    assert message == "Unexpected app_metadata format. Must be a valid JSON object"


async def test_setting_metadata_leaves_the_event_as_it_was(runner: NodeRunner) -> None:
    body = "api.user.setAppMetadata('a', 1); console.log(JSON.stringify(event.user.app_metadata))"
    assert await printed(runner, body) == ["{}"]


async def test_an_action_that_changes_its_event_changes_only_its_own(runner: NodeRunner) -> None:
    given = event()
    await run(runner, "event.user.app_metadata.leak = 1", event=given)
    assert await printed(runner, "console.log(event.user.app_metadata.leak)", event=given) == ["undefined"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    sent=st.text(max_size=200)
    | st.lists(st.text(alphabet="abcXYZ019-_=", max_size=40), max_size=5).map(".".join)
)
async def test_no_text_makes_validate_token_accept_it(runner: NodeRunner, sent: str) -> None:
    answer = await run(runner, VALIDATE, **back(sent))
    assert answer["error"]["kind"] == "thrown"
    assert answer["error"]["message"].startswith(
        ("The session token is invalid: ", "There is no parameter called")
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
async def test_claims_of_any_shape_do_no_harm(runner: NodeRunner, value: Any) -> None:
    answer = await run(runner, VALIDATE, **back(token(claims(exp=value, state=value))))
    assert answer["error"]["kind"] == "thrown"
    assert answer["error"]["message"].startswith("The session token is invalid: ")


SET = "const set = (...given) => { const r = api.cache.set(...given); return r.code ?? r.type };"


async def test_the_cache_keeps_values_between_executions(runner: NodeRunner) -> None:
    assert await printed(runner, SET + "console.log(set('warm', 'v'))") == ["success"]
    body = "const r = api.cache.get('warm'); console.log(r.value, r.expires_at - Date.now() > 890000)"
    assert await printed(runner, body) == ["v true"]
    assert await printed(runner, "console.log(api.cache.delete('warm').type)") == ["success"]
    assert await printed(runner, "console.log(api.cache.get('warm'), api.cache.delete('warm').code)") == [
        "undefined CacheKeyDoesNotExist"
    ]


async def test_cached_values_expire_with_the_sandbox_s_clock(runner: NodeRunner) -> None:
    await run(runner, "api.cache.set('short', 'v', {ttl: 60000})")
    assert await printed(runner, "console.log(api.cache.get('short')?.value)") == ["v"]
    assert await printed(runner, "console.log(api.cache.get('short'))", clockOffset=61_000) == ["undefined"]


@pytest.mark.parametrize(
    ("given", "result"),
    [
        ("'k'.repeat(64), 'v'", "success"),
        ("'k'.repeat(65), 'v'", "CacheKeySizeExceeded"),
        ("'k', 'v'.repeat(4097)", "CacheValueSizeExceeded"),
        ("'k', 'v', {ttl: -1}", "ItemAlreadyExpired"),
        ("'k', 'v', {expires_at: 5}", "ItemAlreadyExpired"),
        ("'k', 'v', {ttl: NaN}", "InvalidExpiry"),
        ("'k', 'v', {ttl: 1000, expires_at: Date.now() + 5000}", "success"),
    ],
)
async def test_the_cache_has_limits(runner: NodeRunner, given: str, result: str) -> None:
    assert await printed(runner, SET + f"console.log(set({given}))", **trigger("limits")) == [result]


async def test_the_cache_holds_no_more_than_eight_kilobytes(runner: NodeRunner) -> None:
    body = SET + "console.log(set('a', 'v'.repeat(4096)), set('b', 'v'.repeat(4096)), set('a', 'small'))"
    assert await printed(runner, body, **trigger("full")) == ["success CacheSizeExceeded success"]


async def test_a_cached_value_lives_a_day_at_most(runner: NodeRunner) -> None:
    body = "console.log(api.cache.set('k', 'v', {ttl: 9e9}).record.expires_at - Date.now() <= 86400000)"
    assert await printed(runner, body, **trigger("long")) == ["true"]


async def test_the_cache_belongs_to_its_trigger(runner: NodeRunner) -> None:
    await run(runner, "api.cache.set('mine', 'v')", **trigger("one"))
    assert await printed(runner, "console.log(api.cache.get('mine'))", **trigger("two")) == ["undefined"]


def trigger(name: str) -> dict[str, Any]:
    return {"trigger": name}
