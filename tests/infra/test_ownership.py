"""What a tenant already has under our names is not made again, nor taken."""

import asyncio
import shlex
from collections.abc import Awaitable, Callable
from typing import Any

import pulumi
import pytest

from infra.ownership import namesake_guard, refuse_namesakes

ACTION, CONNECTION = "auth0:index/action:Action", "auth0:index/connection:Connection"
VERIFICATION, SMS = "auth0-phone:index:PhoneVerification", "auth0-phone:index:SmsConnection"
SENDER = "auth0-phone:index:PhoneProvider"
DOMAIN = "acme-dev.eu.auth0.com"
Ask = Callable[..., str]


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Ask:
    """What the guard says when the tenant answers so; empty when it has no objection."""
    monkeypatch.setattr(pulumi, "get_stack", lambda: "dev")
    for name in ("AUTH0_CLIENT_ID", "AUTH0_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)

    def asked(answer: object, kind: str, parent: str, name: str, in_tenant: Any = "x") -> str:
        looked: list[Any] = []

        async def invoke(token: str, props: Any, opts: pulumi.InvokeOptions) -> Any:
            looked.append((token, props))
            if isinstance(answer, Exception):
                raise answer
            return answer

        monkeypatch.setattr(pulumi.runtime, "invoke_async", invoke)
        urn = f"urn:pulumi:dev::auth0-phone::{parent}${kind}::{name}"
        args = pulumi.ResourceHookArgs(urn, "", name, kind, new_inputs={"name": in_tenant})
        guard = namesake_guard(None, DOMAIN)  # type: ignore[arg-type]  # handed on, not looked at
        try:
            asyncio.run(_awaited(guard(args)))
        except pulumi.RunError as error:
            assert [props["name"] for _, props in looked] == [in_tenant]
            return str(error)
        return ""

    return asked


async def _awaited(answer: Awaitable[None]) -> None:
    await answer


def absent(kind: str) -> Exception:
    return Exception(f'invoke failed: 1 error occurred:\n\t* No {kind} found with "name" = "x"\n\n')


@pytest.mark.parametrize(
    ("kind", "parent", "name", "word"),
    [(ACTION, VERIFICATION, "phone-verification", "action"), (CONNECTION, SMS, "sms", "connection")],
)
def test_what_the_tenant_does_not_have_can_be_made(
    ask: Ask, kind: str, parent: str, name: str, word: str
) -> None:
    assert ask(absent(word), kind, parent, name) == ""


def test_a_namesake_is_refused_with_both_ways_on(ask: Ask) -> None:
    said = ask({"id": "0-1"}, ACTION, VERIFICATION, "phone-verification", "auth0-phone verification")
    assert "acme-dev.eu.auth0.com already has the Action 'auth0-phone verification' (0-1)" in said
    assert "the stack 'dev' would make another" in said
    assert "pulumi config set --path action.name 'auth0-phone verification dev' --stack dev" in said
    parent = f"urn:pulumi:dev::auth0-phone::{VERIFICATION}::phone-verification"
    provider = "urn:pulumi:dev::auth0-phone::pulumi:providers:auth0::tenant"
    imported = next(
        shlex.split(line) for line in said.splitlines() if line.lstrip().startswith("pulumi import")
    )
    assert imported == [
        *("pulumi", "import", ACTION, "phone-verification", "0-1"),
        *("--parent", f"parent={parent}", "--provider", f"provider={provider}"),
        *("--generate-code=false", "--yes", "--stack", "dev"),
    ]


def test_a_connection_has_a_name_of_its_own(ask: Ask) -> None:
    said = ask({"id": "con_1"}, CONNECTION, SMS, "sms", "sms")
    assert "already has the connection 'sms' (con_1)" in said
    assert "pulumi config set --path sms.connectionName sms-dev --stack dev" in said
    assert f"pulumi import {CONNECTION} sms con_1 --parent" in said


def test_the_phone_providers_action_can_only_be_left_out(ask: Ask) -> None:
    said = ask({"id": "0-2"}, ACTION, SENDER, "phone-provider-action", "auth0-phone provider")
    assert "pulumi config set --path sms.mode off --stack dev" in said
    assert f"parent=urn:pulumi:dev::auth0-phone::{SENDER}::phone-provider " in said


def test_a_name_that_no_preview_knows_yet_is_not_asked_for(ask: Ask) -> None:
    assert ask(AssertionError("asked"), ACTION, VERIFICATION, "phone-verification", pulumi.UNKNOWN) == ""


@pytest.mark.parametrize(
    ("environment", "who"),
    [
        ({"AUTH0_CLIENT_ID": "x7Yc2Fq"}, "the application x7Yc2Fq (AUTH0_CLIENT_ID)"),
        ({"AUTH0_API_TOKEN": "a.b.c"}, "the token in AUTH0_API_TOKEN"),
        ({"AUTH0_CLIENT_ID": "x7Yc2Fq", "AUTH0_API_TOKEN": "a.b.c"}, "the token in AUTH0_API_TOKEN"),
        ({}, "us: AUTH0_CLIENT_ID is not set"),
    ],
)
def test_a_tenant_that_lets_nobody_in_is_named_beside_who_asked(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], who: str
) -> None:
    refused = Exception(
        'invoke of x failed: 1 error occurred:\n\t* oauth2: "access_denied" "Unauthorized"\n\n'
    )
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    said = ask(refused, ACTION, VERIFICATION, "phone-verification")
    assert f"The stack 'dev' belongs to the tenant {DOMAIN}, and that does not let in {who}." in said
    assert 'It said:\n      oauth2: "access_denied" "Unauthorized"\n' in said
    assert "a.b.c" not in said
    # At an update it is not known what has been done before.
    assert "othing was changed" not in said


