"""From settings to deployed text."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import DictLoader

from form.stage import parse_stage
from infra import contract, render
from infra.render import ACTION, FORM_STAGE, RenderError, bundle, environment, form_digest
from infra.secret import Secret

from .stages import key, settings

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = [
    "</script><script>alert(1)</script>",
    "${process.exit(1)}",
    "{{ stage }}{% raw %}",
    "\"'`\\",
    "*/ // <!-- -->",
    "\\u0022",
    "__proto__",
]


def stage_constant(code: str) -> dict[str, Any]:
    """The injected constant, read back by Node from the rendered code."""
    script = f"{code};\nconsole.log(JSON.stringify(STAGE));"
    ran = subprocess.run(["node", "-"], input=script, capture_output=True, text=True, check=True, timeout=20)
    read: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return read


def test_the_constant_says_what_the_stage_says() -> None:
    rendered = render(
        settings(
            auth0__loginHosts=["login.acme.example"],
            verification__startsAt="2026-12-01T09:00:00+01:00",
            verification__applications=["client-1"],
            verification__percentage=25,
            phone__resendSeconds=45,
        )
    )
    stage = stage_constant(rendered[ACTION])
    agreed = contract.load()
    assert stage.pop("contract") == {
        part: agreed[part]
        for part in (
            "request",
            "result",
            "secrets",
            "userMetadata",
            "appMetadata",
            "claims",
            "denyCodes",
        )
    }
    assert stage == {
        "formUrl": "https://phone-dev.acme.example/verify",
        "loginHosts": ["login.acme.example"],
        "flow": "form",
        "enforcement": "required",
        "scope": {
            "applications": ["client-1"],
            "connections": [],
            "organizations": [],
            "percentage": 25,
            "startsAt": "2026-12-01T08:00:00Z",
        },
        "allowWithoutRedirect": [],
        "trustedConnections": [],
        "smsConnection": "sms",
        "twilioVerifyUrl": "https://verify.twilio.com",
        "channel": "sms",
        "dialPrefixes": ["+1", "+44"],
        "resendSeconds": 45,
        "codeSeconds": 600,
        "claimNamespace": "https://phone-dev.acme.example/",
    }


def test_the_forms_constants_are_what_the_form_reads() -> None:
    rendered = render(settings(consent__termsUrl="https://acme.example/terms", brand__name="Ærø & <Søn>"))
    stage = parse_stage(rendered[FORM_STAGE].encode())
    assert stage.brand.name == "Ærø & <Søn>"
    assert stage.consent.terms_url == "https://acme.example/terms"
    assert stage.consent.privacy_url is None
    assert stage.contract == contract.digest()
    assert json.loads(rendered[FORM_STAGE])["countries"] == ["GB", "US"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_arrive_as_text(text: str) -> None:
    hostile = settings(brand__name=text, consent__text=text, action__name=text)
    rendered = render(hostile)
    assert json.loads(rendered[FORM_STAGE])["brand"]["name"] == text
    assert parse_stage(rendered[FORM_STAGE].encode()).consent.text == text


@given(st.text(min_size=1, max_size=60))
def test_whatever_the_settings_accept_the_form_accepts_unchanged(text: str) -> None:
    try:
        accepted = settings(brand__name=text, consent__text=text)
    except ValueError:
        return
    stage = parse_stage(bundle.form_constants(accepted).encode())
    assert stage.brand.name == accepted.brand.name
    assert stage.consent.text == accepted.consent.text


def test_no_secret_is_in_anything_rendered() -> None:
    hidden = [key(), key()]
    rendered = render(settings(secrets={"requestKey": hidden[0], "resultKey": hidden[1]}))
    assert not any(secret.reveal() in text for secret in hidden for text in rendered.values())


def test_secrets_do_not_change_what_is_rendered() -> None:
    assert render(settings()) == render(settings())


def test_rendering_is_the_same_in_another_process() -> None:
    program = (
        "from infra import render, stage_file, Settings; from pathlib import Path; import json;"
        "s = Settings.from_mapping(stage_file.load('prod', Path()), stage='prod', require_secrets=False);"
        "print(json.dumps(render(s), sort_keys=True))"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", program],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("0", "1")
    }
    assert len(runs) == 1


def test_too_much_code_is_refused() -> None:
    many = [f"client{number:058d}" for number in range(1500)]
    with pytest.raises(RenderError, match="100000"):
        render(settings(verification__applications=many))


def test_the_forms_digest_follows_the_form_alone() -> None:
    one = render(settings())
    assert form_digest(one) == form_digest(render(settings(verification__enforcement="off")))
    assert form_digest(one) != form_digest(render(settings(brand__name="Other")))
    assert form_digest(one).startswith("sha256:")


@pytest.fixture
def templates(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Templates by name, instead of those of action_src/."""
    stood_in: dict[str, str] = {}
    monkeypatch.setattr(environment, "FileSystemLoader", lambda _: DictLoader(stood_in))
    return stood_in


def test_undefined_names_are_errors(templates: dict[str, str]) -> None:
    templates["t"] = "const X = {{ stge | js }};"
    with pytest.raises(RenderError, match="stge"):
        environment.render_template("t", {"stage": {}})
    templates["t"] = "const X = {{ stge }};"
    with pytest.raises(RenderError, match="stge"):
        environment.render_template("t", {"stage": {}})
    templates["t"] = "{% if stge %}{% endif %}"
    with pytest.raises(RenderError, match="stge"):
        environment.render_template("t", {"stage": {}})


@pytest.mark.parametrize("value", ["text", 7, None, ["x"]])
def test_nothing_is_printed_but_through_the_filter(templates: dict[str, str], value: object) -> None:
    templates["t"] = "const X = {{ value }};"
    with pytest.raises(RenderError, match="js filter"):
        environment.render_template("t", {"value": value})


@pytest.mark.parametrize(
    "text", ["const X = {{ stage.key | js }};", "{{ stage | js }}", "{{ [stage.key] | js }}"]
)
def test_a_secret_in_the_context_is_an_error_that_hides_it(templates: dict[str, str], text: str) -> None:
    templates["t"] = text
    with pytest.raises(RenderError, match="is a secret") as raised:
        environment.render_template("t", {"stage": {"key": Secret("correct-horse")}})
    assert "correct-horse" not in str(raised.value)


def test_a_secret_printed_without_the_filter_is_an_error_that_hides_it(templates: dict[str, str]) -> None:
    templates["t"] = "{{ key }}"
    with pytest.raises(RenderError) as raised:
        environment.render_template("t", {"key": Secret("correct-horse")})
    assert "correct-horse" not in str(raised.value)


def test_a_missing_or_broken_template_is_a_render_error(templates: dict[str, str]) -> None:
    templates["t"] = "{% if %}"
    with pytest.raises(RenderError, match=r"^t: "):
        environment.render_template("t", {})
    with pytest.raises(RenderError, match="gone"):
        environment.render_template("gone", {})


def test_rendering_needs_no_engine() -> None:
    program = (
        "import sys, infra, infra.settings, infra.stage_file, infra.render;"
        "print({'pulumi', 'pulumi_auth0', 'aiohttp', 'grpc', 'requests'} & set(sys.modules))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "set()"
