"""Runs a workflow on this machine: jobs in order, `run` steps by bash, others' actions by a stand-in.

What it does not know it refuses, so that a workflow never passes here for what GitHub would do otherwise.
"""

import itertools
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import yaml

from tests.ci.actions import ACTIONS, Place
from tests.ci.expressions import Context, written
from tests.ci.forge import Environment, Forge, Outcome, Step, needs, topological

_WORKFLOW_KEYS = {"name", True, "permissions", "concurrency", "env", "jobs"}  # YAML 1.1 reads `on` as True
_JOB_KEYS = {
    *("name", "needs", "if", "strategy", "environment", "concurrency", "env", "runs-on", "timeout-minutes"),
    *("permissions", "steps"),
}
_STEP_KEYS = {"name", "id", "if", "env", "run", "shell", "uses", "with"}
_SECONDS = 240


def run(forge: Forge, workflow: str, github: Mapping[str, Any], only: str | None = None) -> Outcome:
    """Run a workflow of the repository; `only` one job again, with what the last run left for it."""
    document = yaml.safe_load((forge.source / ".github" / "workflows" / f"{workflow}.yml").read_text())
    assert set(document) <= _WORKFLOW_KEYS, set(document) - _WORKFLOW_KEYS
    outcome = Outcome()
    if only is None:
        forge.artifacts = Path(mkdtemp(dir=forge.folder, prefix="artifacts-"))
    for name in topological(document["jobs"]):
        if only not in (None, name):
            outcome.results[name] = "success"
            continue
        job = document["jobs"][name]
        assert set(job) <= _JOB_KEYS, set(job) - _JOB_KEYS
        before = {need: {"result": outcome.results[need]} for need in needs(job)}
        labels = {_label(name, matrix): matrix for matrix in _matrix(forge, github, job)}
        # As on GitHub, those of one matrix run at the same time.
        with ThreadPoolExecutor(len(labels)) as pool:
            jobs = [_Job(forge, document, job, *each, github, before, outcome) for each in labels.items()]
            results = dict(zip(labels, pool.map(_Job.go, jobs), strict=True))
        worst = [result for result in ("failure", "success", "skipped") if result in results.values()]
        outcome.results |= {**results, name: worst[0]}
    return outcome


def _label(name: str, matrix: Mapping[str, str]) -> str:
    return f"{name} ({', '.join(matrix.values())})" if matrix else name