@pytest.mark.parametrize(
    ("answer", "refused"),
    [
        ("\t* 401 Unauthorized: Bad audience: https://acme.eu.auth0.com/api/v2/", True),
        ("\t* 403 Forbidden: Insufficient scope, expected any of: read:actions", True),
        ('\t* Get "https://x/": oauth2: "unauthorized_client" "Client is not authorized"', True),
        ('\t* Get "https://x/": oauth2: cannot fetch token: 401 Unauthorized\nResponse: Unauthorized', True),
        ("\t* 503 Service Unavailable: down", False),
        ("\t* 429 Too Many Requests: Global limit has been reached", False),
        ('\t* Get "https://x/": oauth2: cannot fetch token: 429 Too Many Requests\nResponse: {}', False),
        ('\t* Get "https://x/": oauth2: "too_many_requests" "Too many requests"', False),
        ('\t* Get "https://x/": dial tcp: lookup x: no such host', False),
        ("\t* dial tcp 10.0.0.1:403: connection refused", False),
    ],
)
def test_only_a_refusal_is_told_as_one(
    ask: Ask, monkeypatch: pytest.MonkeyPatch, answer: str, refused: bool
) -> None:
    monkeypatch.setenv("AUTH0_CLIENT_ID", "x7Yc2Fq")
    error = Exception(f"invoke of x failed: 1 error occurred:\n{answer}\n\n")
    said = ask(error, ACTION, VERIFICATION, "phone-verification")
    assert ("does not let in the application x7Yc2Fq" in said) is refused
    assert ("and that does not answer now. It said:" in said) is not refused
    assert answer.splitlines()[0].removeprefix("\t* ") in said


@pytest.mark.parametrize("empty", ["", "  \n\t\n"])
def test_an_error_without_a_word_is_told_as_such(ask: Ask, empty: str) -> None:
    said = ask(Exception(empty), ACTION, VERIFICATION, "phone-verification")
    assert "does not answer now. It said:\n      nothing\n" in said


@pytest.mark.parametrize("kind", [ACTION, CONNECTION])
def test_whatever_has_a_name_in_the_tenant_is_asked_for(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    made: list[Any] = []
    monkeypatch.setattr(pulumi, "ResourceHook", lambda name, call, opts: (name, opts.on_dry_run))
    monkeypatch.setattr(pulumi, "ResourceHookBinding", lambda **bound: made.append(bound))
    transform = refuse_namesakes(None, DOMAIN)  # type: ignore[arg-type]  # handed on, not looked at
    opts = pulumi.ResourceOptions(protect=True)
    result = transform(pulumi.ResourceTransformArgs(True, kind, "x", {"name": "x"}, opts))
    assert isinstance(result, pulumi.ResourceTransformResult)
    assert result.opts.protect is True
    assert result.props == {"name": "x"}
    assert made == [{"before_create": [("no-namesake", True)]}]


def test_nothing_else_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulumi, "ResourceHook", lambda *_: None)
    transform = refuse_namesakes(None, DOMAIN)  # type: ignore[arg-type]  # as above
    other = "auth0:index/triggerActions:TriggerActions"
    assert transform(pulumi.ResourceTransformArgs(True, other, "x", {}, pulumi.ResourceOptions())) is None
