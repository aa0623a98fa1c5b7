"""Clock, ids, keys, errors and calls: the small parts everything stands on."""

import json
import re

import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey
from starlette.requests import Request

from sandbox import errors
from sandbox.calls import Calls
from sandbox.clock import Clock
from sandbox.context import Addresses, Sandbox
from sandbox.ids import Ids
from sandbox.keys import Keys, TokenError
from sandbox.testing import memory_sandbox

AUDIENCE = "https://localhost:8443/api/v2/"


# -- clock --------------------------------------------------------------------------------------------


def test_the_clock_advances_and_never_goes_back() -> None:
    clock = Clock()
    before = clock.now()
    clock.advance(3600)
    assert 3600 <= clock.now() - before < 3660
    with pytest.raises(ValueError, match="forwards"):
        clock.advance(-1)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (0, "1970-01-01T00:00:00.000Z"),
        (1767225600, "2026-01-01T00:00:00.000Z"),
        (1767225600.25, "2026-01-01T00:00:00.250Z"),
    ],
)
def test_times_are_written_as_auth0_writes_them(at: float, text: str) -> None:
    assert Clock().iso(at) == text


# -- ids ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("uuid", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("client_id", r"[A-Za-z0-9]{32}"),
        ("client_secret", r"[A-Za-z0-9_-]{64}"),
        ("connection", r"con_[A-Za-z0-9]{16}"),
        ("client_grant", r"cgr_[A-Za-z0-9]{16}"),
        ("credential", r"cred_[A-Za-z0-9]{22}"),
        ("resource_server", r"[0-9a-f]{24}"),
        ("user", r"auth0\|[0-9a-f]{24}"),
        ("token", r"[A-Za-z0-9_-]{43}"),
    ],
)
def test_ids_have_the_real_formats_and_differ(name: str, pattern: str) -> None:
    make = getattr(Ids(), name)
    made = {make() for _ in range(20)}
    assert len(made) == 20
    assert all(re.fullmatch(pattern, value) for value in made)


def test_twilio_ids_carry_their_prefix() -> None:
    assert re.fullmatch(r"VA[0-9a-f]{32}", Ids().twilio("VA"))


def test_seeded_ids_repeat_and_others_do_not() -> None:
    assert Ids(7).uuid() == Ids(7).uuid()
    assert Ids().uuid() != Ids().uuid()


# -- keys ---------------------------------------------------------------------------------------------


def claims(sandbox: Sandbox, **changes: object) -> dict[str, object]:
    now = int(sandbox.clock.now())
    return {
        "iss": sandbox.addresses.issuer,
        "aud": AUDIENCE,
        "sub": "x@clients",
        "exp": now + 60,
        **changes,
    }


def test_a_token_is_verified_with_the_published_keys(sandbox: Sandbox) -> None:
    token = sandbox.keys.sign(claims(sandbox), typ="at+jwt")
    published = KeySet([RSAKey.import_key(key) for key in sandbox.keys.jwks()["keys"]])
    decoded = jwt.decode(token, published, algorithms=["RS256"])
    assert decoded.header["typ"] == "at+jwt"
    assert decoded.header["kid"] == sandbox.keys.jwks()["keys"][0]["kid"]
    assert decoded.claims == sandbox.keys.verify(token, AUDIENCE)


def test_the_published_keys_hold_nothing_private(sandbox: Sandbox) -> None:
    (key,) = sandbox.keys.jwks()["keys"]
    assert not {"d", "p", "q", "dp", "dq", "qi"} & set(key)
    assert (key["kty"], key["use"], key["alg"]) == ("RSA", "sig", "RS256")


def test_one_of_several_audiences_is_enough(sandbox: Sandbox) -> None:
    token = sandbox.keys.sign(claims(sandbox, aud=["https://other/", AUDIENCE]))
    assert sandbox.keys.verify(token, AUDIENCE)["sub"] == "x@clients"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"aud": "https://other/"}, "audience"),
        ({"aud": None}, "audience"),
        ({"iss": "https://other/"}, "issuer"),
        ({"exp": 1}, "expired"),
        ({"exp": None}, "expired"),
        ({"exp": "tomorrow"}, "expired"),
    ],
)
def test_a_token_with_a_wrong_claim_is_refused(
    sandbox: Sandbox, change: dict[str, object], reason: str
) -> None:
    with pytest.raises(TokenError, match=reason):
        sandbox.keys.verify(sandbox.keys.sign(claims(sandbox, **change)), AUDIENCE)


