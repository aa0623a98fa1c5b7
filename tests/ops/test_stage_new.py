"""What `stage new` asks and writes: pure, without an engine and without a terminal."""

import datetime
import getpass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from infra import schema, stage_file
from infra.rules import GENERATED
from infra.secret import Secret
from infra.settings import Settings
from ops.errors import OpsError
from ops.stages import answers, asking, next_steps, place, secret_values
from ops.stages.command import _checked
from ops.stages.place import Place
from ops.stages.questions import QUESTIONS
from ops.stages.stage_text import compose, scalar
from ops.toolchain import Toolchain

ROOT = Path(__file__).resolve().parents[2]
PROJECT = schema.load(ROOT / "Pulumi.yaml")
NEEDED: dict[str, Any] = {
    "auth0.domain": "acme.eu.auth0.com",
    "publicBaseUrl": "https://phone.acme.example",
    "phone.countries": ["GB", "DE"],
    "brand.name": "Acme",
}
TWILIO = {
    "TWILIO_API_KEY": "SK" + "0" * 32,
    "TWILIO_API_SECRET": "a-secret-of-twilio",
    "TWILIO_VERIFY_SERVICE": "VA" + "0" * 32,
}


class Script:
    """A person whose answers are known beforehand, by what the prompt begins with."""

    def __init__(self, **said: list[str]) -> None:
        self.said = {key.replace("__", "."): iter(texts) for key, texts in said.items()}
        self.heard: list[str] = []

    def say(self, text: str) -> None:
        self.heard.append(text)

    def ask(self, prompt: str) -> str:
        key = prompt.strip().split(" ")[0].rstrip(":,")
        return next(self.said.get(key, iter(())), "")

    ask_hidden = ask


def written(
    stage: str, settings: dict[str, Any], folder: Path, sealed: dict[str, Any] | None = None
) -> dict[str, Any]:
    file = folder / f"Pulumi.{stage}.yaml"
    file.write_text(compose(stage, settings, PROJECT, sealed or {}), encoding="utf-8")
    return stage_file.load(stage, ROOT, file)


def test_every_question_is_a_setting_with_an_option_and_a_reason() -> None:
    assert len({question.option for question in QUESTIONS}) == len(QUESTIONS)
    for question in QUESTIONS:
        assert question.key in answers.LEAVES
        assert question.why.endswith(".")


def test_whatever_a_stage_must_say_is_asked() -> None:
    asked = {question.key for question in QUESTIONS}
    required = {key for key, leaf in answers.LEAVES.items() if leaf.field.is_required()}
    assert required
    assert required <= asked
    assert answers.problems("dev", asking.complete("dev", NEEDED, None, True)) == []


def test_without_a_terminal_everything_that_is_missing_or_wrong_is_told_at_once() -> None:
    with pytest.raises(OpsError) as refused:
        asking.complete(
            "dev",
            {"brand.color": "blue", "consent.termsUrl": "http://x.example"},
            None,
            False,
            ["--backend: x"],
        )
    for option in ("--domain", "--address", "--countries", "--brand", "--backend", "--color", "--terms-url"):
        assert f"{option}" in refused.value.why
    assert "--yes takes the defaults of --login-hosts, --hosting" in refused.value.why


def test_yes_takes_the_defaults_and_what_follows_from_other_answers() -> None:
    settings = asking.complete(
        "dev", NEEDED | {"sms.mode": "gateway", "sms.carriers": ["twilio"]}, None, True
    )
    assert settings["auth0.loginHosts"] == ["acme.eu.auth0.com"]
    assert settings["sms.countries"] == ["GB", "DE"]
    assert settings["protect"] is True
    assert settings["consent.version"] == datetime.date.today().isoformat()
    assert "consent.termsUrl" not in settings


def test_what_follows_from_a_wrong_answer_is_not_told_besides() -> None:
    with pytest.raises(OpsError) as refused:
        asking.complete("dev", NEEDED | {"auth0.domain": "https://acme.eu.auth0.com"}, None, True)
    assert refused.value.why.count("bare host") == 1


def test_rules_between_settings_hold_here_too() -> None:
    for settings, option in (
        ({"publicBaseUrl": "https://acme.eu.auth0.com"}, "--address"),
        ({"sms.mode": "provider"}, "--carriers"),
    ):
        with pytest.raises(OpsError, match=option):
            asking.complete("dev", NEEDED | settings, None, True)


@pytest.mark.parametrize("stage", ["prod", "production", "prod-eu"])
def test_production_is_protected(stage: str) -> None:
    assert asking.complete(stage, NEEDED, None, True)["protect"] is True
    with pytest.raises(OpsError, match="--protect"):
        asking.complete(stage, NEEDED | {"protect": False}, None, True)
    with pytest.raises(OpsError, match="--protect"):
        asking.complete("dev", NEEDED | {"protect": "perhaps"}, None, True)


