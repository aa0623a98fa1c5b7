"""Who may ask: one good token under the stage's key, or 401 before a byte of the body is read."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.bearer import SKEW_SECONDS, TOKEN_BYTES, Judge, UnauthorizedError

from . import made
from .conftest import MakeSite
from .site import Site

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000
OTHER_SECRET = "o" * 43


def judge(*keys: str, now: float = NOW) -> Judge:
    secrets = [key.encode() for key in keys or (made.SECRET,)]
    return Judge(secrets, "HS256", made.AUDIENCE, made.SUBJECT, lambda: now)


def headers(*values: str) -> list[tuple[bytes, bytes]]:
    return [(b"host", b"x"), *((b"authorization", value.encode("latin-1")) for value in values)]


def reason(token: str, *keys: str, now: float = NOW) -> str | None:
    """Why a token is refused; None when it is good."""
    try:
        judge(*keys, now=now).bearer(headers(f"Bearer {token}"))
    except UnauthorizedError as error:
        return error.reason
    return None


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (["Bearer {good}"], 200),
        (["bearer {good}"], 200),
        (["BEARER {good}"], 200),
        (["Bearer  {good}"], 200),
        ([], 401),
        ([""], 401),
        (["{good}"], 401),
        (["Bearer"], 401),
        (["Bearer "], 401),
        (["Basic {good}"], 401),
        (["Bearer{good}"], 401),
        (["Bearer {good} {good}"], 401),
        (["Bearer {good}, Bearer {good}"], 401),
        (["Bearer {good}", "Bearer {good}"], 401),
        (["Bearer {good}", "Basic x"], 401),
        (["Token {good}"], 401),
    ],
)
async def test_t36_exactly_one_bearer_header(site: Site, given: list[str], status: int) -> None:
    pairs = [("Authorization", value.format(good=made.token())) for value in given]
    reply = await site.call("POST", "/sms", pairs, json.dumps(made.order()).encode())
    assert reply.status == status
    assert len(site.sent) == (status == 200)
    if status == 401:
        assert reply.error == "unauthorized"
        assert reply.headers["www-authenticate"] == "Bearer"


async def test_t36_a_token_in_the_query_or_the_body_is_none(site: Site) -> None:
    document = {**made.order(), "access_token": made.token()}
    reply = await site.call("POST", "/sms", {"x-token": made.token()}, json.dumps(document).encode())
    assert reply.status == 401


async def test_t36_without_a_token_the_body_is_never_read(site: Site) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0)
            yield b"x" * 65536

    reply = await site.call("POST", "/sms", {"authorization": "Bearer x.y.z"}, endless())
    assert reply.status == 401
    assert reply.headers["connection"] == "close"
    assert site.read_bytes == 0


@pytest.mark.parametrize(
    "algorithm",
    [
        *("none", "None", "nOnE", "NONE", "", "HS384", "HS512", "hs256", "RS256", "ES256", "EdDSA", "HS256 "),
        *(None, 1, ["HS256"], {"alg": "HS256"}),
    ],
)
def test_t03_no_other_algorithm_whatever_the_header_says(algorithm: Any) -> None:
    assert reason(made.token(header={"alg": algorithm, "typ": "JWT"})) == "signature"
    unsigned = made.token(header={"alg": algorithm}).rpartition(".")[0] + "."
    assert reason(unsigned) == "signature"


@pytest.mark.parametrize("hash_name", ["sha1", "sha384", "sha512"])
def test_t03_a_signature_of_another_hash_is_none(hash_name: str) -> None:
    assert reason(made.token(hash_name=hash_name)) == "signature"


@pytest.mark.parametrize("typ", ["JWT", "jwt", "at+jwt", "", "phone-request+jwe"])
def test_the_kind_in_the_header_is_ignored(typ: Any) -> None:
    assert reason(made.token(header={"alg": "HS256", "typ": typ})) is None
    assert reason(made.token(header={"alg": "HS256"})) is None


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u", "x5c", "kid"])
def test_t03_keys_that_the_header_brings_along_count_for_nothing(name: str) -> None:
    own = {"kty": "oct", "k": base64.urlsafe_b64encode(OTHER_SECRET.encode()).decode()}
    forged = made.token(OTHER_SECRET, header={"alg": "HS256", name: own if name == "jwk" else "x"})
    assert reason(forged) == "signature"


def test_t03_a_critical_extension_that_nobody_knows_is_refused() -> None:
    assert reason(made.token(header={"alg": "HS256", "crit": ["b64"], "b64": False})) == "signature"
    assert reason(made.token(header={"alg": "HS256", "crit": ["x"], "x": 1})) == "signature"


@given(st.data())
def test_t03_a_changed_byte_breaks_it(data: st.DataObject) -> None:
    token = made.token(iat=NOW, exp=NOW + 60)
    at = data.draw(st.integers(0, len(token) - 1))
    other = data.draw(st.characters(min_codepoint=33, max_codepoint=126).filter(lambda c: c != token[at]))
    changed = token[:at] + other + token[at + 1 :]
    # The last letter of a base64url part has bits that nobody reads.
    assert reason(changed) is not None or _decoded(changed) == _decoded(token)


def _decoded(token: str) -> list[bytes]:
    return [base64.urlsafe_b64decode(part + "==") for part in token.split(".")]


@given(st.binary(max_size=200))
def test_t03_any_bytes_are_refused_and_nothing_else_happens(noise: bytes) -> None:
    with pytest.raises(UnauthorizedError):
        judge().bearer([(b"authorization", b"Bearer " + noise)])


@pytest.mark.parametrize("payload", [b"[]", b"1", b"null", b'"x"', b"{", b"\xff", b"[" * 2500])
def test_t03_what_is_signed_must_be_claims(payload: bytes) -> None:
    assert reason(_signed(payload)) in ("signature", "claims")


def _signed(payload: bytes) -> str:
    signed = f"{made.encode({'alg': 'HS256'})}.{made.encode(payload)}"
    return f"{signed}.{made.encode(hmac.new(made.SECRET.encode(), signed.encode(), hashlib.sha256).digest())}"


def test_t04_the_current_key_and_then_the_previous_one() -> None:
    assert reason(made.token(), made.SECRET, made.OLD_SECRET) is None
    assert reason(made.token(made.OLD_SECRET), made.SECRET, made.OLD_SECRET) is None
    assert reason(made.token(made.OLD_SECRET), made.SECRET) == "signature"
    assert reason(made.token(""), made.SECRET) == "signature"


async def test_t04_rotation_has_an_overlap(make_site: MakeSite) -> None:
    site = make_site(env={"SMS_GATEWAY_SECRET_PREVIOUS": made.OLD_SECRET})
    assert (await site.sms(made.token(made.OLD_SECRET))).status == 200
    assert (await site.sms(made.token(), recipient=made.OTHER_MOBILE)).status == 200
    assert (await site.sms(made.token(OTHER_SECRET))).status == 401


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({"aud": "https://other.example/sms"}, "audience"),
        ({"aud": None}, "audience"),
        ({"aud": [made.AUDIENCE, "x"]}, None),
        ({"aud": ["x"]}, "audience"),
        ({"aud": {}}, "audience"),
        ({"aud": made.AUDIENCE + "/"}, "audience"),
        ({"sub": "someone"}, "subject"),
        ({"sub": None}, "subject"),
        ({"sub": [made.SUBJECT]}, "subject"),
        ({"jti": "abc"}, None),
        ({"jti": ""}, "jti"),
        ({"jti": 7}, "jti"),
        ({"jti": "x" * 201}, "jti"),
        ({"iss": "https://anybody.example/"}, None),
        ({"scope": "everything"}, None),
    ],
)
def test_t06_t37_audience_and_subject_are_the_stages(changes: dict[str, Any], refused: str | None) -> None:
    assert reason(made.token(**changes)) == refused


@pytest.mark.parametrize(
    ("changes", "refused"),
    [
        ({}, None),
        ({"exp": NOW + 1}, None),
        ({"exp": NOW - SKEW_SECONDS + 1}, None),
        ({"exp": NOW - SKEW_SECONDS}, "expired"),
        ({"exp": 0}, "expired"),
        ({"exp": NOW + 0.5}, None),
        ({"nbf": NOW + SKEW_SECONDS}, None),
        ({"nbf": NOW + SKEW_SECONDS + 1}, "nbf"),
        ({"iat": NOW + SKEW_SECONDS}, None),
        ({"iat": NOW + SKEW_SECONDS + 1}, "iat"),
        ({"iat": 0}, None),
        ({"exp": str(NOW + 60)}, "exp"),
        ({"exp": True}, "exp"),
        ({"exp": -1}, "exp"),
        ({"exp": 10**30}, "exp"),
        ({"exp": float("nan")}, "exp"),
        ({"exp": float("inf")}, "exp"),
        ({"exp": [NOW]}, "exp"),
        ({"exp": {}}, "exp"),
        ({"nbf": "soon"}, "nbf"),
        ({"iat": False}, "iat"),
    ],
)
def test_t05_times_count_when_they_are_there(changes: dict[str, Any], refused: str | None) -> None:
    assert reason(made.token(**changes)) == refused


def test_t05_a_date_of_null_is_no_date() -> None:
    null = json.dumps({**made.claims(), "exp": None}).encode()
    assert reason(_signed(null)) == "exp"


def test_a_tokens_length_has_a_limit() -> None:
    fits = made.token(pad="x" * 2000)
    assert len(fits) < TOKEN_BYTES
    assert reason(fits) is None
    assert reason(made.token(pad="x" * TOKEN_BYTES)) == "too long"


def test_the_rest_of_a_tokens_life_is_known() -> None:
    bearer = judge().bearer(headers(f"Bearer {made.token(jti='j', exp=NOW + 30)}"))
    assert (bearer.jti, bearer.seconds) == ("j", 30 + SKEW_SECONDS)
    assert judge().bearer(headers(f"Bearer {made.token()}")).seconds is None


async def test_401_is_for_tokens_alone(site: Site) -> None:
    """Auth0 takes a 401 for a wrong token: whatever else is wrong must not look like one."""
    for body in (b"", b"{", b"[]", b"null", json.dumps({"recipient": "x", "body": "y"}).encode()):
        assert (await site.post(body)).status in (400, 422)


async def test_why_a_token_was_refused_is_told_to_the_log_alone(site: Site) -> None:
    reply = await site.sms(made.token(exp=int(time.time()) - 600))
    assert reply.document.keys() == {"error", "id"}
    (entry,) = site.logged("sms")
    assert (entry["answer"], entry["reason"], entry["request"]) == (
        "unauthorized",
        "expired",
        reply.document["id"],
    )


def test_a_token_that_was_good_is_judged_by_the_clock_every_time() -> None:
    clock = [float(NOW)]
    one = Judge([made.SECRET.encode()], "HS256", made.AUDIENCE, made.SUBJECT, lambda: clock[0])
    given_headers = headers(f"Bearer {made.token(exp=NOW + 10)}")
    one.bearer(given_headers)
    clock[0] += 10 + SKEW_SECONDS
    with pytest.raises(UnauthorizedError, match="expired"):
        one.bearer(given_headers)


def test_a_header_that_was_good_makes_no_other_token_good() -> None:
    one = judge()
    one.bearer(headers(f"Bearer {made.token()}"))
    head, payload, signature = made.token(n=1).split(".")
    other = made.token(n=2).split(".")
    forged = [
        made.token(OTHER_SECRET),
        f"{head}.{other[1]}.{signature}",
        f"{head}.{payload}.",
        f"{head}.{payload}.{signature}x",
        f"{head}.{payload}.{signature}=",
        f"{head}.{payload}.{payload}.{signature}",
        f"{head}..{signature}",
        head,
    ]
    for token in forged:
        with pytest.raises(UnauthorizedError, match="signature"):
            one.bearer(headers(f"Bearer {token}"))
    assert one.bearer(headers(f"Bearer {head}.{payload}.{signature}")).jti is None


def test_a_rotation_takes_both_keys_tokens_in_any_order() -> None:
    both = judge(made.SECRET, OTHER_SECRET)
    for secret in (made.SECRET, OTHER_SECRET, OTHER_SECRET, made.SECRET):
        both.bearer(headers(f"Bearer {made.token(secret)}"))


def test_the_memory_of_good_headers_is_bounded_and_holds_no_bad_ones() -> None:
    one = judge()
    for number in range(100):
        header = {"alg": "HS256", "typ": str(number)}
        with pytest.raises(UnauthorizedError):
            one.bearer(headers(f"Bearer {made.token(OTHER_SECRET, header=header)}"))
        assert len(one._heads) == min(number, 16)
        one.bearer(headers(f"Bearer {made.token(header=header)}"))
