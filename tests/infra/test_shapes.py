"""What templates and patterns can look like, and whether they can meet."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.texts import compile_pattern
from infra.shapes import Hole, Shape, as_liquid, can_meet, of_pattern, of_template, variables

CODE, TEXT = Hole.CODE, Hole.TEXT


@pytest.mark.parametrize(
    ("template", "shapes"),
    [
        ("Your code is {{ code }}.", [("Your code is ", CODE, ".")]),
        ("{{password}} for {{ application.name | upcase }}", [(CODE, " for ", TEXT)]),
        ("{{- code -}}  now", [(CODE, "now")]),
        ("a  {%- comment %} {{ code }} {% endcomment -%}  b", [("a", "b")]),
        ("{% assign x = 'y' %}{{ code }}", [(CODE,)]),
        (
            "{% if locale == 'da' %}Kode {{ code }}{% elsif x %}{{ code }}{% else %}Code{% endif %}!",
            [("Kode ", CODE, "!"), (CODE, "!"), ("Code", "!")],
        ),
        ("{% unless x %}{{ code }}{% endunless %}", [(CODE,), ()]),
        (
            "{% case locale %}\n{% when 'da' %}a{% when 'de' %}b{% else %}c{% endcase %}",
            [("a",), ("b",), ("c",)],
        ),
        ("{% case locale %}{% endcase %}x", [("x",)]),
        ("{% if a %}{% if b %}1{% endif %}{% endif %}", [("1",), (), ()]),
        ("no tags, { or }", [("no tags, { or }",)]),
    ],
)
def test_liquid_has_one_shape_for_each_way_through(template: str, shapes: list[Shape]) -> None:
    assert of_template(template, "liquid") == shapes


def test_macros_are_read_in_their_syntax_alone() -> None:
    assert of_template("@@password@@ @@application.name@@", "md_with_macros") == [(CODE, " ", TEXT)]
    assert of_template("@@code@@", "md_with_macros") == [(CODE,)]
    assert of_template("{{ code }}", "md_with_macros") == [("{{ code }}",)]
    assert of_template("@@password@@", "liquid") == [("@@password@@",)]


@pytest.mark.parametrize(
    ("template", "why"),
    [
        ("{{ code", "not closed"),
        ("code }}", "not opened"),
        ("{% if x %}{{ code }}", "lacks {% endif %}"),
        ("{% case x %}{% when 1 %}", "lacks {% endcase %}"),
        ("{% for x in y %}{% endfor %}", "has the tag {% for %}"),
        ("{% endif %}", "has the tag {% endif %}"),
        ("{% %}", "has the tag"),
        ("{% if a %}{% else %}{% endif %}" * 7, "more than 64 ways"),
    ],
)
def test_a_template_that_cannot_be_read_says_why(template: str, why: str) -> None:
    with pytest.raises(ValueError, match=re.escape(why)):
        of_template(template, "liquid")


@pytest.mark.parametrize(
    ("pattern", "shape"),
    [
        ("Your code is {code}.", ("Your code is ", CODE, ".")),
        ("{text}{code}{text}", (TEXT, CODE, TEXT)),
        ("Your password was changed.", ("Your password was changed.",)),
    ],
)
def test_patterns_are_literal_text_with_holes(pattern: str, shape: Shape) -> None:
    assert of_pattern(pattern) == shape


@pytest.mark.parametrize(
    ("pattern", "why"),
    [
        ("{cod}", "brace"),
        ("{{code}}", "brace"),
        ("a } b", "brace"),
        ("{text}", "every message"),
        ("{text} {text}", "every message"),
        ("{text}a{text}b{text}c{text}", "more than 3 times"),
    ],
)
def test_a_pattern_that_means_nothing_says_why(pattern: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        of_pattern(pattern)


TEMPLATE = "Your code for {{ application.name }} is {{ code }}."


@pytest.mark.parametrize(
    ("pattern", "meets"),
    [
        ("Your code for {text} is {code}.", True),
        ("Your code for Acme is {code}.", True),
        ("Your code for Acme is 123456.", True),
        ("{text}{code}{text}", True),
        ("{code}{text}", False),
        ("{text}{code}", False),
        ("Your code is {code}.", False),
        ("Your code for {text} is 12345.", False),
        ("Your code for {text} is 12345a.", False),
        ("your code for {text} is {code}.", False),
        ("Your code for {text} is {code}. ", False),
    ],
)
def test_a_template_meets_a_pattern_when_some_message_has_both_shapes(pattern: str, meets: bool) -> None:
    (shape,) = of_template(TEMPLATE, "liquid")
    assert can_meet(shape, of_pattern(pattern), 6) is meets


@pytest.mark.parametrize(
    ("text", "meets"),
    [
        ("x" * 60, True),
        ("x" * 61, False),
        ("acme.example", False),
        ("Hi. Your", True),
        ("a:", False),
        ("a/b", False),
    ],
)
def test_a_patterns_text_is_short_and_makes_no_link(text: str, meets: bool) -> None:
    assert can_meet((text, CODE), of_pattern("{text}{code}"), 6) is meets


def test_the_codes_length_counts() -> None:
    assert can_meet((CODE,), ("1234",), 4)
    assert not can_meet((CODE,), ("1234",), 6)
    assert can_meet((), (), 6)
    assert can_meet((TEXT,), (), 6)
    assert not can_meet(("a",), (), 6)


PIECES = st.lists(st.sampled_from(["a", "1", "a. ", ".b", "12", ":", CODE, TEXT]), max_size=5).map(tuple)
FILLED = ["", "a", "12", "ab1", ". "]


def instances(shape: Shape) -> list[str]:
    texts = [""]
    for part in shape:
        choices = [part] if isinstance(part, str) else {CODE: ["12", "11"], TEXT: FILLED}[part]
        texts = [text + choice for text in texts for choice in choices]
    return texts


@given(PIECES, PIECES.filter(lambda shape: shape.count(TEXT) <= 3))
def test_what_the_gateway_lets_pass_is_never_said_to_be_refused(template: Shape, pattern: Shape) -> None:
    written = "".join(part if isinstance(part, str) else part.value for part in pattern)
    gateway = compile_pattern(written, 2)
    if any(gateway.fullmatch(text) for text in instances(template)):
        assert can_meet(template, pattern, 2)


@given(PIECES.filter(lambda shape: TEXT not in shape), PIECES.filter(lambda shape: shape.count(TEXT) <= 3))
def test_a_template_without_gaps_passes_exactly_when_the_gateway_says_so(
    template: Shape, pattern: Shape
) -> None:
    written = "".join(part if isinstance(part, str) else part.value for part in pattern)
    gateway = compile_pattern(written, 1)
    codes = ["1", "2"] if CODE in template else [""]
    texts = ["".join(part if isinstance(part, str) else code for part in template) for code in codes]
    # Two codes tell a digit that stands in the pattern from one that a code fills in.
    assert can_meet(template, pattern, 1) >= any(gateway.fullmatch(text) for text in texts)
    if CODE not in template:
        assert can_meet(template, pattern, 1) == bool(gateway.fullmatch(texts[0]))


@given(st.text(alphabet="{}%- ifelsndc'@=", max_size=40))
def test_reading_a_template_either_works_or_says_why(template: str) -> None:
    try:
        read = "\n".join(map(str, of_template(template, "liquid")))
    except ValueError as error:
        read = str(error)
    assert read


def test_variables_are_names_outside_of_quotes() -> None:
    found = variables(
        "{% if request_language == 'password' %}{{ code | default: \"phone_number\" }}{% endif %} password"
    )
    assert {"request_language", "code"} <= found
    assert not {"password", "phone_number"} & found


def test_macros_become_liquid() -> None:
    assert as_liquid("@@password@@, @@application.name@@", "md_with_macros") == (
        "{{ code }}, {{ application.name }}"
    )
    assert as_liquid(TEMPLATE, "liquid") == TEMPLATE
