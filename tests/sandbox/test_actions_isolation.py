"""T53: what an Action can reach of the machine it runs on: nothing it doesn't need.

A `vm` context is no security boundary, so the escapes here are expected to find a way out of it; behind it
Node's permissions and the empty environment have to hold.
"""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.actions import NodeRunner
from sandbox.testing import RunningSandbox

from .actions_driver import printed, run

pytestmark = pytest.mark.anyio

# The classic way out: a function of the outer realm has the outer realm's Function as its constructor.
ESCAPE = "const outer = fetch.constructor('return process')();"


@pytest.fixture(scope="module")
async def runner() -> AsyncIterator[NodeRunner]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AUTH0_CLIENT_SECRET", "of the person's shell")
        runner = NodeRunner()
        yield runner
        await runner.close()


async def test_t53_the_environment_is_empty(runner: NodeRunner) -> None:
    assert await printed(runner, "console.log(JSON.stringify(process.env), process.env.HOME)") == [
        "{} undefined"
    ]
    assert await printed(runner, ESCAPE + "console.log(Object.keys(outer.env).length)") == ["0"]


async def test_t53_the_process_itself_inherits_nothing(runner: NodeRunner) -> None:
    await run(runner, "")
    inherited = environment_of(runner)
    assert b"AUTH0_CLIENT_SECRET" not in inherited
    assert b"HOME=" not in inherited


@pytest.mark.parametrize(
    "name",
    [
        "fs",
        "node:fs",
        "fs/promises",
        "child_process",
        "worker_threads",
        "vm",
        "module",
        "cluster",
        "inspector",
        "net",
        "process",
        "os",
        "v8",
        "node:test",
        "./action.mjs",
        "twilio",
        "",
        "__proto__",
        "constructor",
    ],
)
async def test_t53_modules_beyond_the_list_are_not_found(runner: NodeRunner, name: str) -> None:
    answer = await run(runner, f"require('{name}')")
    assert answer["error"]["message"] == f"Cannot find module '{name}'"
    body = f"try {{ require('{name}') }} catch (error) {{ console.log(error.code, error instanceof Error) }}"
    assert await printed(runner, body) == ["MODULE_NOT_FOUND true"]


@pytest.mark.parametrize(
    "name",
    [
        "crypto",
        "node:crypto",
        "buffer",
        "url",
        "util",
        "querystring",
        "stream",
        "timers",
        "events",
        "string_decoder",
        "assert",
        "https",
        "http",
        "zlib",
        "timers/promises",
    ],
)
async def test_modules_an_action_may_use_are_there(runner: NodeRunner, name: str) -> None:
    assert await printed(runner, f"console.log(typeof require('{name}'))") in (["object"], ["function"])


@pytest.mark.parametrize(
    "attempt",
    [
        "outer.getBuiltinModule('fs').readFileSync('/etc/passwd')",
        "outer.getBuiltinModule('fs').readFileSync('/proc/self/environ')",
        "outer.getBuiltinModule('fs').writeFileSync('/tmp/x', 'x')",
        "outer.getBuiltinModule('fs').readdirSync('/')",
        "outer.getBuiltinModule('child_process').execSync('id')",
        "new (outer.getBuiltinModule('worker_threads').Worker)('1', {eval: true})",
    ],
)
async def test_t53_an_escape_from_the_realm_meets_node_s_permissions(
    runner: NodeRunner, attempt: str
) -> None:
    answer = await run(runner, ESCAPE + attempt)
    assert answer["error"]["message"] == "Access to this API has been restricted"


async def test_t53_ending_the_process_from_inside_hurts_one_login_only(runner: NodeRunner) -> None:
    answer = await run(runner, ESCAPE + "outer.exit(0)")
    assert answer["error"]["kind"] == "died"
    assert await printed(runner, "console.log('alive')") == ["alive"]


async def test_globals_an_action_uses_are_there(runner: NodeRunner) -> None:
    names = (
        "fetch Headers Request Response FormData URL URLSearchParams Buffer TextEncoder TextDecoder "
        "AbortController AbortSignal setTimeout clearTimeout setInterval clearInterval setImmediate "
        "queueMicrotask structuredClone crypto atob btoa console process global globalThis performance Blob"
    )
    body = (
        f"console.log('{names}'.split(' ').filter((name) => typeof globalThis[name] === 'undefined').join())"
    )
    assert await printed(runner, body) == [""]


async def test_errors_of_node_are_errors_to_an_action(runner: NodeRunner) -> None:
    body = """
      const of = async (make) => { try { await make() } catch (e) { return e } };
      const failures = [await of(() => new URL('x')), await of(() => require('crypto').randomBytes(-1)),
                        await of(() => fetch('http://127.0.0.1:1/')), await of(() => null.x)];
      console.log(failures.map((e) => e instanceof Error).join());
      console.log(failures.map((e) => e instanceof TypeError).join());
      class Own extends Error {}
      console.log(new Own() instanceof Error, new Own() instanceof Own, new Error() instanceof Own);
      console.log(({}) instanceof Error, null instanceof Error);
    """
    assert await printed(runner, body) == [
        "true,true,true,true",
        "true,false,true,true",
        "true true false",
        "false false",
    ]


async def test_web_and_node_crypto_work_across_the_realm(runner: NodeRunner) -> None:
    body = """
      const { createCipheriv, createDecipheriv, hkdfSync } = require('node:crypto');
      const { randomBytes, timingSafeEqual } = require('crypto');
      const key = Buffer.from(hkdfSync('sha256', 'ikm', new Uint8Array(0), 'info', 32));
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', key, iv);
      const sealed = Buffer.concat([cipher.update(JSON.stringify({ a: 'ü' }), 'utf8'), cipher.final()]);
      const opener = createDecipheriv('aes-256-gcm', key, iv).setAuthTag(cipher.getAuthTag());
      console.log(JSON.parse(Buffer.concat([opener.update(sealed), opener.final()])).a);
      console.log(timingSafeEqual(new TextEncoder().encode('a'), Buffer.from('a')));
      console.log(typeof crypto.randomUUID());
    """
    assert await printed(runner, body) == ["ü", "true", "string"]


async def test_fetch_trusts_the_sandbox_s_ca(running_sandbox: RunningSandbox) -> None:
    runner = running_sandbox.sandbox.runner
    assert isinstance(runner, NodeRunner)
    body = f"console.log((await fetch('{running_sandbox.url}/.well-known/jwks.json')).status)"
    assert await run_on(running_sandbox, runner, body) == ["200"]


async def test_fetch_trusts_no_unknown_ca(running_sandbox: RunningSandbox, runner: NodeRunner) -> None:
    answer = await run(runner, f"await fetch('{running_sandbox.url}/.well-known/jwks.json')")
    assert answer["error"]["message"] == "fetch failed"


async def run_on(running: RunningSandbox, runner: NodeRunner, body: str) -> list[str]:
    """On the sandbox's own loop: a runner belongs to the loop that started it."""
    return running.call(lambda: printed(runner, body))


def environment_of(runner: NodeRunner) -> bytes:
    """What the process was started with, whatever it has deleted since."""
    return Path(f"/proc/{runner.pid}/environ").read_bytes()
