"""The process that workers are forked from: it has imported once what each of them needs.

It reads jobs as lines of JSON and writes what happens as such; a fork shares the modules' memory. A job's
environment, with its secrets, travels on the pipe alone. When the fleet is killed, those at work finish.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from typing import Any

from .job import Job

Emit = Callable[[Mapping[str, Any]], None]

# A line of this length is written whole, whoever else writes (pipe(7)).
_PIPE_BUF = 4096


def main() -> None:
    channel = os.dup(sys.stdout.fileno())
    jobs = os.fdopen(os.dup(sys.stdin.fileno()), "r")
    _redirect(os.open(os.devnull, os.O_RDWR), 0, 1)

    # Here, in a process of its own: the command itself, and its help, go without a second of imports.
    import pulumi_auth0  # noqa: F401  (for the workers)

    import infra.declaration
    import infra.render  # noqa: F401  (for the workers)

    from . import worker

    stages: dict[int, str] = {}
    signal.signal(signal.SIGCHLD, lambda *_: _bury(stages, channel))
    for line in jobs:
        job = Job(**json.loads(line))
        # A worker that ends at once has its name here before it is looked for.
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
        pid = os.fork()
        if pid == 0:
            jobs.close()
            _work(worker.work, job, channel)
        stages[pid] = job.stage
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    _bury(stages, channel, wait=True)
    os._exit(0)  # taking all those modules down again would be waited for, too


def _work(do: Callable[[Job, Emit], None], job: Job, channel: int) -> None:
    """The worker's whole life; nothing of the crew's is run after it."""
    code = 1
    try:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        _redirect(os.open(job.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), 1, 2)
        do(job, lambda message: _tell(channel, message))
        code = 0
    except BaseException:  # told by the log, and by the worker's end
        sys.excepthook(*sys.exc_info())
    finally:
        sys.stderr.flush()
        os._exit(code)  # gRPC's threads would be waited for


def _bury(stages: dict[int, str], channel: int, wait: bool = False) -> None:
    """Tell of each worker that has ended, however it did."""
    while stages:
        try:
            pid, status = os.waitpid(-1, 0 if wait else os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        if stage := stages.pop(pid, None):
            _tell(channel, {"stage": stage, "ended": os.waitstatus_to_exitcode(status)})


def _tell(channel: int, message: Mapping[str, Any]) -> None:
    line = json.dumps(message).encode() + b"\n"
    try:
        if len(line) <= _PIPE_BUF:
            os.write(channel, line)
    except BrokenPipeError:
        return  # nobody listens any more; the journal says the same


def _redirect(place: int, *descriptors: int) -> None:
    for descriptor in descriptors:
        os.dup2(place, descriptor)
    os.close(place)


if __name__ == "__main__":
    main()
