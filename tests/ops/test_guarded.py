"""Pulumi on a real stage: let go at the right tenant alone, and not for ever."""

import json
import os
import time
from base64 import urlsafe_b64encode
from email.utils import formatdate
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import import_key
from rich.console import Console
from typer.testing import CliRunner

from ops import credentials, guarded
from ops.__main__ import app
from ops.credentials import Answer, Credentials
from ops.errors import OpsError
from ops.guarded import on
from ops.real import RealStage

ROOT = Path(__file__).resolve().parents[2]
DOMAIN = "acme-dev.eu.auth0.com"
SECRET = {"AUTH0_CLIENT_ID": "x7Yc2Fq", "AUTH0_CLIENT_SECRET": "a-secret-value"}
Sent = list[tuple[str, Any, str]]


@pytest.fixture
def tenant(monkeypatch: pytest.MonkeyPatch) -> tuple[Sent, dict[str, Answer]]:
    """What it is sent, and what it answers by path; a token and an empty list unless told otherwise."""
    sent: Sent = []
    answers = {"/oauth/token": Answer(200, {"access_token": "a.b.c"}, 0.0)}

    def request(domain: str, path: str, form: Any = None, bearer: str = "") -> Answer:
        assert domain == DOMAIN
        sent.append((path, form, bearer))
        return answers.get(path.partition("?")[0], Answer(200, {}, 0.0))

    monkeypatch.setattr(credentials, "_request", request)
    return sent, answers


def test_a_secret_is_traded_for_a_token_for_this_tenant(tenant: tuple[Sent, Any]) -> None:
    assert Credentials.of(SECRET).try_on("dev", DOMAIN).status == 200
    (_, form, _), (path, _, bearer) = tenant[0]
    assert form == {
        "grant_type": "client_credentials",
        "audience": f"https://{DOMAIN}/api/v2/",
        "client_id": "x7Yc2Fq",
        "client_secret": "a-secret-value",
    }
    assert path.startswith("/api/v2/actions/triggers/post-login/bindings")
    assert bearer == "a.b.c"


def test_a_private_key_signs_an_assertion_for_this_tenant(tenant: tuple[Sent, Any]) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
    environment = {"AUTH0_CLIENT_ID": "x7Yc2Fq", "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY": pem}
    Credentials.of(environment).try_on("dev", DOMAIN)
    form = tenant[0][0][1]
    assert "client_secret" not in form
    claims = jwt.decode(form["client_assertion"], import_key(pem, "RSA"), ["RS256"]).claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("x7Yc2Fq", "x7Yc2Fq", f"https://{DOMAIN}/")
    assert claims["exp"] - claims["iat"] == 60


def test_a_token_is_used_as_it_is(tenant: tuple[Sent, Any]) -> None:
    Credentials.of({"AUTH0_API_TOKEN": "t.o.k"}).try_on("dev", DOMAIN)
    assert [bearer for _, _, bearer in tenant[0]] == ["t.o.k"]


@pytest.mark.parametrize(
    ("environment", "path", "answer", "told"),
    [
        (
            SECRET,
            "/oauth/token",
            Answer(401, {"error": "access_denied", "error_description": "Unauthorized"}, 0.0),
            ("does not let in the application x7Yc2Fq", "401 Unauthorized"),
        ),
        (
            {"AUTH0_API_TOKEN": "t.o.k"},
            "/api/v2/actions/triggers/post-login/bindings",
            Answer(401, {"message": "Bad audience: https://acme.eu.auth0.com/api/v2/"}, 0.0),
            (
                "does not let in the token in AUTH0_API_TOKEN",
                "Bad audience: https://acme.eu.auth0.com/api/v2/",
            ),
        ),
        (
            SECRET,
            "/api/v2/actions/triggers/post-login/bindings",
            Answer(403, {"message": "Insufficient scope, expected any of: read:actions"}, 0.0),
            ("does not let in the application x7Yc2Fq", "expected any of: read:actions"),
        ),
    ],
)
def test_a_refusal_has_both_names_and_no_secret(
    tenant: tuple[Sent, dict[str, Answer]],
    environment: dict[str, str],
    path: str,
    answer: Answer,
    told: tuple[str, str],
) -> None:
    tenant[1][path] = answer
    with pytest.raises(OpsError) as raised:
        Credentials.of(environment).try_on("dev", DOMAIN)
    said = f"{raised.value.what} {raised.value.why} {raised.value.mend}"
    assert f"The tenant {DOMAIN} {told[0]}" in said
    assert told[1] in said
    assert "Nothing was changed" in said
    assert "a-secret-value" not in said
    assert "t.o.k" not in said


@pytest.mark.parametrize(
    ("claims", "told"),
    [
        ({"aud": "https://acme.eu.auth0.com/api/v2/"}, ", which is for https://acme.eu.auth0.com/api/v2/"),
        ({"aud": ["a", "b"]}, ", which is for a and b"),
        ({}, ""),
        ([], ""),
    ],
)
def test_a_token_is_known_by_whom_it_is_for(claims: object, told: str) -> None:
    token = f"e.{urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip('=')}.s"
    assert Credentials.of({"AUTH0_API_TOKEN": token}).name == f"the token in AUTH0_API_TOKEN{told}"


