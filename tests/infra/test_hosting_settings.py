"""Judging what a stage says of its host."""

from typing import Any

import pytest

from infra.secret import Secret
from infra.settings import Settings

from .stages import mapping, problems, settings, the_problem, twilio_secrets

REDIS = Secret("rediss://default:password@redis.acme.example:6379")


def vercel(**changes: Any) -> dict[str, Any]:
    """A stage on Vercel with everything that it takes."""
    further = {"secrets__environment": {"REDIS_URL": REDIS}}
    return {"hosting": {"kind": "vercel"}, **twilio_secrets(), **further, **changes}


def test_a_stage_hosts_itself_unless_it_says_otherwise() -> None:
    hosting = settings().hosting
    assert (hosting.kind, hosting.keep, hosting.api_url) == ("external", 5, "https://api.vercel.com")
    assert hosting.project == "auth0-phone-dev"


def test_a_project_can_be_named_and_a_team_and_a_region() -> None:
    chosen = {"kind": "vercel", "project": "phone", "team": "team_A1", "region": "fra1", "keep": 0}
    hosting = settings(**vercel(hosting=chosen)).hosting
    assert (hosting.project, hosting.team, hosting.region, hosting.keep) == ("phone", "team_A1", "fra1", 0)


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("kind", "heroku", "must be one of 'external' or 'vercel'"),
        ("project", "Phone", "is not a project's name"),
        ("project", "a---b", "is not a project's name"),
        ("project", "p" * 101, "is not a project's name"),
        ("team", "acme", "is not a team's id"),
        ("region", "europe", "is not a region"),
        ("keep", -1, "at least 0"),
        ("keep", 51, "at most 50"),
        ("apiUrl", "https://api.vercel.com.acme.example", "where the token is sent"),
        ("apiUrl", "https://localhost:8444/vercel", "where the token is sent"),
        ("apiUrl", "http://api.vercel.com", "where the token is sent"),
    ],
)
def test_what_no_host_can_be_is_refused(key: str, value: object, says: str) -> None:
    found = (
        the_problem(**vercel(hosting={"kind": "vercel", key: value}))
        if key != "kind"
        else the_problem(hosting={key: value})
    )
    assert found.key == f"hosting.{key}"
    assert says in found.message
    assert found.mend.startswith(f"pulumi config set --path hosting.{key} ")


def test_vercels_own_address_may_end_with_a_slash() -> None:
    hosting = {"kind": "vercel", "apiUrl": "https://api.vercel.com/"}
    assert not settings(**vercel(hosting=hosting)).hosting.is_on_loopback


@pytest.mark.parametrize("address", ["https://localhost:8444/vercel", "https://127.0.0.1:1"])
def test_the_local_stages_vercel_is_on_this_machine(address: str) -> None:
    changes = vercel(hosting={"kind": "vercel", "apiUrl": address}, secrets__environment={})
    stage = Settings.from_mapping(mapping(**changes), stage="local")
    assert stage.hosting.is_on_loopback
    assert stage.hosting.api_url == address


@pytest.mark.parametrize("address", ["https://acme.example", "http://localhost:8444"])
def test_the_local_stage_sends_no_token_elsewhere(address: str) -> None:
    found = problems("local", **vercel(hosting={"kind": "vercel", "apiUrl": address}))
    assert [each.key for each in found] == ["hosting.apiUrl"]


def test_vercel_wants_a_redis_and_says_how_to_set_it() -> None:
    found = the_problem(**vercel(secrets__environment={}))
    assert found.key == "secrets.environment.REDIS_URL"
    assert found.mend == "pulumi config set --path --secret secrets.environment.REDIS_URL --stack dev"
    assert (
        Settings.from_mapping(
            mapping(**vercel(secrets__environment={})), stage="dev", require_secrets=False
        ).hosting.kind
        == "vercel"
    )


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("https://redis.acme.example", "redis:// or rediss://"),
        ("unix:///run/redis", "redis:// or rediss://"),
        ("redis://localhost:6379", "loopback"),
        ("redis://[", None),
    ],
)
def test_a_redis_that_vercel_cannot_reach_is_refused_without_showing_it(url: str, says: str | None) -> None:
    changes = vercel(secrets__environment={"REDIS_URL": Secret(url)})
    if says is None:
        assert settings(**changes)
        return
    found = the_problem(**changes)
    assert found.key == "secrets.environment.REDIS_URL"
    assert says in found.message
    assert url not in str(found)


