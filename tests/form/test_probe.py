"""The signed probe: a host proves its keys to whoever holds them, and tells everybody else nothing."""

import itertools
import json
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes, hmac
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from form.health import REFUSED

from . import made
from .conftest import MakeSite, Site
from .redis_server import running_redis
from .visitor import Answer

pytestmark = pytest.mark.anyio

INFO, TYP = "auth0-phone/probe/v1", "phone-probe+jwe"
NONCE = "bm9uY2Utb2YtdGhlLXRlc3Rz"
PUBLIC = "93.184.216.34"
ADDRESSES = itertools.count(1)
FORM = {"content-type": "application/x-www-form-urlencoded"}


def claims(**changes: Any) -> dict[str, Any]:
    now = int(time.time())
    base = {"aud": "auth0-phone/form", "iat": now, "exp": now + 60, "nonce": NONCE}
    return {name: value for name, value in {**base, **changes}.items() if value is not None}


def probe(key: str = made.REQUEST_KEY, info: str = INFO, typ: str = TYP, **changes: Any) -> str:
    return made.seal(claims(**changes), key, info, typ)


async def asked(site: Site, token: str, address: str = PUBLIC) -> Answer:
    return await site.visitor(address).send("POST", "/healthz", FORM, urlencode({"probe": token}).encode())


def opened(answer: Answer, key: str = made.RESULT_KEY) -> dict[str, Any]:
    """The proof's claims after a check of its signature and header."""
    assert answer.status == 200, answer.text
    head, body, signature = json.loads(answer.body)["proof"].split(".")
    assert json.loads(made.decode(head)) == {"alg": "HS256", "typ": "phone-proof+jwt"}
    mac = hmac.HMAC(made.derive(key, "auth0-phone/proof/v1"), hashes.SHA256())
    mac.update(f"{head}.{body}".encode())
    mac.verify(made.decode(signature))
    found: dict[str, Any] = json.loads(made.decode(body))
    return found


def refused(answer: Answer) -> None:
    assert answer.status == 403
    assert json.loads(answer.body) == {"status": "refused", "reason": REFUSED}


async def test_who_holds_the_keys_gets_the_nonce_back_signed(site: Site) -> None:
    proof = opened(await asked(site, probe()))
    now = int(time.time())
    assert proof.pop("iat") in range(now - 5, now + 1)
    assert proof.pop("exp") in range(now + 115, now + 121)
    assert proof == {
        "aud": "auth0-phone/operator",
        "nonce": NONCE,
        "key": "current",
        "contract": made.stage()["contract"],
        "stage": site.settings.stage_digest,
        "build": None,
    }
    assert [entry["event"] for entry in site.events] == ["probe_answered"]


async def test_the_previous_key_serves_and_is_named(make_site: MakeSite) -> None:
    site = make_site({"PHONE_REQUEST_KEY_PREVIOUS": made.OLD_REQUEST_KEY})
    assert opened(await asked(site, probe(made.OLD_REQUEST_KEY)))["key"] == "previous"
    assert opened(await asked(site, probe()))["key"] == "current"


@pytest.mark.parametrize(
    ("token", "reason"),
    [
        (lambda: probe(made.OLD_REQUEST_KEY), "seal"),
        (lambda: probe(made.RESULT_KEY), "seal"),
        (lambda: made.request_token(), "seal"),
        (lambda: probe(info="auth0-phone/request/v1"), "seal"),
        (lambda: probe(typ="phone-request+jwe"), "seal"),
        (lambda: "", "seal"),
        (lambda: "x" * 8000, "seal"),
        (lambda: probe(aud="auth0-phone/action"), "audience"),
        (lambda: probe(nonce=None), "claims"),
        (lambda: probe(nonce="short"), "claims"),
        (lambda: probe(nonce="a" * 65), "claims"),
        (lambda: probe(iat=time.time()), "claims"),
        (lambda: probe(exp=int(time.time()) + 121), "lifetime"),
        (lambda: probe(exp=int(time.time()) - 1), "lifetime"),
        (lambda: probe(iat=int(time.time()) - 200, exp=int(time.time()) - 100), "clock"),
        (lambda: probe(iat=int(time.time()) + 100, exp=int(time.time()) + 160), "clock"),
    ],
)
async def test_whatever_is_wrong_is_refused_in_one_sentence(site: Site, token: Any, reason: str) -> None:
    refused(await asked(site, token()))
    (entry,) = site.logged("probe_refused")
    assert entry["reason"] == reason