def test_nobody_is_asked_for_a_code_by_a_new_stage() -> None:
    assert asking.complete("dev", NEEDED, None, True)["verification.enforcement"] == "off"
    with pytest.raises(OpsError, match="starts with"):
        asking.complete("dev", NEEDED | {"verification.enforcement": "required"}, None, True)


def test_a_wrong_answer_is_asked_again_at_once_and_an_empty_one_is_the_default() -> None:
    person = Script(
        auth0__domain=["acme.eu.auth0.com/", "localhost:8443", "acme.eu.auth0.com"],
        publicBaseUrl=["phone.acme.example", "https://acme.eu.auth0.com", "https://phone.acme.example"],
        phone__countries=["", "UK", "GB DE"],
        brand__name=["Acme"],
        protect=["perhaps", "no"],
    )
    settings = asking.complete("dev", {}, person, False)
    assert settings | NEEDED == settings
    assert settings["protect"] is False
    said = "\n".join(person.heard)
    assert said.count("That will not do") == 7
    assert "did you mean GB?" in said
    assert not any("sms.carriers" in line for line in person.heard)


def test_what_an_option_says_is_not_asked_unless_it_is_wrong() -> None:
    person = Script(publicBaseUrl=["https://phone.acme.example"])
    settings = asking.complete("dev", NEEDED | {"publicBaseUrl": "http://x"}, person, False)
    assert settings["publicBaseUrl"] == "https://phone.acme.example"
    assert "\nThe name on the form" not in "".join(person.heard)


def test_the_terminal_lets_an_interruption_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupted)
    monkeypatch.setattr(getpass, "getpass", interrupted)
    tty = asking.Tty(Console())
    for ask in (tty.ask, tty.ask_hidden):
        with pytest.raises(KeyboardInterrupt):
            ask("?")


def test_a_key_that_no_stage_has_is_refused() -> None:
    with pytest.raises(OpsError, match=r"brand\.colour"):
        asking.complete("dev", NEEDED | {"brand.colour": "#000000"}, None, True)


@pytest.mark.parametrize("name", ["local", "Prod", "a_b", "a--b", "-a", "a.b", "../x", "ä", "", "x" * 41])
def test_a_name_that_will_not_do(name: str) -> None:
    with pytest.raises(OpsError) as refused:
        _checked(name)
    if name != "local":
        assert _checked(refused.value.mend.removeprefix("Call it "))


def _accepted(settings: dict[str, Any]) -> bool:
    return not answers.problems("dev", settings)


_TEXTS = st.text(min_size=1, max_size=60)
_AWKWARD = st.sampled_from(
    [
        "off",
        "NO",
        "1.10",
        "0x1F",
        "2026-11-22",
        "~",
        "null",
        "- a",
        "a: b",
        "#x",
        "[a",
        "{",
        "'",
        '"',
        "a\\b",
        "@x",
        "=",
        "<<",
        "12:30",
        " a",
        "true",
        "é\ufeff",
        "\U0001f600",
        "\uffff",
    ]
)


@given(_TEXTS | _AWKWARD)
def test_any_name_that_a_stage_may_have_is_read_back_as_it_was(name: str) -> None:
    line = f"name: {scalar(name)}\nlist: [{scalar(name)}, x]\n"
    assert yaml.safe_load(line) == schema.parse_yaml(line) == {"name": name, "list": [name, "x"]}