def test_an_external_host_may_have_its_redis_on_a_socket() -> None:
    assert settings(secrets__environment={"REDIS_URL": Secret("unix:///run/redis")})


def test_vercel_gives_the_form_twilios_account() -> None:
    changes = {name: value for name, value in vercel().items() if not name.startswith("secrets__twilio")}
    found = problems(**changes)
    assert [each.key for each in found] == [
        "secrets.twilioApiKey",
        "secrets.twilioApiSecret",
        "secrets.twilioVerifyService",
    ]
    assert all("hosting.kind vercel" in each.message for each in found)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("redis_url", "no name of a variable"),
        ("REDIS-URL", "no name of a variable"),
        ("ÄPFEL", "no name of a variable"),
        ("", "no name of a variable"),
        ("_X", "begin with a letter"),
        ("1X", "begin with a letter"),
        ("X" * 129, "at most 128"),
        ("VERCEL", "belongs to the platform"),
        ("VERCEL_TOKEN", "belongs to the platform"),
        ("TZ", "belongs to the platform"),
        ("PYTHONPATH", "belongs to the platform"),
        ("LD_PRELOAD", "belongs to the platform"),
        ("PHONE_REQUEST_KEY", "has a setting of its own: secrets.requestKey"),
        ("TWILIO_API_SECRET", "has a setting of its own: secrets.twilioApiSecret"),
        ("SMS_GATEWAY_SECRET_PREVIOUS", "secrets.smsGatewaySecretPrevious"),
        ("PHONE_STAGE_FILE", "given by the hosting itself"),
        ("SMS_STAGE_FILE", "given by the hosting itself"),
    ],
)
def test_names_that_are_taken_or_are_none_are_refused(name: str, says: str) -> None:
    found = the_problem(secrets__environment={name: Secret("value")})
    assert found.key == f"secrets.environment.{name}"
    assert says in found.message
    assert "pulumi config rm --path" in found.mend


@pytest.mark.parametrize("name", ["SINGLE_PROCESS", "CLIENT_ADDRESS_HEADER"])
def test_what_vercels_hosting_decides_is_anybody_elses_own(name: str) -> None:
    variables = {"REDIS_URL": REDIS, name: Secret("1")}
    assert settings(secrets__environment=variables)
    found = the_problem(**vercel(secrets__environment=variables))
    assert found.key == f"secrets.environment.{name}"
    assert "given by hosting.kind vercel" in found.message


@pytest.mark.parametrize("value", ["", "two\nlines", "a\x00b", "v" * 4097])
def test_a_value_is_one_line_and_is_never_shown(value: str) -> None:
    found = the_problem(secrets__environment={"A_KEY": Secret(value)})
    assert found.key == "secrets.environment.A_KEY"
    assert "one line" in found.message
    assert "--path --secret secrets.environment.A_KEY" in found.mend


def test_a_variable_in_clear_text_is_refused_by_its_name() -> None:
    found = the_problem(secrets__environment={"A_KEY": "in-clear", "B_KEY": Secret("hidden")})
    assert found.key == "secrets.environment.A_KEY"
    assert "in clear text" in found.message
    assert "in-clear" not in str(found)
    assert "--path --secret secrets.environment.A_KEY" in found.mend


@pytest.mark.parametrize("value", ["text", ["A_KEY"], 5])
def test_variables_are_a_table(value: object) -> None:
    found = the_problem(secrets__environment=value)
    assert (found.key, found.message) == ("secrets.environment", "must hold keys, each with a value")


@pytest.mark.parametrize("value", [{}, None, {"A_KEY": None}, {"A_KEY": ""}])
def test_variables_that_are_blank_are_not_set(value: object) -> None:
    assert settings(secrets__environment=value).secrets.environment == {}


def test_aws_is_no_carrier_on_vercel() -> None:
    sms = {"mode": "gateway", "countries": ["GB"], "carriers": ["clickatell", "aws"]}
    found = the_problem(**vercel(sms=sms, secrets__smsGatewaySecret=Secret("s" * 43)))
    assert found.key == "sms.carriers"
    assert "boto3" in found.message
