"""The real engine with a program of four resources, against a Vercel that runs what it is given.

One stack through its whole life: every command of the engine takes seconds.
"""

import os
import shlex
import signal
import time

import psutil

from sandbox.faults import Fault
from tests.form.waiting import until

from .stack import SECRET, Stack

NAMES = {"form-project", "form-domain", "form-environment", "form-deployment"}


def test_the_life_of_a_stack(stack: Stack) -> None:
    bad_inputs_and_a_missing_token_are_told(stack)
    project = a_project_in_use_is_taken_over_by_the_printed_command(stack)
    assert stack.up()["project"] == project
    first = stack.outputs()
    assert stack.answer() == {"build": first["build"], "word": "first", "greeting": "hello"}
    assert stack.steps() == {}

    second = another_value_and_other_files_are_another_deployment(stack, first["deployment"])
    a_rollback_by_hand_is_mended_without_a_build(stack, first["deployment"], second)
    third = what_was_stopped_or_killed_goes_on(stack)
    # keep is 1: the newest old one stays
    assert stack.deployments() == [second, third]

    stack.run("destroy", "--yes", "--skip-preview")
    assert stack.deployments() == []
    assert stack.vercel.sandbox.store.all("vercel_projects") == []
    assert_nothing_secret(stack)


def bad_inputs_and_a_missing_token_are_told(stack: Stack) -> None:
    stack.told["region"] = "Frankfurt"
    told = stack.run("preview", fails=True)
    assert "region" in told
    assert "must be one of Vercel's regions, like fra1, or empty (hosting.region)" in told
    assert "Traceback" not in told
    stack.told["region"] = ""

    token = stack.room.env.pop("VERCEL_TOKEN")
    assert stack.steps().items() >= dict.fromkeys(NAMES, "create").items()
    told = stack.run("up", "--yes", "--skip-preview", fails=True)
    assert "VERCEL_TOKEN is not set" in told
    assert "export VERCEL_TOKEN=" in told
    assert "Traceback" not in told
    stack.room.env["VERCEL_TOKEN"] = token


def a_project_in_use_is_taken_over_by_the_printed_command(stack: Stack) -> str:
    """Its id."""
    made = stack.call("POST", "/v11/projects", {"name": "auth0-phone-dev"})
    theirs = {"key": "THEIRS", "value": "1", "type": "plain", "target": ["preview"]}
    stack.call("POST", f"/v10/projects/{made['id']}/env", theirs)
    told = stack.run("up", "--yes", "--skip-preview", fails=True)
    assert f"Vercel has a project auth0-phone-dev ({made['id']}) already, which is in use" in told
    printed = [shlex.split(line) for line in told.splitlines() if line.lstrip().startswith("pulumi ")]
    assert printed[0][:2] == ["pulumi", "import"]
    stack.run(*printed[0][1:])
    assert stack.resource("form-project")["id"] == made["id"]
    return str(made["id"])


def another_value_and_other_files_are_another_deployment(stack: Stack, first: str) -> str:
    stack.told["variables"] = {"GREETING": "good day", "TOP_SECRET": SECRET}
    stack.serve("second")
    told = stack.run("preview", "--diff")
    assert "auth0-phone:index:VercelDeployment: (replace)" in told
    assert "asgi.py" in told
    assert "GREETING" in told
    assert "requirements.txt" not in told
    second = stack.up()
    assert stack.answer() == {"build": second["build"], "word": "second", "greeting": "good day"}
    assert stack.deployments() == [first, second["deployment"]]
    return str(second["deployment"])


def a_rollback_by_hand_is_mended_without_a_build(stack: Stack, first: str, second: str) -> None:
    stack.promote(first)
    until(lambda: stack.answer()["word"] == "first")
    stack.run("up", "--yes", "--skip-preview", "--refresh")
    assert stack.answer()["word"] == "second"
    assert stack.outputs()["deployment"] == second
    assert stack.deployments() == [first, second]


def what_was_stopped_or_killed_goes_on(stack: Stack) -> str:
    """With the one deployment that was asked for, whose id it gives."""
    stack.serve("third")
    before = stack.deployments()
    slow = Fault("latency", "*", "GET", "*/v13/deployments/*", count=None, seconds=120)
    stack.vercel.sandbox.faults.add(slow)
    running = stack.start("up", "--yes", "--skip-preview")
    until(lambda: slow.hits > 0)
    (third,) = set(stack.deployments()) - set(before)
    begun = time.monotonic()
    running.send_signal(signal.SIGINT)
    assert running.wait(110) != 0
    assert time.monotonic() - begun < 110
    kept = stack.resource("form-deployment")
    assert kept["id"] == third
    assert "Stopped before it was done" in kept["initErrors"][0]

    asked = slow.hits
    running = stack.start("up", "--yes", "--skip-preview")
    until(lambda: slow.hits > asked)
    ours = [each for each in psutil.Process(running.pid).children(recursive=True) if is_provider(each)]
    assert ours
    os.kill(running.pid, signal.SIGKILL)
    running.wait(60)
    until(lambda: not any(each.is_running() for each in ours))
    stack.vercel.sandbox.faults.clear()
    stack.run("cancel", "--yes")
    assert stack.up()["deployment"] == third
    assert "initErrors" not in stack.resource("form-deployment")
    return third


def is_provider(process: psutil.Process) -> bool:
    try:
        return any("pulumi-resource-auth0-phone" in word for word in process.cmdline())
    except psutil.Error:
        return False


def assert_nothing_secret(stack: Stack) -> None:
    """Neither the token nor a variable's value in what was printed or kept, in any form."""
    token = stack.vercel.ready["vercel"]["token"]
    everywhere = "\n".join(stack.seen) + stack.on_disk()
    assert "auth0-phone-dev" in stack.on_disk()
    assert SECRET not in everywhere
    assert token not in everywhere
    assert "asgi.py" in everywhere
    assert "scope[" not in everywhere, "a file's body is in the state"