def test_a_token_expires_by_the_sandbox_s_clock(sandbox: Sandbox) -> None:
    token = sandbox.keys.sign(claims(sandbox))
    sandbox.clock.advance(50)
    sandbox.keys.verify(token, AUDIENCE)
    sandbox.clock.advance(10)
    with pytest.raises(TokenError, match="expired"):
        sandbox.keys.verify(token, AUDIENCE)


def test_another_key_s_signature_is_refused(sandbox: Sandbox) -> None:
    other = RSAKey.generate_key(2048)
    forged = jwt.encode({"alg": "RS256"}, claims(sandbox), other)
    with pytest.raises(TokenError, match="signature"):
        sandbox.keys.verify(forged, AUDIENCE)


def test_the_public_key_used_as_a_shared_secret_is_refused(sandbox: Sandbox) -> None:
    (public,) = sandbox.keys.jwks()["keys"]
    pem = RSAKey.import_key(public).as_pem(private=False)
    assert pem.startswith(b"-----BEGIN PUBLIC KEY")
    secret = OctKey.import_key(json.dumps(public))
    forged = jwt.encode({"alg": "HS256", "kid": public["kid"]}, claims(sandbox), secret)
    with pytest.raises(TokenError):
        sandbox.keys.verify(forged, AUDIENCE)


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "....", "ey.ey.ey"])
def test_what_is_no_token_is_refused(sandbox: Sandbox, token: str) -> None:
    with pytest.raises(TokenError):
        sandbox.keys.verify(token, AUDIENCE)


def test_a_restart_keeps_the_key(sandbox: Sandbox) -> None:
    token = sandbox.keys.sign(claims(sandbox))
    again = Keys(sandbox.store, sandbox.clock, sandbox.addresses.issuer)
    assert again.verify(token, AUDIENCE)


def test_two_sandboxes_do_not_share_a_key(sandbox: Sandbox) -> None:
    other = memory_sandbox()
    with pytest.raises(TokenError):
        other.keys.verify(sandbox.keys.sign(claims(sandbox)), AUDIENCE)


# -- addresses, errors, calls ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("domain", "name"),
    [("localhost:8443", "localhost"), ("acme.eu.auth0.com", "acme"), ("localhost", "localhost")],
)
def test_the_tenant_s_name_is_the_first_label(domain: str, name: str) -> None:
    addresses = Addresses(domain, "", "", "", "")
    assert addresses.tenant_name == name
    assert addresses.issuer == f"https://{domain}/"
    assert addresses.management_audience == f"https://{domain}/api/v2/"


def test_an_error_s_body_is_auth0_s_envelope() -> None:
    error = errors.Auth0Error(404, "Not Found", "No such thing.", "inexistent_thing", {"x-a": "b"})
    response = error.response()
    assert json.loads(bytes(response.body)) == {
        "statusCode": 404,
        "error": "Not Found",
        "message": "No such thing.",
        "errorCode": "inexistent_thing",
    }
    assert (response.status_code, response.headers["x-a"]) == (404, "b")


def test_an_error_without_a_code_has_no_such_member() -> None:
    assert "errorCode" not in errors.refusal(400, "No.").body()
    assert errors.conflict("No.").body()["error"] == "Conflict"


@pytest.mark.anyio
async def test_the_handler_answers_ours_and_raises_others() -> None:
    request = Request({"type": "http", "method": "GET", "path": "/", "headers": []})
    assert (await errors.handle(request, errors.not_found("No."))).status_code == 404
    with pytest.raises(LookupError):
        await errors.handle(request, LookupError())


def test_calls_keep_the_newest_500_in_order() -> None:
    calls = Calls()
    for number in range(520):
        calls.record("auth0", "GET", f"/{number}", 200, 0.0015, "now")
    kept = calls.since()
    assert len(kept) == 500
    assert (kept[0]["path"], kept[-1]["path"]) == ("/20", "/519")
    assert kept[-1]["milliseconds"] == 1.5
    assert [call["path"] for call in calls.since(518)] == ["/518", "/519"]
