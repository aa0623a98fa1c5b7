"""The right tenant, its one owner, and whoever deploys there: real stages, by their real names."""

import re
from collections.abc import Iterator

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.journey.deployers import deployer_with_key, goes_by
from tests.journey.named_tenant import FREE, Rate
from tests.journey.real_stage import Origin, RealStage, live
from tests.journey.stage import OURS

PEM, PKCS8 = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
SubjectPublicKeyInfo = serialization.PublicFormat.SubjectPublicKeyInfo
DEV, PROD = "acme-dev.eu.auth0.com", "acme.eu.auth0.com"
SMS = {"sms__mode": "gateway", "sms__countries": ["GB"], "sms__carriers": ["clickatell"]}
# What a first `up` of everything may cost; a free tenant allows two calls a second.
FIRST_UP_CALLS = 20
# Each costs a second or so of waiting.
FIRST_UP_REFUSED = 30


@pytest.fixture(scope="module")
def stages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[RealStage, RealStage]]:
    with live(tmp_path_factory.mktemp("safety"), "dev", "prod") as (dev, prod):
        dev.set(verification__enforcement="required", **SMS)
        yield dev, prod


@pytest.fixture(scope="module")
def fresh(stages: tuple[RealStage, RealStage]) -> Origin:
    return stages[0].origin()


@pytest.fixture
def dev(stages: tuple[RealStage, RealStage], fresh: Origin) -> RealStage:
    """The stage with nothing deployed."""
    stages[0].back_to(fresh)
    return stages[0]


@pytest.fixture(scope="module")
def deployed(stages: tuple[RealStage, RealStage], fresh: Origin) -> Origin:
    """A first `up` of everything, on a free tenant."""
    dev, _ = stages
    dev.back_to(fresh)
    dev.proxy.rate = Rate(*FREE)
    dev.up()
    assert dev.proxy.refused <= FIRST_UP_REFUSED
    assert len(dev.proxy.calls) - dev.proxy.refused <= FIRST_UP_CALLS
    return dev.origin()


@pytest.fixture
def up(stages: tuple[RealStage, RealStage], deployed: Origin) -> RealStage:
    """The stage with everything deployed."""
    stages[0].back_to(deployed)
    return stages[0]


def writes(stage: RealStage) -> list[tuple[str, str]]:
    return [call for call in stage.proxy.calls if call[0] != "GET"]


def test_a_first_up_keeps_to_a_free_tenants_rate_and_to_its_budget(up: RealStage) -> None:
    assert up.tenant.bindings() == [OURS]


def test_t44_another_tenants_environment_stops_the_preview_with_both_names(dev: RealStage) -> None:
    said = dev.pulumi("preview", env={"AUTH0_DOMAIN": PROD}).stdout
    assert f"The stage 'dev' belongs to the tenant {DEV}, and AUTH0_DOMAIN names {PROD}" in said
    assert "unset AUTH0_DOMAIN" in said
    assert "Traceback" not in said
    assert dev.proxy.calls == []


@pytest.mark.parametrize("command", [("preview",), ("up", "--yes", "--skip-preview")])
def test_another_stages_credentials_write_nothing_at_a_first_up(
    dev: RealStage, stages: tuple[RealStage, RealStage], command: tuple[str, ...]
) -> None:
    _, prod = stages
    theirs = {name: prod.env[name] for name in ("AUTH0_CLIENT_ID", "AUTH0_CLIENT_SECRET")}
    refused = dev.pulumi(*command, env=theirs)
    assert refused.returncode != 0
    who = f"does not let in the application {theirs['AUTH0_CLIENT_ID']}"
    assert f"belongs to the tenant {DEV}, and that {who}" in refused.stdout
    assert dev.tenant.actions() == prod.tenant.actions() == {}
    assert writes(dev) == []


def test_another_stages_token_is_named_beside_the_tenant(
    up: RealStage, stages: tuple[RealStage, RealStage]
) -> None:
    theirs = stages[1].tenant
    token = {"AUTH0_API_TOKEN": theirs.token(), "AUTH0_CLIENT_ID": "", "AUTH0_CLIENT_SECRET": ""}
    refused = up.on("up", "--yes", "--skip-preview", env=token)
    assert refused.returncode == 1
    # Its own word, which the sandbox of that tenant gave it.
    meant = f"https://localhost:{theirs.port}/api/v2/"
    said = f"The tenant {DEV} does not let in the token in AUTH0_API_TOKEN, which is for {meant}"
    assert said in refused.stdout
    assert writes(up) == []


