"""The text of a message: macros, Liquid, languages, and templates that want too much."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.liquid import TemplateError, render
from sandbox.login.passwordless.connection import Options
from sandbox.login.passwordless.message import text

NUMBER = "+447700900123"
# The vendor's own example.
LANGUAGES = """{% if request_language contains 'dutch' %}
   Hier is uw verificatie code: {{ password }}
{% endif %}
{% if request_language contains 'fr-FR' %}
   Ceci est votre code: {{ password }}
{% endif %}"""


def message(template: str | None, syntax: str | None, language: str | None = None, name: str = "Acme") -> str:
    connection = {"options": {"template": template, "syntax": syntax}}
    return text(Options.of(connection), "012345", NUMBER, name, language)


@pytest.mark.parametrize("syntax", ["md_with_macros", None])
@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("Your one time password is > @@password@@", "Your one time password is > 012345"),
        ("@@code@@ for @@application.name@@", "012345 for Acme"),
        ("@@ code @@ and *no* markdown", "012345 and *no* markdown"),
        ("@@phone@@ {{ code }}", "@@phone@@ {{ code }}"),
        (None, "Your verification code is: 012345"),
    ],
)
def test_macros(template: str | None, syntax: str | None, expected: str) -> None:
    assert message(template, syntax) == expected


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        ("{{ code }}/{{ password }}", "012345/012345"),
        ("{{ application.name | upcase }} {{ phone_number }}", f"ACME {NUMBER}"),
        ("{{ nothing }}{{ application.nothing }}!", "!"),
        ("@@password@@ {{ code }}", "@@password@@ 012345"),
    ],
)
def test_liquid(template: str, expected: str) -> None:
    assert message(template, "liquid") == expected


@pytest.mark.parametrize(
    ("language", "words"),
    [("fr-FR,fr;q=0.8", "Ceci est votre code: 012345"), ("dutch", "Hier is uw verificatie code: 012345"),
     (None, ""), ("en", "")],
)  # fmt: skip
def test_a_template_of_several_languages(language: str | None, words: str) -> None:
    assert message(LANGUAGES, "liquid", language).strip() == words


@pytest.mark.parametrize("template", ["{% if code %}", "{{ code", "{% nonsense %}", "{% include 'a' %}"])
def test_a_broken_template_is_an_error_of_its_own(template: str) -> None:
    with pytest.raises(TemplateError):
        message(template, "liquid")


@pytest.mark.parametrize(
    "template",
    ["{% for i in (1..100000) %}{% for j in (1..100000) %}x{% endfor %}{% endfor %}",
     "{% for i in (1..900) %}" + "{{ code }}" * 200 + "{% endfor %}"],
)  # fmt: skip
def test_a_template_may_not_keep_the_process_busy(template: str) -> None:
    with pytest.raises(TemplateError):
        message(template, "liquid")


# The library writes every line end as a line feed.
@given(st.text(st.characters(exclude_characters="\r", exclude_categories=["Cs"]), max_size=80))
def test_an_application_s_name_is_text_and_no_template(name: str) -> None:
    assert message("{{ application.name }}", "liquid", name=name) == name
    assert message("@@application.name@@", "md_with_macros", name=name) == name


@given(st.text(alphabet="{}%@ codeif|.'\n", max_size=40))
def test_hostile_templates_are_rendered_or_refused(template: str) -> None:
    with suppress(TemplateError):
        assert isinstance(render(template, {"code": "1"}), str)
