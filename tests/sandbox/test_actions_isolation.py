"""T53: what an Action can reach of the machine it runs on: nothing it doesn't need.

A `vm` context is no security boundary. So three things are looked at: the Action's own realm, what the
process has left to offer to code that gets out of it, and Node's permissions behind that.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from sandbox.actions import NodeRunner, node
from sandbox.testing import RunningSandbox

from .actions_driver import printed, run

pytestmark = pytest.mark.anyio

# The classic way out: a function of the outer realm has the outer realm's Function as its constructor.
ESCAPES = [
    "fetch.constructor('return process')()",
    "process.constructor.constructor('return process')()",
    "require('crypto').createHash.constructor('return process')()",
    "api.redirect.encodeToken.constructor.constructor('return process')().mainModule.x",
    "try { new URL('x') } catch (e) { e.constructor.constructor('return process')() }",
    "(async () => {}).constructor('return process.binding')()().x.y",
]


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


@pytest.mark.parametrize("attempt", ESCAPES)
async def test_t53_no_way_out_of_the_realm_by_a_constructor(runner: NodeRunner, attempt: str) -> None:
    answer = await run(runner, attempt)
    assert answer["error"]["name"] in ("EvalError", "TypeError")
    assert answer["error"]["kind"] == "thrown"


async def test_code_from_strings_works_inside_the_realm_as_on_auth0(runner: NodeRunner) -> None:
    assert await printed(runner, "console.log(new Function('return 1')() + eval('1'))") == ["2"]


async def test_t53_dynamic_import_is_refused(runner: NodeRunner) -> None:
    answer = await run(runner, "await import('node:fs')")
    assert answer["error"]["kind"] == "thrown"


async def test_t53_an_action_can_t_listen(runner: NodeRunner) -> None:
    for module in ("http", "https"):
        answer = await run(runner, f"require('{module}').createServer().listen(0)")
        assert answer["error"]["message"] == "Actions can't listen for connections."


async def test_t53_what_one_action_changes_of_a_module_others_don_t_see(runner: NodeRunner) -> None:
    assert await printed(
        runner, "require('crypto').randomUUID = () => 'mine'; console.log(require('crypto').randomUUID())"
    ) == ["mine"]
    assert await printed(runner, "console.log(require('crypto').randomUUID().length)") == ["36"]


async def test_t53_prototypes_are_each_action_s_own(runner: NodeRunner) -> None:
    await run(
        runner, "Object.prototype.polluted = Array.prototype.polluted = 1; String.prototype.trim = null"
    )
    body = "console.log({}.polluted, [].polluted, ' a '.trim())"
    assert await printed(runner, body) == ["undefined undefined a"]


async def test_t53_the_prototypes_that_executions_share_take_nothing_new(runner: NodeRunner) -> None:
    """`toJSON` on one of them would be asked when the answers of other executions are written."""
    await run(runner, "fetch.__proto__.__proto__.__proto__.toJSON = () => 'forged'")
    body = """
      let last = fetch;
      while (Object.getPrototypeOf(last)) last = Object.getPrototypeOf(last);
      console.log('toJSON' in last, Object.isExtensible(last));
    """
    assert await printed(runner, body) == ["false false"]


@pytest.mark.parametrize(
    "body",
    [
        "const kept = []; for (;;) kept.push(new Array(1e5).fill(1))",
        "const text = ['x'.repeat(1e6)]; for (;;) text.push(text.join('') + Math.random())",
        "const kept = []; for (;;) kept.push(Buffer.alloc(1e7, 1))",
    ],
    ids=["arrays", "strings", "buffers"],
)
async def test_t53_memory_has_an_end(runner: NodeRunner, body: str) -> None:
    answer = await run(runner, body)
    assert answer["error"] is not None
    assert await printed(runner, "console.log('alive')") == ["alive"]


async def test_t53_an_endless_loop_has_an_end(runner: NodeRunner) -> None:
    answer = await run(runner, "for (;;) {}", milliseconds=200)
    assert answer["error"]["kind"] == "timeout"
    assert await printed(runner, "console.log('alive')") == ["alive"]


@pytest.mark.parametrize(
    "attempt",
    [
        "fs.readFileSync('/etc/passwd')",
        "fs.readFileSync('/proc/self/environ')",
        "fs.writeFileSync('/tmp/x', 'x')",
        "fs.readdirSync('/')",
        "child_process.execSync('id')",
        "new worker_threads.Worker('1', {eval: true})",
        "inspector.open(0)",
        "process.dlopen({exports: {}}, '/x.node')",
    ],
)
async def test_t53_node_s_permissions_hold_behind_the_realm(tmp_path: Path, attempt: str) -> None:
    """With the runner's own arguments and another program: what code could do that has got out."""
    program = tmp_path / "out.mjs"
    program.write_text(
        "import fs from 'node:fs'; import child_process from 'node:child_process';"
        "import worker_threads from 'node:worker_threads'; import inspector from 'node:inspector';"
        f"try {{ {attempt}; console.log('it worked') }} catch (error) {{ console.log(error.code) }}"
    )
    printed = await node_prints(program)
    assert printed in ("ERR_ACCESS_DENIED", "ERR_DLOPEN_DISABLED", "ERR_INSPECTOR_NOT_AVAILABLE"), printed


async def test_t53_the_process_has_no_handles_left(tmp_path: Path) -> None:
    program = tmp_path / "handles.mjs"
    program.write_text(
        f"const {{ harden }} = await import('{(node.MAIN.parent / 'harden.mjs').as_uri()}');"
        "const { stdout, end } = harden();"
        "const names = ['kill', 'exit', 'reallyExit', 'abort', 'binding', 'dlopen', 'getBuiltinModule',"
        " 'chdir', 'setuid', '_debugProcess', 'execPath'];"
        "stdout.write(names.filter((name) => process[name] !== undefined).join() + '.', () => end(0));"
    )
    assert await node_prints(program) == "."


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


async def node_prints(program: Path) -> str:
    """What a program prints that runs with the arguments of Actions' process, and may read itself."""
    path = node.find()
    *given, _ = node.arguments(await node.version(path))
    process = await asyncio.create_subprocess_exec(
        path, *given, f"--allow-fs-read={program}", str(program), stdout=asyncio.subprocess.PIPE, env={}
    )
    output, _ = await process.communicate()
    return output.decode().strip()


def environment_of(runner: NodeRunner) -> bytes:
    """What the process was started with, whatever it has deleted since."""
    return Path(f"/proc/{runner.pid}/environ").read_bytes()
