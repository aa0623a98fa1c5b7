"""The Node process: what it keeps warm, what it survives, and how it ends."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from sandbox.actions import NodeRunner, RunnerError
from sandbox.actions import node as node_process

from .actions_driver import executing, printed, request, run

pytestmark = pytest.mark.anyio


@pytest.fixture
async def runner() -> AsyncIterator[NodeRunner]:
    runner = NodeRunner()
    yield runner
    await runner.close()


async def test_nothing_runs_before_the_first_execution(runner: NodeRunner) -> None:
    assert runner.pid is None
    await run(runner, "")
    assert runner.pid is not None


async def test_module_scope_stays_warm_between_executions(runner: NodeRunner) -> None:
    code = "let count = 0;" + executing("count += 1; console.log(count)")
    lines = [(await runner.execute(request(code)))["console"][0]["text"] for _ in range(3)]
    assert lines == ["1", "2", "3"]


async def test_a_new_version_starts_with_a_fresh_module(runner: NodeRunner) -> None:
    code = "let count = 0;" + executing("count += 1; console.log(count)")
    await runner.execute(request(code))
    answer = await runner.execute(request(code, version="2"))
    assert answer["console"][0]["text"] == "1"


async def test_actions_do_not_share_globals(runner: NodeRunner) -> None:
    await run(runner, "globalThis.leak = 1; Object.prototype.leak = 2;")
    assert await printed(runner, "console.log(typeof leak, ({}).leak)") == ["undefined undefined"]


async def test_what_the_module_logs_belongs_to_the_first_execution(runner: NodeRunner) -> None:
    code = "console.log('loading');" + executing("")
    first, second = [await runner.execute(request(code)) for _ in range(2)]
    assert [line["text"] for line in first["console"]] == ["loading"]
    assert second["console"] == []


async def test_console_lines_are_kept_whole_and_apart(runner: NodeRunner) -> None:
    async def one(mark: str) -> list[str]:
        body = (
            f"console.log('{mark}'); await new Promise(r => setTimeout(r, 20)); console.warn('{mark * 1000}')"
        )
        return await printed(runner, body)

    found = await asyncio.gather(*(one(mark) for mark in "abc"))
    assert found == [[mark, mark * 1000] for mark in "abc"]


async def test_concurrent_executions_interleave(runner: NodeRunner) -> None:
    await run(runner, "")
    began = time.perf_counter()
    await asyncio.gather(*(run(runner, f"await new Promise(r => setTimeout(r, 300)); {n}") for n in range(8)))
    assert time.perf_counter() - began < 8 * 0.3


async def test_an_error_carries_its_message_and_the_action_s_own_line(runner: NodeRunner) -> None:
    answer = await runner.execute(request("\n" + executing("null.x")))
    assert answer["error"]["kind"] == "thrown"
    assert answer["error"]["name"] == "TypeError"
    assert answer["error"]["message"] == "Cannot read properties of null (reading 'x')"
    assert "action.js:2" in answer["error"]["stack"]
    assert "runner.mjs" not in answer["error"]["stack"]


@pytest.mark.parametrize("thrown", ["'text'", "undefined", "null", "42", "{message: 'like an error'}"])
async def test_anything_may_be_thrown(runner: NodeRunner, thrown: str) -> None:
    answer = await run(runner, f"throw {thrown}")
    assert answer["error"]["kind"] == "thrown"
    assert answer["error"]["message"]


async def test_commands_asked_for_before_an_error_are_reported(runner: NodeRunner) -> None:
    answer = await run(runner, "api.user.setAppMetadata('a', 1); throw new Error('late')")
    assert [command["type"] for command in answer["commands"]] == ["app_metadata"]


async def test_a_promise_that_never_settles_ends_with_the_budget(runner: NodeRunner) -> None:
    await run(runner, "")
    pid = runner.pid
    answer = await run(runner, "await new Promise(() => {})", milliseconds=100)
    assert answer["error"]["kind"] == "timeout"
    assert runner.pid == pid


async def test_an_endless_loop_costs_the_process_and_nothing_else(runner: NodeRunner) -> None:
    await run(runner, "")
    pid = runner.pid
    loop, bystander = await asyncio.gather(
        run(runner, "for (;;) {}", milliseconds=200),
        run(runner, "await new Promise(r => setTimeout(r, 4000))"),
    )
    assert loop["error"]["kind"] == "timeout"
    assert bystander["error"]["kind"] == "died"
    assert await printed(runner, "console.log('again')") == ["again"]
    assert runner.pid != pid
    assert not psutil.pid_exists(pid or 0) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


async def test_a_loop_of_microtasks_is_ended_too(runner: NodeRunner) -> None:
    answer = await run(runner, "for (;;) await null", milliseconds=200)
    assert answer["error"]["kind"] == "timeout"


async def test_a_killed_process_is_reported_and_replaced(runner: NodeRunner) -> None:
    await run(runner, "")
    pending = asyncio.create_task(run(runner, "await new Promise(r => setTimeout(r, 4000))"))
    await asyncio.sleep(0)
    os.kill(runner.pid or 0, signal.SIGKILL)
    answer = await pending
    assert answer["error"]["kind"] == "died"
    assert await printed(runner, "console.log('again')") == ["again"]


async def test_running_out_of_memory_is_survived(runner: NodeRunner) -> None:
    answer = await run(
        runner, "const all = []; for (;;) all.push(new Array(1e5).fill(event))", milliseconds=9000
    )
    assert answer["error"]["kind"] == "died"
    assert await printed(runner, "console.log('again')") == ["again"]


async def test_a_rejection_nobody_awaits_fails_its_own_execution(runner: NodeRunner) -> None:
    stray, other = await asyncio.gather(
        run(runner, "Promise.reject(new Error('nobody')); await new Promise(r => setTimeout(r, 100))"),
        run(runner, "await new Promise(r => setTimeout(r, 150)); 'other'"),
    )
    assert stray["error"]["message"] == "nobody"
    assert other["error"] is None


async def test_a_callback_that_throws_does_not_end_the_process(runner: NodeRunner) -> None:
    answer = await run(
        runner, "setTimeout(() => { throw new Error('late') }, 5); await new Promise(() => {})"
    )
    assert answer["error"]["message"] == "late"
    assert await printed(runner, "console.log('alive')") == ["alive"]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        (
            "exports.onExecutePostLogin = (event, api) => {}",
            'Invalid function signature for the "onExecutePostLogin"',
        ),
        ("exports.other = async () => {}", 'Invalid function signature for the "onExecutePostLogin"'),
        ("module.exports = 'text'", "The Action must export an object."),
        ("throw new Error('while loading')", "while loading"),
        ("exports.onExecutePostLogin = async (", "Unexpected end of input"),
    ],
)
async def test_a_module_without_a_usable_handler_fails_every_time(
    runner: NodeRunner, code: str, message: str
) -> None:
    for _ in range(2):
        answer = await runner.execute(request(code))
        assert message in answer["error"]["message"]


async def test_check_finds_syntax_errors_and_runs_nothing(runner: NodeRunner) -> None:
    assert await runner.check(executing("await 1")) is None
    assert await runner.check("throw new Error('never run')") is None
    assert await runner.check("\nconst = 1") == "SyntaxError: Unexpected token '=' (line 2)"
    problem = await runner.check("}); (function () {")
    assert problem is not None
    assert problem.startswith("SyntaxError")


async def test_the_sandbox_s_clock_is_the_action_s_clock(runner: NodeRunner) -> None:
    body = "console.log(Date.now()); console.log(new Date().getTime()); console.log(new Date(5).getTime())"
    lines = await printed(runner, body + "; console.log(new Date() instanceof Date)", clockOffset=7_200_000)
    ahead = (time.time() + 7200) * 1000
    assert abs(int(lines[0]) - ahead) < 5000
    assert abs(int(lines[1]) - ahead) < 5000
    assert lines[2:] == ["5", "true"]


async def test_closing_ends_the_process(runner: NodeRunner) -> None:
    await run(runner, "")
    process = psutil.Process(runner.pid)
    await runner.close()
    assert runner.pid is None
    assert not process.is_running()


async def test_without_node_the_error_says_what_to_install() -> None:
    with pytest.raises(RunnerError, match="Install version 20 or newer"):
        await NodeRunner(node_path="no-such-node").check("1")


async def test_an_old_node_is_refused(tmp_path: Path) -> None:
    old = tmp_path / "node"
    old.write_text("#!/bin/sh\necho v18.19.0\n")
    old.chmod(0o700)
    with pytest.raises(RunnerError, match=r"is v18\.19\.0"):
        await NodeRunner(node_path=str(old)).check("1")


@pytest.mark.parametrize(
    ("version", "flag"),
    [
        ((20, 20), "--experimental-permission"),
        ((22, 12), "--experimental-permission"),
        ((22, 13), "--permission"),
        ((23, 4), "--experimental-permission"),
        ((24, 0), "--permission"),
        ((26, 1), "--permission"),
    ],
)
def test_permissions_are_on_in_every_version(version: tuple[int, int], flag: str) -> None:
    arguments = node_process.arguments(version)
    assert flag in arguments
    assert ("--allow-net" in arguments) == (version >= (25, 0))
    assert not any(argument.startswith(("--allow-fs-write", "--allow-child")) for argument in arguments)
