"""The `api` object's tokens: encodeToken and validateToken."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sandbox.actions import NodeRunner

from .actions_driver import SECRET, USER_ID, claims, event, failure, printed, run, token

pytestmark = pytest.mark.anyio


VALIDATE = (
    f"const found = api.redirect.validateToken({{secret: '{SECRET}', tokenParameterName: 't'}});"
    "console.log(JSON.stringify(found));"
)


def back(given: str | None, state: str = "st4te", **more: Any) -> dict[str, Any]:
    """The event of a /continue that brought this token in its body."""
    body = {} if given is None else {"t": given}
    return {"event": event(method="POST", query={"state": state}, body=body), **more}


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
