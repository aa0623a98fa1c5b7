"""Values as JavaScript literals."""

import json
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import RenderError
from infra.render.javascript import literal
from infra.secret import Secret

# Node reads one literal a line, as code, and answers with the code points of what it read.
READER = """
const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const value = new Function(JSON.parse(line))();
  console.log(JSON.stringify(value, (_, inner) => typeof inner === "string"
    ? Array.from({ length: inner.length }, (_, at) => inner.charCodeAt(at)) : inner));
});
"""


@pytest.fixture(scope="module")
def node() -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        ["node", "-e", READER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        yield reader
        assert reader.stdin is not None
        reader.stdin.close()


def units(value: object) -> object:
    """A value with each string as its UTF-16 code units, as JavaScript counts."""
    if isinstance(value, str):
        encoded = value.encode("utf-16-le", "surrogatepass")
        return [int.from_bytes(encoded[at : at + 2], "little") for at in range(0, len(encoded), 2)]
    if isinstance(value, list):
        return [units(inner) for inner in value]
    if isinstance(value, dict):
        return {key: units(inner) for key, inner in value.items()}
    return value


def read_by(node: subprocess.Popen[str], text: str) -> object:
    assert node.stdin is not None
    assert node.stdout is not None
    node.stdin.write(json.dumps(f"return {text}") + "\n")
    node.stdin.flush()
    return json.loads(node.stdout.readline())


HOSTILE = st.text(max_size=40) | st.sampled_from(
    [
        "</script>",
        "<!--",
        "]]>",
        "${x}",
        "{{x}}",
        "{%x%}",
        "\u2028\u2029",
        "\r\n",
        "\\",
        "'\"`",
        "\ud800",
        "\x00",
    ]
)
# `__proto__` as a key of a literal sets a prototype; no key of ours comes from a stage.
KEYS = st.text(max_size=10).filter(lambda key: key != "__proto__")
VALUES = st.recursive(
    HOSTILE | st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=10,
)


@given(VALUES)
@settings(deadline=None)
def test_node_reads_back_exactly_what_was_given(node: subprocess.Popen[str], value: object) -> None:
    text = literal(value)
    assert read_by(node, text) == json.loads(json.dumps(units(value)))
    assert json.loads(text) == json.loads(json.dumps(value))


@given(VALUES)
def test_a_literal_holds_nothing_that_a_page_or_an_old_parser_would_read_otherwise(value: object) -> None:
    text = literal(value)
    assert text.isascii()
    assert not set(text) & set("<>&")


def test_keys_are_sorted_and_one_a_line() -> None:
    assert literal({"b": [1], "a": None}) == '{\n"a":null,\n"b":[\n1\n]\n}'
    assert literal({"b": 1, "a": 2}) == literal({"a": 2, "b": 1})


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ({"a": [{"key": Secret("correct-horse")}]}, r"value\.a\[0\]\.key is a secret"),
        ({"a": {1, 2}}, r"value\.a is a set"),
        ({"a": b"bytes"}, r"value\.a is a bytes"),
        ({"a": object()}, r"value\.a is a object"),
        ({1: "a"}, r"value has the key 1"),
        ([float("nan")], r"value\[0\] is a float"),
        ([float("inf")], r"value\[0\] is a float"),
    ],
)
def test_what_json_cannot_carry_is_refused_with_its_place(value: object, says: str) -> None:
    with pytest.raises(RenderError, match=says) as raised:
        literal(value)
    assert "correct-horse" not in str(raised.value)


def test_endless_nesting_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(RenderError, match="too deeply"):
        literal(endless)


def test_a_text_in_disguise_is_refused() -> None:
    class Disguised(str):
        def __str__(self) -> str:
            return "something else"

    with pytest.raises(RenderError, match="Disguised"):
        literal(Disguised("a"))