@pytest.mark.parametrize("environment", [{}, {"AUTH0_CLIENT_ID": "x"}, {"AUTH0_CLIENT_SECRET": "x"}])
def test_missing_credentials_are_named(tenant: tuple[Sent, Any], environment: dict[str, str]) -> None:
    with pytest.raises(OpsError, match=f"There are no credentials for the tenant {DOMAIN}"):
        Credentials.of(environment).try_on("dev", DOMAIN)
    assert tenant[0] == []


def test_a_key_that_is_none_is_named_and_not_shown(tenant: tuple[Sent, Any]) -> None:
    broken = {"AUTH0_CLIENT_ID": "x", "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY": "-----BEGIN made up"}
    with pytest.raises(OpsError, match="AUTH0_CLIENT_ASSERTION_PRIVATE_KEY cannot be used") as raised:
        Credentials.of(broken).try_on("dev", DOMAIN)
    assert "made up" not in str(raised.value) + raised.value.mend


def test_a_tenant_that_nobody_answers_for_is_named() -> None:
    with pytest.raises(OpsError, match=r"The tenant localhost:9 does not answer"):
        Credentials.of(SECRET).try_on("dev", "localhost:9")


@pytest.mark.parametrize(("ahead", "skew"), [(0, 0), (300, 300), (-300, -300)])
def test_the_clocks_difference_is_known(ahead: int, skew: int) -> None:
    date = formatdate(time.time() - ahead, usegmt=True)
    assert abs(credentials._answer(200, date, b"{}").skew - skew) < 3
    assert credentials._answer(502, None, b"<html>").skew == 0


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with the stage dev; a team has no example of that name."""
    for file in (ROOT / "Pulumi.yaml", ROOT / "tests/journey/stages/Pulumi.dev.yaml"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    return tmp_path


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch, project: Path) -> RealStage:
    """A stage whose Pulumi says nothing and ends well."""
    it = RealStage("dev", project, Path("/bin/true"), SECRET)
    monkeypatch.setattr(RealStage, "at", lambda *_: it)
    return it


@pytest.mark.parametrize(("skew", "told"), [(300.0, "clock is 300 s ahead of"), (4.0, ""), (-300.0, "")])
def test_f12_a_clock_that_is_ahead_is_told(
    stage: RealStage, monkeypatch: pytest.MonkeyPatch, skew: float, told: str
) -> None:
    monkeypatch.setattr(Credentials, "try_on", lambda *_: Answer(200, {}, skew))
    screen = Console(file=StringIO(), soft_wrap=True)
    on("dev", ["up"], 1, screen)
    said = screen.file.getvalue()  # type: ignore[attr-defined]  # it is the StringIO
    assert (told in said) if told else said == ""


@pytest.mark.parametrize(
    ("script", "minutes", "status", "what", "why"),
    [
        ("exit 1", 1, 200, "`pulumi up` failed", "It ended with code 1"),
        (
            "exec tail -f /dev/null",
            0.01,
            200,
            "`pulumi up` was stopped",
            "It had not ended after 0.01 minutes",
        ),
        (
            "exec tail -f /dev/null",
            0.01,
            429,
            "`pulumi up` was stopped",
            "answers 429: its rate limit has been reached",
        ),
    ],
)
def test_f11_every_end_is_told(
    monkeypatch: pytest.MonkeyPatch,
    project: Path,
    script: str,
    minutes: float,
    status: int,
    what: str,
    why: str,
) -> None:
    monkeypatch.setattr(Credentials, "try_on", lambda *_: Answer(status, {}, 0.0))
    engine = project / "pulumi"
    engine.write_text(f"#!/bin/sh\n{script}\n")
    engine.chmod(0o700)
    it = RealStage("dev", project, engine, {**SECRET, "PATH": os.defpath})
    monkeypatch.setattr(RealStage, "at", lambda *_: it)
    with pytest.raises(OpsError) as raised:
        on("dev", ["up"], minutes, Console(quiet=True))
    assert raised.value.what == what
    assert why in raised.value.why


@pytest.mark.parametrize(
    ("words", "stage_", "passed", "minutes"),
    [
        (["dev", "up", "--help"], "dev", ["up", "--help"], 15),
        (["--minutes", "2", "dev", "up", "--yes"], "dev", ["up", "--yes"], 2),
        (
            ["dev", "--color", "never", "up", "--minutes", "2"],
            "dev",
            ["--color", "never", "up", "--minutes", "2"],
            15,
        ),
    ],
)
def test_all_that_follows_the_stage_is_pulumis(
    monkeypatch: pytest.MonkeyPatch, words: list[str], stage_: str, passed: list[str], minutes: float
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(guarded, "on", lambda *given: asked.append(given[:3]))
    assert CliRunner().invoke(app, ["on", *words]).exit_code == 0
    assert asked == [(stage_, passed, minutes)]


def test_our_option_after_the_stage_is_told(stage: RealStage) -> None:
    with pytest.raises(OpsError, match="--minutes is misplaced"):
        on("dev", ["--minutes", "2", "up"], 15, Console(quiet=True))


def test_a_stage_that_will_not_do_is_told_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, project: Path
) -> None:
    (project / "Pulumi.dev.yaml").write_text("config:\n  auth0-phone:auth0: foo\n")
    it = RealStage("dev", project, Path("/bin/false"), SECRET)
    monkeypatch.setattr(RealStage, "at", lambda *_: it)
    with pytest.raises(OpsError) as error:
        on("dev", ["up"], 1, Console(quiet=True))
    assert error.value.what == "Pulumi.dev.yaml cannot be used"
    assert "auth0.domain" in error.value.why
