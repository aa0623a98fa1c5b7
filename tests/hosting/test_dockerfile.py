"""The Dockerfile and its context: judged by a linter, and by what we promise of the image."""

import subprocess
import sys
from pathlib import Path

import pytest

from .dockerfile import DOCKERFILE, IGNORED, ROOT, Context, Stage, pairs, read

STAGES = read(DOCKERFILE.read_text())
HADOLINT = Path(sys.executable).with_name("hadolint")


def hadolint(text: str) -> str:
    done = subprocess.run(
        [HADOLINT, "--no-color", "--failure-threshold", "style", "-"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) == (not done.stdout), done.stderr
    return done.stdout


def test_the_linter_has_nothing_to_say() -> None:
    assert hadolint(DOCKERFILE.read_text()) == ""


@pytest.mark.parametrize(
    ("good", "bad", "rule"),
    [
        ("FROM python:${PYTHON}", "FROM python:latest", "DL3007"),
        ("WORKDIR /app", "WORKDIR app", "DL3000"),
        ('CMD ["--host", "0.0.0.0", "--port", "8080"]', "CMD --host 0.0.0.0", "DL3025"),
        ("--from=build /venv", "--from=nowhere /venv", "DL3022"),
    ],
)
def test_the_linter_would_say_something(good: str, bad: str, rule: str) -> None:
    assert rule in hadolint(DOCKERFILE.read_text().replace(good, bad))


def test_the_base_is_one_release_of_a_python_that_we_support() -> None:
    bases = {stage.base for stage in STAGES.values() if stage.base not in STAGES}
    assert len(bases) == 1
    name, _, tag = bases.pop().partition("@")[0].partition(":")
    version, kind, system = tag.split("-")
    assert (name, kind, len(version.split("."))) == ("python", "slim", 3)
    assert tuple(map(int, version.split("."))) >= (3, 11)
    assert system
    assert tag in DOCKERFILE.read_text().partition("imagetools inspect python:")[2].splitlines()[0]


def test_packages_are_those_of_the_lock_and_no_index_is_named() -> None:
    installs = [text for text in STAGES["build"].all("RUN") if " install " in text]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert "--only-binary :all:" in installs[0]
    assert "index" not in DOCKERFILE.read_text()
    lock = DOCKERFILE.read_text().partition("ARG LOCK=")[2].splitlines()[0]
    assert Context.of(ROOT, IGNORED.read_text()).has(lock)
    assert (ROOT / lock).is_file()


def test_it_runs_as_a_number_and_stops_by_the_signal_that_drains() -> None:
    base = STAGES["base"]
    user, group = base.all("USER")[-1].split(":")
    assert user.isdecimal()
    assert group.isdecimal()
    assert int(user) > 0
    assert base.all("STOPSIGNAL") == ["SIGTERM"]
    for stage in ("with-stage", "service"):
        assert STAGES[stage].base == "base"
        assert STAGES[stage].all("USER") == []


def test_the_final_stages_run_nothing_and_hold_no_secret() -> None:
    for name in ("base", "with-stage", "service"):
        assert STAGES[name].all("RUN") == []
    set_by_us = {
        variable for stage in STAGES.values() for text in stage.all("ENV") for variable in pairs(text)
    }
    assert set_by_us == {"PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "PHONE_STAGE_FILE"}


def test_everybody_may_read_what_is_inside() -> None:
    """It runs as another user than the one who checked the sources out, whose umask may keep others away."""
    assert STAGES["build"].all("RUN")[-1].endswith("chmod -R a+rX /venv .")
    assert "--chmod=555" in STAGES["with-stage"].all("COPY")[0].split()


def test_a_build_that_names_no_target_makes_the_one_without_a_stage() -> None:
    assert list(STAGES)[-1] == "service"


@pytest.mark.parametrize(
    ("path", "kept"),
    [
        ("asgi.py", True),
        ("form/templates/code.html", True),
        ("gateway/transports/twilio.py", True),
        ("action_src/contract.json", True),
        ("action_src/phone_verification.js.j2", False),
        ("rendered-dev/form/stage.json", True),
        ("rendered/prod/gateway/stage.json", True),
        ("rendered-dev/actions/verification.js", False),
        ("form/__pycache__/app.cpython-311.pyc", False),
        ("host.env", False),
        (".env", False),
        (".git/config", False),
        (".local/keys.json", False),
        ("Pulumi.prod.yaml", False),
        ("infra/settings.py", False),
        ("hosting/compose.yaml", False),
    ],
)
def test_the_builder_sees_what_the_image_is_made_of_and_no_more(path: str, kept: bool) -> None:
    assert Context.of(ROOT, IGNORED.read_text()).has(path) is kept


def test_the_reader_reads_as_docker_does() -> None:
    text = '# note\nARG A=1\nFROM x:${A} AS one\nENV B=2 \\\n  C="3 4"\n'
    text += "FROM one AS two\nARG D=d\nCOPY ${D} there\n"
    assert read(text, D="e") == {
        "one": Stage("one", "x:1", [("ENV", 'B=2    C="3 4"')]),
        "two": Stage("two", "one", [("COPY", "e there")]),
    }
    assert pairs('B=2    C="3 4"') == {"B": "2", "C": "3 4"}
