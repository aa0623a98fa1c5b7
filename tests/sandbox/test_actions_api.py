"""The `api` object: what each method records, returns, refuses, and in which words."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from sandbox.actions import NodeRunner

from .actions_driver import event, executing, failure, printed, request, run

pytestmark = pytest.mark.anyio


async def commands(runner: NodeRunner, body: str, **changes: Any) -> list[dict[str, Any]]:
    answer = await run(runner, body, **changes)
    assert answer["error"] is None, answer["error"]
    found: list[dict[str, Any]] = answer["commands"]
    return found


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
        "prompt.render",
        "samlResponse.setAttribute",
        "samlResponse.setIssuer",
        "groups.getUserGroups",
        "groups.hasGroupMembership",
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
    assert parse_qsl(parts.query) == [("a", "1"), ("b", "2"), ("a", "ä &"), ("c", "3")]


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
    given = event()
    given["transaction"] |= {"protocol": protocol, "prompt": [prompt] if prompt else []}
    assert await printed(runner, "console.log(api.redirect.canRedirect())", event=given) == [expected]


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


@pytest.mark.parametrize("value", ["2 ** 53", "-(2 ** 53)", "NaN", "Infinity"])
async def test_transaction_metadata_takes_no_unsafe_numbers(runner: NodeRunner, value: str) -> None:
    assert await failure(runner, f"api.transaction.setMetadata('n', {value})") == (
        "Transaction metadata takes no unsafe numbers; serialize the value to a string."
    )


async def test_transaction_metadata_takes_any_other_number(runner: NodeRunner) -> None:
    body = "for (const n of [0, -1.5, 2 ** 53 - 1]) api.transaction.setMetadata('n', n)"
    assert [command["value"] for command in await commands(runner, body)] == [0, -1.5, 2**53 - 1]


async def test_factors_become_one_command(runner: NodeRunner) -> None:
    body = """api.authentication.challengeWith(
      {type: 'phone', options: {preferredMethod: 'sms'}}, {additionalFactors: [{type: 'otp'}]})"""
    assert await commands(runner, body) == [
        {
            "type": "factors",
            "purpose": "challenge",
            "preferred": True,
            "factors": [
                {"type": "phone", "options": {"preferredMethod": "sms"}},
                {"type": "otp", "options": {}},
            ],
        }
    ]


@pytest.mark.parametrize(
    "call",
    [
        "authentication.challengeWith()",
        "authentication.challengeWith({type: 'pigeon'})",
        "authentication.challengeWithAny([])",
        "authentication.enrollWith({type: 'email'})",
        "authentication.enrollWithAny({type: 'otp'})",
        "multifactor.enable('pigeon')",
        "multifactor.enable('duo')",
        "authentication.setPrimaryUser('')",
    ],
)
async def test_factors_and_users_that_are_none_are_refused(runner: NodeRunner, call: str) -> None:
    assert await failure(runner, f"api.{call}")


@pytest.mark.parametrize(
    ("handler", "members"),
    [
        ("onExecutePreUserRegistration", "access,cache,user,validation"),
        ("onExecutePostUserRegistration", "cache"),
        ("onExecuteCredentialsExchange", "access,accessToken,cache,transaction"),
        ("onExecutePostChangePassword", "cache"),
        ("onExecuteSendPhoneMessage", "cache"),
        ("onExecuteCustomPhoneProvider", "cache,notification"),
        ("onExecuteCustomEmailProvider", "cache,notification"),
    ],
)
async def test_each_trigger_has_its_own_api(runner: NodeRunner, handler: str, members: str) -> None:
    code = f"exports.{handler} = async (event, api) => console.log(Object.keys(api).sort().join());"
    answer = await runner.execute(request(code, key=handler, handler=handler))
    assert answer["console"][0]["text"] == members
