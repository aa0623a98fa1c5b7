"""What GitHub knows of a repository when it runs a workflow, and what a run leaves."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = "acme/phone"
TOKEN = "ghs_made-up-token-of-the-job"


@dataclass(frozen=True)
class Environment:
    """One of the repository's environments: variables and secrets that only its jobs are given."""

    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Step:
    """What a step did."""

    job: str
    name: str
    code: int
    output: str


@dataclass
class Outcome:
    """What a run of a workflow did, job by job (`deploy / prod`, or `stage (prod)` of a matrix)."""

    results: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    summaries: str = ""

    @property
    def told(self) -> str:
        """Everything that is published: logs and summaries."""
        return "\n".join([*(step.output for step in self.steps), self.summaries])

    def of(self, job: str, step: str) -> Step:
        (only,) = (each for each in self.steps if (each.job, each.name) == (job, step))
        return only


@dataclass
class Forge:
    """A repository on GitHub.

    `source` is where it is cloned from, `folder` where runs work. `entered` is called with the name of each
    environment when a job begins in it: whoever has to approve would have done so by then. `artifacts` are
    those of the last run.
    """

    source: Path
    folder: Path
    env: Mapping[str, str]
    variables: Mapping[str, str] = field(default_factory=dict)
    environments: Mapping[str, Environment] = field(default_factory=dict)
    entered: Callable[[str], None] = lambda name: None
    artifacts: Path = field(default=Path(), init=False)

    def head(self) -> str:
        return self.git("rev-parse", "HEAD")

    def git(self, *arguments: str) -> str:
        author = ["-c", "user.name=Ada", "-c", "user.email=ada@acme.example", "-c", "commit.gpgsign=false"]
        ran = subprocess.run(
            ["git", "-C", str(self.source), *author, *arguments], capture_output=True, text=True, check=True
        )
        return ran.stdout.strip()

    def commit(self, message: str) -> None:
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", message)

    def event(self, name: str, **event: Any) -> dict[str, Any]:
        """The `github` context of a run."""
        return {
            "event_name": name,
            "event": event,
            "sha": self.head(),
            "ref": "refs/heads/main",
            "repository": REPOSITORY,
            "token": TOKEN,
            "run_id": "1",
        }

    def pull_request(self, number: int, base: str, repository: str = REPOSITORY) -> dict[str, Any]:
        head = {"sha": self.head(), "repo": {"full_name": repository}}
        return self.event(
            "pull_request", pull_request={"number": number, "head": head, "base": {"sha": base}}
        )


def topological(jobs: Mapping[str, Mapping[str, Any]]) -> Sequence[str]:
    """The jobs, each after those that it needs."""
    done: list[str] = []
    while len(done) < len(jobs):
        ready = [name for name in jobs if name not in done and set(needs(jobs[name])) <= set(done)]
        assert ready, "jobs that need each other, or one that isn't there"
        done += ready
    return done


def needs(job: Mapping[str, Any]) -> list[str]:
    named = job.get("needs", [])
    return [named] if isinstance(named, str) else list(named)