def _matrix(forge: Forge, github: Mapping[str, Any], job: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    values = {"vars": forge.variables, "github": github}
    strategy = Context(values, {}).fill(job.get("strategy", {}))
    assert set(strategy) <= {"matrix", "fail-fast"}
    matrix = strategy.get("matrix", {})
    for combination in itertools.product(*matrix.values()):
        yield dict(zip(matrix, combination, strict=True))


@dataclass
class _Job:
    forge: Forge
    document: Mapping[str, Any]
    job: Mapping[str, Any]
    label: str
    matrix: Mapping[str, str]
    github: Mapping[str, Any]
    needs: Mapping[str, Mapping[str, str]]
    outcome: Outcome
    outputs: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    failed: bool = False

    def go(self) -> str:
        """`success`, `failure` or `skipped`."""
        self.failed = any(need["result"] == "failure" for need in self.needs.values())
        skipped = any(need["result"] == "skipped" for need in self.needs.values())
        condition = self.job.get("if")
        if (skipped and condition is None) or not self._context(Environment()).holds(condition):
            return "skipped"
        self.failed = False
        room = Path(mkdtemp(dir=self.forge.folder, prefix="job-"))
        self.workspace, self.temp = room / "work", room / "temp"
        self.temp.mkdir()
        environment = self._environment()
        context = self._context(environment)
        self.env = _texts(context.fill({**self.document.get("env", {}), **self.job.get("env", {})}))
        for step in self.job["steps"]:
            self._step(step, environment)
        return "failure" if self.failed else "success"

    def _environment(self) -> Environment:
        name = self._context(Environment()).fill(self.job.get("environment"))
        if name is None:
            return Environment()
        self.forge.entered(name)
        return self.forge.environments[name]

    def _context(self, environment: Environment) -> Context:
        values = {
            "github": self.github,
            "vars": {**self.forge.variables, **environment.variables},
            "secrets": environment.secrets,
            "matrix": self.matrix,
            "needs": self.needs,
            "inputs": self.github["event"].get("inputs", {}),
            "steps": self.outputs,
            "env": getattr(self, "env", {}),
            "runner": {"temp": str(getattr(self, "temp", "")), "os": "Linux", "arch": "X64"},
        }
        functions: dict[str, Callable[..., Any]] = {
            "success": lambda: not self.failed,
            "cancelled": lambda: False,
            "always": lambda: True,
            "hashFiles": lambda *_: "digest",
        }
        return Context(values, functions)

    def _step(self, step: Mapping[str, Any], environment: Environment) -> None:
        assert set(step) <= _STEP_KEYS, set(step) - _STEP_KEYS
        context = self._context(environment)
        if not context.holds(step.get("if")):
            return
        if "uses" in step:
            self._use(step["uses"], context.fill(step.get("with", {})), environment)
        else:
            self._bash(step, context)

    def _use(self, action: str, given: Mapping[str, Any], environment: Environment) -> None:
        if action.startswith("./"):
            local = yaml.safe_load((self.workspace / action / "action.yml").read_text())
            assert local["runs"]["using"] == "composite"
            for step in local["runs"]["steps"]:
                assert "run" not in step or step["shell"] == "bash"
                # The caller's secrets are not a composite action's.
                self._step(step, Environment(environment.variables))
            return
        place = Place(self.forge, self.workspace, self.forge.artifacts, self.github["sha"])
        ACTIONS[action.partition("@")[0]](place, given)

    def _bash(self, step: Mapping[str, Any], context: Context) -> None:
        files = {name: self.temp / name.lower() for name in ("GITHUB_OUTPUT", "GITHUB_ENV", "GITHUB_PATH")}
        files["GITHUB_STEP_SUMMARY"] = self.temp / "github_step_summary"
        for file in files.values():
            file.write_text("")
        script = self.temp / "script.sh"
        script.write_text(step["run"])
        given = {
            name: written(value) for name, value in (self.env | context.fill(step.get("env", {}))).items()
        }
        env = {**self.forge.env, **self._github(), **given, **{n: str(f) for n, f in files.items()}}
        env["PATH"] = os.pathsep.join([*reversed(self.paths), env["PATH"]])
        options = ["--noprofile", "--norc", "-eo", "pipefail"] if "shell" in step else ["-e"]
        ran = subprocess.run(
            ["bash", *options, str(script)],
            cwd=self.workspace,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
        self.outcome.steps.append(Step(self.label, step["name"], ran.returncode, ran.stdout))
        self._remember(step, files)
        self.failed = self.failed or ran.returncode != 0

    def _github(self) -> dict[str, str]:
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTOR": "ada",
            "GITHUB_REPOSITORY": self.github["repository"],
            "GITHUB_SHA": self.github["sha"],
            "GITHUB_RUN_ID": self.github["run_id"],
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temp),
        }

    def _remember(self, step: Mapping[str, Any], files: Mapping[str, Path]) -> None:
        """What a step has left for the later ones; values of more than one line are not used here."""
        said = {name: file.read_text() for name, file in files.items()}
        if "id" in step:
            self.outputs[step["id"]] = {"outputs": dict(_pairs(said["GITHUB_OUTPUT"]))}
        self.env |= dict(_pairs(said["GITHUB_ENV"]))
        self.paths += said["GITHUB_PATH"].splitlines()
        self.outcome.summaries += said["GITHUB_STEP_SUMMARY"]


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    return {name: written(value) for name, value in values.items()}


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        assert equals, f"not a name and a value: {line}"
        yield name, value
