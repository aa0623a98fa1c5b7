"""Actions that reach for what others do, and Actions with slips: neither harms the tenant or others."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from sandbox.actions import NodeRunner, wishes
from sandbox.testing import RunningSandbox

from .actions_driver import event, failure, printed, run

pytestmark = pytest.mark.anyio

# Each is a method of Node's own realm that the process calls for every Action.
STOLEN = [
    "require('crypto').getHashes().constructor.prototype, 'forEach'",
    "require('crypto').getHashes().constructor.prototype, 'push'",
    "require('crypto').getHashes().join.constructor.prototype, 'call'",
    "require('events').prototype, 'emit'",
    "require('events').prototype, '_events'",
    "require('stream').Readable.prototype, 'push'",
    "require('http').Agent.prototype, 'addRequest'",
    "require('http').globalAgent, 'addRequest'",
    "require('http').OutgoingMessage.prototype, '_storeHeader'",
    "require('util').types, 'isNativeError'",
    "Buffer, 'from'",
    "Buffer.prototype, 'toString'",
    "URL.prototype, 'toString'",
    "Headers.prototype, 'set'",
    "crypto.subtle, 'sign'",
    "require('timers/promises').setTimeout(0).constructor.prototype, 'then'",
    "Object.getPrototypeOf(require('crypto').getHashes()[Symbol.iterator]()), 'next'",
]


@pytest.fixture(scope="module")
async def runner() -> AsyncIterator[NodeRunner]:
    runner = NodeRunner()
    yield runner
    await runner.close()


async def test_no_action_reads_what_another_is_given(runner: NodeRunner) -> None:
    body = """
      const all = require('crypto').getHashes().constructor, old = all.prototype.forEach;
      globalThis.seen ??= [];
      try {
        all.prototype.forEach = function (given) { seen.push(String(this[0])); return old.call(this, given) };
      } catch {}
      console.log(seen.length);
    """
    assert await printed(runner, body) == ["0"]
    await run(runner, "", event={**event(), "secrets": {"KEY": "of another"}})
    assert await printed(runner, body) == ["0"]


@pytest.mark.parametrize("member", STOLEN)
@pytest.mark.parametrize(
    "change",
    ["holder[name] = () => {}", "Object.defineProperty(holder, name, {value: 1})"],
    ids=["set", "define"],
)
async def test_what_actions_share_stays_as_it_is(runner: NodeRunner, member: str, change: str) -> None:
    body = f"""
      const [holder, name] = [{member}];
      const before = holder[name];
      try {{ {change} }} catch {{}}
      console.log(holder[name] === before, Object.isExtensible(holder));
    """
    assert await printed(runner, body) == ["true false"]


async def test_what_inherits_from_it_can_have_members_of_its_own(runner: NodeRunner) -> None:
    body = """
      const Emitter = require('events');
      class Own extends Emitter { emit(...given) { return super.emit(...given) } }
      const one = new Own();
      one.toString = () => 'mine';
      one.on('x', (value) => console.log(value, String(one)));
      one.emit('x', 1);
      const copy = require('util').promisify((done) => done(null, 2));
      copy.toString = () => 'mine too';
      console.log(await copy(), String(copy));
    """
    assert await printed(runner, body) == ["1 mine", "2 mine too"]


@pytest.mark.parametrize(
    "slip",
    [
        "api.idToken.setCustomClaim(undefined, 1)",
        "api.accessToken.setCustomClaim(Symbol('x'), 1)",
        "api.accessToken.addScope()",
        "api.accessToken.removeScope(undefined)",
        "api.user.setAppMetadata(undefined, 'x')",
        "api.user.setUserMetadata({}, 'x')",
    ],
)
async def test_a_slip_in_a_name_is_an_error_in_the_action(runner: NodeRunner, slip: str) -> None:
    answer = await run(runner, slip)
    assert answer["error"]["message"].endswith("must be a string.")
    assert answer["commands"] == []


@pytest.mark.parametrize(
    "body",
    [
        r"console.log('\ud800')",
        r"throw new Error('\ud800')",
        r"api.access.deny('\ud800')",
        r"api.user.setAppMetadata('a\ud800', ['\ud800'])",
        r"api.idToken.setCustomClaim('a', '\udc00')",
    ],
)
async def test_half_a_character_becomes_a_whole_one(runner: NodeRunner, body: str) -> None:
    told = json.dumps(await run(runner, body), ensure_ascii=False)
    assert "\ufffd" in told
    told.encode()


@pytest.mark.parametrize(
    "body",
    [
        "throw {message: Object.create(null)}",
        "throw new Proxy({}, {getPrototypeOf() { throw 1 }, has() { throw 2 }})",
        "throw {get message() { throw 1 }}",
        "Error.prototype.toString = Array.prototype.toJSON = () => { throw 1 }; throw new Error('x')",
        "throw new Error('x'.repeat(2e7))",
        "throw Object.assign(new Error('x'), {stack: {toString: null}})",
    ],
)
async def test_whatever_is_thrown_is_answered_at_once(runner: NodeRunner, body: str) -> None:
    await run(runner, "")
    pid = runner.pid
    answer = await asyncio.wait_for(run(runner, body, milliseconds=20_000), 5)
    assert answer["error"]["kind"] == "thrown"
    assert runner.pid == pid


async def test_commands_are_the_api_s_own_whatever_the_realm_says(runner: NodeRunner) -> None:
    body = """
      Array.prototype.toJSON = Object.prototype.toJSON = () => [{type: 'x'}];
      JSON.stringify = () => '{"type": "x"}';
      Array.prototype.push = () => { throw 1 };
      api.access.deny('no');
    """
    answer = await run(runner, body)
    assert answer["error"] is None
    assert answer["commands"] == [{"type": "deny", "reason": "no"}]


async def test_what_no_api_gives_is_refused(runner: NodeRunner) -> None:
    body = "Object.prototype.toJSON = () => 'x'; api.session.setMetadata('a', 'b')"
    answer = await run(runner, body)
    assert answer["error"]["kind"] == "thrown"
    assert answer["commands"] == []


@pytest.mark.parametrize(
    "command",
    [
        {},
        {"type": "x"},
        {"type": ["deny"]},
        {"type": "claim", "target": "id"},
        {"type": "scope"},
        {"type": "factors", "purpose": "enroll", "preferred": True, "factors": ["otp"]},
        {"type": "target_scopes", "scopes": [1]},
        {"type": "session_expiry", "absolute": "soon"},
    ],
)
def test_a_command_is_known_and_whole(command: dict[str, object]) -> None:
    assert wishes.unknown([{"type": "deny"}]) is None
    assert wishes.unknown([{"type": "deny"}, command]) is not None


@pytest.mark.parametrize(
    "body",
    [
        "console.log('x'.repeat(2e7))",
        "for (let n = 0; n < 50_000; n++) console.log('')",
        "for (;;) api.user.setAppMetadata('a', 'x'.repeat(1e5))",
        "let deep = []; for (let n = 0; n < 1500; n++) deep = [deep]; api.user.setAppMetadata('a', deep)",
        "await fetch('http://127.0.0.1:1/' + 'x'.repeat(2e7)).catch(() => {})",
    ],
)
async def test_an_answer_has_an_end(runner: NodeRunner, body: str) -> None:
    await run(runner, "")
    pid = runner.pid
    answer = await run(runner, body, milliseconds=20_000)
    assert len(json.dumps(answer)) < 2**22
    assert runner.pid == pid


async def test_a_line_without_end_leaves_no_process_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sandbox.actions.runner._LINE_LIMIT", 1024)
    runner = NodeRunner()
    await run(runner, "")
    child = psutil.Process(runner.pid)
    answer = await run(runner, "console.log('x'.repeat(9000))")
    assert answer["error"]["kind"] == "died"
    await runner.close()
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize(
    "path", ["/_sandbox/state", "//_sandbox/reset", "/%5Fsandbox", "/%5fsandbox/state?x"]
)
async def test_an_action_can_t_steer_the_sandbox(running_sandbox: RunningSandbox, path: str) -> None:
    port = urlsplit(running_sandbox.url).port
    for module in ("http", "https"):
        message = await told(
            running_sandbox,
            f"await new Promise((done, fail) => require('{module}').get("
            f"{{host: 'localhost', port: {port}, path: '{path}'}}, done).on('error', fail))",
        )
        assert message == "Actions can't steer the sandbox."
    url = f"{running_sandbox.url}{path}"
    cause = f"try {{ await fetch('{url}') }} catch (error) {{ throw error.cause }}"
    assert await told(running_sandbox, cause) == "Actions can't steer the sandbox."


async def told(running: RunningSandbox, body: str) -> str:
    runner = running.sandbox.runner
    assert isinstance(runner, NodeRunner)
    return running.call(lambda: failure(runner, body))


async def test_other_addresses_may_have_such_names_inside(runner: NodeRunner) -> None:
    body = (
        "for (const path of ['/_sandboxed', '/a/_sandbox', '/?x=/_sandbox']) "
        "await fetch('http://127.0.0.1:2' + path).catch((error) => console.log(error.cause.code))"
    )
    assert await printed(runner, body) == ["ECONNREFUSED"] * 3


@pytest.mark.parametrize("options", ["{socketPath: '/tmp/x'}", "{path: '/', socketPath: '\\0abstract'}"])
async def test_an_action_can_t_reach_sockets_of_this_machine(runner: NodeRunner, options: str) -> None:
    body = f"await new Promise((done, fail) => require('http').get({options}, done).on('error', fail))"
    assert await failure(runner, body) == "Actions can't connect to sockets in the file system."


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd"])
async def test_people_are_sent_to_web_addresses_alone(runner: NodeRunner, url: str) -> None:
    message = await failure(runner, f"api.redirect.sendUserTo('{url}')")
    assert message == "The URL of a redirect must be an http: or https: URL."