def test_a_wrong_secret_is_named_before_pulumi_starts(up: RealStage) -> None:
    refused = up.on("up", "--yes", env={"AUTH0_CLIENT_SECRET": "wrong"})
    assert f"The tenant {DEV} does not let in the application {up.env['AUTH0_CLIENT_ID']}" in refused.stdout
    assert "Updating" not in refused.stdout
    assert up.proxy.calls == []


def test_the_stack_stays_at_its_tenant(up: RealStage) -> None:
    up.set(auth0__domain=PROD)
    refused = up.pulumi("up", "--yes", "--skip-preview")
    assert f"This stack belongs to the tenant {DEV}, and auth0.domain says {PROD}" in refused.stdout
    assert f"pulumi config set --path auth0.domain {DEV} --stack dev" in refused.stdout
    assert writes(up) == []


@pytest.mark.parametrize("enforcement", ["off", "required"])
def test_f20_a_second_stack_is_refused_at_its_preview(up: RealStage, fresh: Origin, enforcement: str) -> None:
    """Its state knows of nothing that is in the tenant."""
    deployed = up.tenant.control("GET", "/state")
    up.back_to(fresh)
    up.tenant.control("POST", "/state", deployed)
    up.set(verification__enforcement=enforcement)
    refused = up.pulumi("preview")
    assert refused.returncode != 0
    # Whichever the engine comes to first.
    assert re.search(f"The tenant {DEV} already has the (Action '{OURS}'|connection 'sms')", refused.stdout)
    assert "the stack 'dev' would make another" in refused.stdout
    assert re.search(r"pulumi config set --path (action.name|sms.connectionName) ", refused.stdout)
    assert re.search(r"pulumi import auth0:index/(action:Action|connection:Connection) ", refused.stdout)
    assert writes(up) == []


def key_pair() -> tuple[str, str]:
    """A private key and its public one, in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(PEM, PKCS8, serialization.NoEncryption())
    return private.decode(), key.public_key().public_bytes(PEM, SubjectPublicKeyInfo).decode()


def by_key(client: str, private: str, algorithm: str) -> dict[str, str]:
    return {
        "AUTH0_CLIENT_ID": client,
        "AUTH0_CLIENT_SECRET": "",
        "AUTH0_CLIENT_ASSERTION_PRIVATE_KEY": private,
        "AUTH0_CLIENT_ASSERTION_SIGNING_ALG": algorithm,
    }


def test_a_private_key_deploys_as_a_secret_does(dev: RealStage) -> None:
    goes_by(dev.tenant, DEV)
    private, public = key_pair()
    client = deployer_with_key(dev.tenant, public, "PS256")
    strange = dev.on("up", "--yes", env=by_key(client, key_pair()[0], "PS256"))
    assert f"The tenant {DEV} does not let in the application {client}" in strange.stdout
    assert dev.proxy.calls == []
    done = dev.on("up", "--yes", "--skip-preview", env=by_key(client, private, "PS256"))
    assert done.returncode == 0, done.stdout
    assert dev.tenant.bindings() == [OURS]
    assert private not in strange.stdout + done.stdout
    logs = dev.tenant.control("GET", "/logs")["logs"]
    refused, *let_in = [each["type"] for each in logs if each.get("client_id") == client]
    assert refused == "feccft"
    # Tokens for our command's own question and for the plugin's clients, and the plugin's changes.
    assert set(let_in) == {"seccft", "sapi"}
    assert let_in.count("seccft") > 1


def test_our_command_refuses_a_destroy_while_the_action_is_bound(up: RealStage) -> None:
    refused = up.on("destroy", "--yes", "--skip-preview")
    assert refused.returncode == 1
    assert "The Action is still bound" in refused.stdout
    assert "pulumi config set --path verification.enforcement off --stack dev" in refused.stdout
    assert up.tenant.bindings() == [OURS]
