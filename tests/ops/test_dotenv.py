"""Dotenv files: what a shell reads from one is what was written."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ops.dotenv import UnwritableError, dotenv

SHOW = "import json, os; print(json.dumps({n: v for n, v in os.environ.items() if n.startswith('T_')}))"
AWKWARD = [
    "plain",
    "rediss://default:p@ss@redis.example:6379/0?a=1&b=2",
    "two words",
    "#no comment",
    "$HOME ${HOME} $(id) `id`",
    'a "quoted" word',
    "back\\slash",
    "it's",
    "!history",
    "*?[a-z]",
    "~/x",
    "é ñ 日本",
    "=",
    "-n",
    "",
    " leading and trailing ",
]


def read_by_a_shell(file: Path) -> dict[str, str]:
    script = f'set -a; . "{file}"; exec "{sys.executable}" -c "$0"'
    ran = subprocess.run(["sh", "-c", script, SHOW], env={}, capture_output=True, text=True, check=True)
    found: dict[str, str] = json.loads(ran.stdout)
    return found


def read_by_compose(text: str) -> dict[str, str]:
    """As docs.docker.com/compose/how-tos/environment-variables/variable-interpolation tells it: single quotes
    keep everything; double quotes expand `$` and escapes; without quotes a value ends at ` #`."""
    found = {}
    for line in text.splitlines():
        name, _, value = line.partition("=")
        if value[:1] == "'":
            assert value[-1:] == "'"
            assert "'" not in value[1:-1]
            assert value[-2] != "\\"  # tried with Compose's own reader: it would go on to the next line
            found[name] = value[1:-1]
        elif value[:1] == '"':
            assert not re.search(r'[$"\\]', value[1:-1])
            found[name] = value[1:-1]
        else:
            assert not re.search(r"[\s#$'\"\\]", value)
            found[name] = value
    return found


def test_a_shell_and_compose_read_the_same(tmp_path: Path) -> None:
    variables = {f"T_{number}": value for number, value in enumerate(AWKWARD)}
    text = dotenv(variables)
    (tmp_path / ".env").write_text(text, encoding="utf-8")
    assert read_by_a_shell(tmp_path / ".env") == variables
    assert read_by_compose(text) == variables


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(values=st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=30), max_size=12))
def test_whatever_is_written_is_read_as_it_was(tmp_path: Path, values: list[str]) -> None:
    written = {}
    for number, value in enumerate(values):
        try:
            dotenv({"T": value})
        except UnwritableError:
            assert (
                value.endswith("\\")
                or not value.isprintable()
                or ("'" in value and set(value) & set('"$`\\!'))
            )
        else:
            written[f"T_{number}"] = value
    (tmp_path / ".env").write_text(dotenv(written), encoding="utf-8")
    assert read_by_a_shell(tmp_path / ".env") == written


def test_keys_and_the_like_need_no_quotes_so_that_docker_run_reads_them_too() -> None:
    assert dotenv({"B": "aZ0-_", "A": "rediss://u:p@h:6379/0"}) == "A=rediss://u:p@h:6379/0\nB=aZ0-_\n"


@pytest.mark.parametrize(
    "value", ["two\nlines", "a\rb", "\x00", 'it\'s "both"', "it's $HOME", "it's `x`", "end\\"]
)
def test_what_readers_differ_about_is_refused_by_name(value: str) -> None:
    with pytest.raises(UnwritableError) as error:
        dotenv({"FINE": "x", "BAD": value})
    assert error.value.names == ["BAD"]
    assert value not in str(error.value)
