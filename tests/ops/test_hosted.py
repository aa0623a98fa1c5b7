"""What the local stage's service is started with: everything by the contract's names, and no more."""

from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

from infra.settings import Settings
from ops import hosted
from ops.local import LocalState
from ops.processes import Background
from ops.services import LocalSecrets
from tests.ops.samples import SANDBOX, prepared, settings

CONTRACT = {
    "environment": {
        "requestKey": "X_REQUEST",
        "resultKey": "X_RESULT",
        "twilioApiKey": "X_KEY",
        "twilioApiSecret": "X_SECRET",
        "twilioVerifyService": "X_SERVICE",
        "stageFile": "X_STAGE",
        "singleProcess": "X_SINGLE",
    },
    "gatewayEnvironment": {"secret": "Y_SECRET", "stageFile": "Y_STAGE"},
}
CARRIERS = ("CLICKATELL_", "VONAGE_", "PLIVO_")


class Started:
    """The processes that would have been started, by what they were told."""

    def __init__(self, local: LocalState) -> None:
        self.local, self.keys = local, LocalSecrets.of(local)
        self.environments: list[dict[str, str]] = []
        self.digests: list[str] = []

    def record(self, command: list[str], environment: dict[str, str], digest: str) -> None:
        assert command[1:4] == ["asgi.py", "--port", "9447"]
        self.environments.append(environment)
        self.digests.append(digest)

    def with_(self, stage: Settings) -> dict[str, str]:
        """Start the service for a stage; what it was told beyond what it inherits."""
        hosted.start_hosted(self.local, SANDBOX, self.keys, stage, 9443)
        told = self.environments[-1]
        return {name: told[name] for name in told if name.startswith(("X_", "Y_", *CARRIERS))}


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Started:
    it = Started(prepared(tmp_path / "state"))
    monkeypatch.setattr(Background, "start", it.record)
    monkeypatch.setattr(Background, "await_ready", lambda *_: None)
    monkeypatch.setattr(hosted, "refuse_held", lambda *_: None)
    monkeypatch.setattr(hosted, "contract", SimpleNamespace(load=lambda: CONTRACT))
    return it


def of_the_form(started: Started) -> dict[str, str]:
    return {
        "X_REQUEST": started.keys.request_key,
        "X_RESULT": started.keys.result_key,
        "X_KEY": SANDBOX.twilio_account["api_key"],
        "X_SECRET": SANDBOX.twilio_account["api_secret"],
        "X_SERVICE": SANDBOX.twilio_account["verify_service"],
        "X_STAGE": str(started.local.bundle / "form" / "stage.json"),
        "X_SINGLE": "1",
    }


def test_without_a_gateway_the_form_is_told_everything_by_the_contracts_names(started: Started) -> None:
    assert started.with_(settings(mode="off")) == of_the_form(started)


@pytest.mark.parametrize("mode", ["gateway", "provider"])
def test_the_gateway_has_its_secret_its_stage_and_its_carriers_account(started: Started, mode: str) -> None:
    assert started.with_(settings(mode=mode, carriers=["clickatell"])) == {
        **of_the_form(started),
        "Y_SECRET": started.keys.sms_gateway_secret,
        "Y_STAGE": str(started.local.bundle / "gateway" / "stage.json"),
        "CLICKATELL_API_KEY": "clickatell-key",
    }


@pytest.mark.parametrize(
    ("carriers", "by_country", "prefixes"),
    [
        (["plivo"], {}, {"PLIVO"}),
        (["plivo", "vonage"], {}, {"PLIVO", "VONAGE"}),
        (["plivo"], {"GB": ["vonage", "log"]}, {"PLIVO", "VONAGE"}),
        (["log"], {}, set()),
    ],
)
def test_carriers_that_the_stage_does_not_use_give_it_no_credentials(
    started: Started, carriers: list[str], by_country: dict[str, list[str]], prefixes: set[str]
) -> None:
    told = started.with_(settings(carriers=carriers, carriersByCountry=by_country))
    assert {name.partition("_")[0] for name in told} - {"X", "Y"} == prefixes


def test_the_service_trusts_the_sandboxs_authority_and_inherits_no_account(
    started: Started, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", "/etc/ssl/cert.pem")
    monkeypatch.setenv("VONAGE_API_SECRET", "real")
    monkeypatch.setenv("SMS_GATEWAY_SECRET_PREVIOUS", "real")
    started.with_(settings())
    (environment,) = started.environments
    assert environment["SSL_CERT_FILE"] == str(SANDBOX.ca)
    assert "real" not in environment.values()


def test_it_is_started_anew_when_its_carriers_or_its_bundle_change(started: Started) -> None:
    stage_json = started.local.bundle / "gateway" / "stage.json"
    stage_json.parent.mkdir(parents=True)
    for carriers, text in ((["plivo"], "{}"), (["vonage"], "{}"), (["vonage"], '{"stage": "local"}')):
        stage_json.write_text(text)
        started.with_(settings(carriers=carriers))
    assert len(set(started.digests)) == 3


def test_what_runs_from_the_same_is_kept(started: Started, monkeypatch: pytest.MonkeyPatch) -> None:
    started.with_(settings())
    monkeypatch.setattr(Background, "process", lambda _: psutil.Process())
    monkeypatch.setattr(Background, "digest", lambda _: started.digests[0])
    started.with_(settings())
    assert len(started.digests) == 1