@given(brand=_TEXTS | _AWKWARD)
def test_a_written_stage_is_the_one_that_was_answered(
    brand: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = {**NEEDED, "brand.name": brand}
    if not _accepted(settings):
        return
    mapping = written("dev", asking.complete("dev", settings, None, True), tmp_path_factory.getbasetemp())
    judged = Settings.from_mapping(mapping, stage="dev", require_secrets=False)
    assert judged.brand.name == brand.strip()


def test_the_file_explains_every_key_that_it_has_and_keeps_what_pulumi_wrote(tmp_path: Path) -> None:
    settings = asking.complete(
        "dev",
        NEEDED | {"sms.mode": "gateway", "sms.carriers": ["twilio"], "sms.limits": {"total": "5/hour"}},
        None,
        True,
    )
    sealed = {
        "config": {
            "auth0-phone:secrets": {
                "requestKey": {"secure": "v1:x"},
                "environment": {"REDIS_URL": {"secure": "v1:y"}},
            }
        },
        "secretsprovider": "awskms://key?region=x",
        "encryptedkey": "abc=",
    }
    mapping = written("dev", settings, tmp_path, sealed)
    assert mapping["sms"]["limits"]["total"] == "5/hour"
    assert isinstance(mapping["secrets"]["environment"]["REDIS_URL"], Secret)
    text = (tmp_path / "Pulumi.dev.yaml").read_text()
    assert yaml.safe_load(text) == schema.parse_yaml(text)
    assert schema.parse_yaml(text)["encryptedkey"] == "abc="
    assert max(map(len, text.splitlines())) <= 110
    lines = text.splitlines()
    for key in settings:
        leaf = key.rpartition(".")[2]
        (at,) = [
            n
            for n, line in enumerate(lines)
            if line.strip().removeprefix("auth0-phone:").startswith(f"{leaf}:")
            and not line.endswith(("auth0-phone:sms:",))
        ][:1]
        assert lines[at - 1].strip().startswith("#"), key


@pytest.fixture
def no_accounts(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in (*TWILIO, "REDIS_URL"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_keys_are_made_here_each_its_own(no_accounts: pytest.MonkeyPatch) -> None:
    settings = asking.complete(
        "dev", NEEDED | {"sms.mode": "gateway", "sms.carriers": ["twilio"]}, None, True
    )
    values, unset = secret_values.collect("dev", settings, None)
    assert tuple(values) == GENERATED
    assert unset == {}
    assert len({value.reveal() for value in values.values()}) == 3
    again, _ = secret_values.collect("dev", settings, None)
    assert not {value.reveal() for value in again.values()} & {value.reveal() for value in values.values()}


def test_accounts_secrets_come_from_the_hosts_variables_or_later(no_accounts: pytest.MonkeyPatch) -> None:
    settings = asking.complete("dev", NEEDED | {"hosting.kind": "vercel"}, None, True)
    values, unset = secret_values.collect("dev", settings, None)
    assert set(values) == {"secrets.requestKey", "secrets.resultKey"}
    assert set(unset) == {
        f"secrets.{name}"
        for name in ("twilioApiKey", "twilioApiSecret", "twilioVerifyService", "environment.REDIS_URL")
    }
    assert unset["secrets.environment.REDIS_URL"].startswith(
        "pulumi config set --path --secret secrets.environment.REDIS_URL"
    )
    for name, value in (TWILIO | {"REDIS_URL": "rediss://redis.acme.example"}).items():
        no_accounts.setenv(name, value)
    values, unset = secret_values.collect("dev", settings, None)
    assert unset == {}
    assert values["secrets.environment.REDIS_URL"].reveal() == "rediss://redis.acme.example"
    no_accounts.setenv("REDIS_URL", "https://:canary@redis.acme.example")
    with pytest.raises(OpsError) as refused:
        secret_values.collect("dev", settings, None)
    assert "REDIS_URL" in refused.value.what
    assert "canary" not in str(refused.value)


def test_at_a_terminal_accounts_secrets_are_asked_for(no_accounts: pytest.MonkeyPatch) -> None:
    no_accounts.setenv("TWILIO_API_KEY", "SK" + "9" * 32)
    settings = asking.complete("dev", NEEDED | {"hosting.kind": "vercel"}, None, True)
    person = Script(secrets__twilioApiKey=["nonsense", TWILIO["TWILIO_API_KEY"]])
    values, unset = secret_values.collect("dev", settings, person)
    assert values["secrets.twilioApiKey"].reveal() == TWILIO["TWILIO_API_KEY"]
    assert "secrets.twilioApiSecret" in unset
    assert not any("nonsense" in line for line in person.heard)


def test_a_passphrase_is_typed_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = iter(
        ["short", "correct horse battery", "another", "correct horse battery", "correct horse battery"]
    )
    person = Script()
    person.ask_hidden = lambda prompt: next(typed)  # type: ignore[method-assign]  # what this person does
    assert place._passphrase(person) == "correct horse battery"
    with pytest.raises(OpsError, match="no passphrase"):
        place._passphrase(None)


@pytest.mark.parametrize("kind", ["external", "vercel"])
@pytest.mark.parametrize("source", ["path", "cache"])
def test_the_next_steps_fit_what_was_made(kind: str, source: Any, tmp_path: Path) -> None:
    tools = Toolchain(tmp_path / "pulumi", tmp_path, None, "3.259.0", source)
    settings = asking.complete("dev", NEEDED | {"hosting.kind": kind}, None, True)
    where = Place("s3://bucket?region=x&y=z", "passphrase", is_current=False)
    text = "\n".join(next_steps.lines("dev", settings, where, {"secrets.x": "set x"}, tools))
    assert "pulumi login 's3://bucket?region=x&y=z'" in text
    assert "set x" in text
    assert ("host-env dev" in text) is (kind == "external")
    assert ("VERCEL_TOKEN" in text) is (kind == "vercel")
    assert ("ops.toolchain" in text) is (source == "cache")
    here = Place("https://api.pulumi.com", "default", is_current=True)
    assert "pulumi login" not in "\n".join(next_steps.lines("dev", settings, here, {}, tools))