async def test_a_probe_opens_no_session_and_a_request_no_proof(site: Site) -> None:
    """A key for each purpose: what is made for one of the two tokens is worth nothing as the other."""
    answer = await site.visitor().send("GET", f"/verify?phone_request={probe(sub=made.SUB)}&state=s")
    assert answer.status == 400
    assert answer.all("set-cookie") == []


async def test_a_proof_is_no_result(site: Site) -> None:
    """The Action checks results under the result key itself; a proof's signature is under another."""
    token = json.loads((await asked(site, probe())).body)["proof"]
    with pytest.raises(Exception, match=r"^Signature did not match"):
        made.open_result(token)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.floats(0, 0.9999))
async def test_no_changed_character_goes_unseen(site: Site, at: float) -> None:
    token = made.changed(probe(), at, ["A", "w", ".", "~"])
    refused(await asked(site, token, f"93.184.216.{next(ADDRESSES)}"))


async def test_ten_refusals_a_minute_for_one_address(site: Site) -> None:
    for _ in range(10):
        refused(await asked(site, "guess"))
    answer = await asked(site, "guess")
    assert answer.status == 429
    assert 0 < int(answer.header("retry-after")) <= 60
    assert json.loads(answer.body)["reason"] == "too many probes"
    refused(await asked(site, "guess", "198.41.0.4"))
    assert len(site.logged("probe_refused")) == 11


async def test_who_holds_the_keys_is_answered_beside_strangers(site: Site) -> None:
    """An operator behind one proxy with everybody else; and probes that are answered use up nothing."""
    for _ in range(11):
        await asked(site, "guess")
    for _ in range(11):
        opened(await asked(site, probe()))
    assert (await asked(site, "guess")).status == 429


async def test_those_without_a_public_address_are_one_client(site: Site) -> None:
    for place in range(10):
        refused(await asked(site, "guess", f"10.0.0.{place}"))
    assert (await asked(site, "guess", "127.0.0.1")).status == 429


async def test_without_counters_there_is_no_proof(make_site: MakeSite) -> None:
    from serving.store import open_store

    with running_redis() as redis:
        async with open_store(redis.url) as store:
            site = make_site(store=store)
            opened(await asked(site, probe()))
            redis.kill()
            answers = [await asked(site, token) for token in (probe(), "guess")]
    for answer in answers:
        assert answer.status == 503
        assert "counters are down" in json.loads(answer.body)["reason"]


async def test_a_body_that_is_no_form_is_refused(site: Site) -> None:
    json_body = {"content-type": "application/json"}
    assert (await site.visitor().send("POST", "/healthz", json_body, b"{}")).status == 415
    assert (await site.visitor().send("POST", "/healthz", FORM, b"probe=a&probe=b")).status == 400
    assert (await site.visitor().send("POST", "/healthz", FORM, b"x" * 8193)).status == 413


async def test_nothing_of_a_probe_is_logged_or_shown(site: Site) -> None:
    token = probe()
    answer = await asked(site, token)
    await asked(site, probe(made.OLD_REQUEST_KEY))
    for secret in (token, NONCE, made.RESULT_KEY, made.REQUEST_KEY, made.OLD_REQUEST_KEY):
        assert secret not in site.log.getvalue()
        assert secret not in answer.text
