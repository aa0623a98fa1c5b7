"""The Kubernetes example: judged by Kubernetes' own schemas, by its references, and by a running service."""

import copy
import re
import shutil
import subprocess
from collections.abc import Callable
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped] # it comes without types
import pytest
import yaml

from gateway.drain import DRAIN_SECONDS
from ops.dotenv import dotenv
from serving.server import SHUTDOWN_SECONDS

from .container import Container
from .dockerfile import DOCKERFILE, ROOT, read

HOSTING = ROOT / "docs" / "hosting.md"
FOLDER = ROOT / "hosting" / "kubernetes"
FILES = sorted(FOLDER.glob("*.yaml"))
BY_KIND: dict[str, dict[str, Any]] = {
    document["kind"]: document for file in FILES for document in yaml.safe_load_all(file.read_text())
}
POD: dict[str, Any] = BY_KIND["Deployment"]["spec"]["template"]["spec"]
CONTAINER: dict[str, Any] = POD["containers"][0]
LABELS: dict[str, str] = BY_KIND["Deployment"]["spec"]["template"]["metadata"]["labels"]
# The oldest has a preStop that sleeps for all: https://kubernetes.io/docs/reference/command-line-tools-reference/feature-gates/
RELEASES = ["1.30", "1.34", "1.37"]


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_it_is_as_the_release_wants_it(file: Path, release: str) -> None:
    for document in yaml.safe_load_all(file.read_text()):
        kubernetes_validate.validate(document, release, strict=True)


def a_misspelt_key(pod: dict[str, Any]) -> None:
    pod["containers"][0]["securityContext"]["readonlyRootFilesystem"] = True


def a_wrong_type(pod: dict[str, Any]) -> None:
    pod["terminationGracePeriodSeconds"] = "45s"


@pytest.mark.parametrize("mistake", [a_misspelt_key, a_wrong_type])
def test_the_schema_would_refuse_a_mistake(mistake: Callable[[dict[str, Any]], None]) -> None:
    deployment = copy.deepcopy(BY_KIND["Deployment"])
    mistake(deployment["spec"]["template"]["spec"])
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(deployment, RELEASES[0], strict=True)


def test_everything_that_stands_around_the_pods_means_them() -> None:
    spec = {kind: document["spec"] for kind, document in BY_KIND.items()}
    assert spec["Deployment"]["selector"]["matchLabels"] == LABELS
    assert spec["Service"]["selector"] == LABELS
    assert spec["PodDisruptionBudget"]["selector"]["matchLabels"] == LABELS
    assert spec["NetworkPolicy"]["podSelector"]["matchLabels"] == LABELS
    assert POD["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"] == LABELS
    backend = spec["Ingress"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend["name"] == BY_KIND["Service"]["metadata"]["name"]
    (of_service,) = spec["Service"]["ports"]
    assert backend["port"]["name"] == of_service["name"]
    (of_pod,) = CONTAINER["ports"]
    assert of_service["targetPort"] == of_pod["name"]
    assert [str(of_pod["containerPort"])] == read(DOCKERFILE.read_text())["base"].all("EXPOSE")
    assert spec["NetworkPolicy"]["ingress"][0]["ports"] == [
        {"port": of_pod["containerPort"], "protocol": "TCP"}
    ]
    assert spec["Ingress"]["tls"][0]["hosts"] == [spec["Ingress"]["rules"][0]["host"]]


def test_one_is_always_there() -> None:
    deployment = BY_KIND["Deployment"]["spec"]
    assert deployment["replicas"] > BY_KIND["PodDisruptionBudget"]["spec"]["minAvailable"] >= 1
    assert deployment["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_it_waits_as_long_as_the_drain_takes() -> None:
    before = CONTAINER["lifecycle"]["preStop"]["sleep"]["seconds"]
    ready = CONTAINER["readinessProbe"]
    assert before > 0
    assert POD["terminationGracePeriodSeconds"] > before + DRAIN_SECONDS + SHUTDOWN_SECONDS
    assert ready["periodSeconds"] * ready["failureThreshold"] < DRAIN_SECONDS


def test_the_pod_has_no_rights() -> None:
    user = read(DOCKERFILE.read_text())["base"].all("USER")[0]
    assert f"{POD['securityContext']['runAsUser']}:{POD['securityContext']['runAsGroup']}" == user
    assert POD["securityContext"]["runAsNonRoot"] is True
    assert POD["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert POD["automountServiceAccountToken"] is False
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def test_secrets_come_by_reference_and_the_stage_lies_where_the_image_looks() -> None:
    assert CONTAINER["envFrom"] == [{"secretRef": {"name": "auth0-phone"}}]
    assert [each["name"] for each in CONTAINER["env"]] == ["CLIENT_ADDRESS_HEADER"]
    assert "Secret" not in BY_KIND
    (mount,) = CONTAINER["volumeMounts"]
    (volume,) = POD["volumes"]
    assert (mount["name"], mount["readOnly"]) == (volume["name"], True)
    # The paths that `auth0-phone host-env` writes are relative to the image's folder.
    placed = {f"{mount['mountPath']}/{item['path']}" for item in volume["configMap"]["items"]}
    assert placed == {"/app/rendered/form/stage.json", "/app/rendered/gateway/stage.json"}


def test_the_image_is_one_version() -> None:
    name, _, tag = CONTAINER["image"].rpartition(":")
    assert name
    assert tag not in ("", "latest")


@pytest.mark.parametrize("probe", ["startupProbe", "livenessProbe", "readinessProbe"])
def test_the_service_answers_what_the_kubelet_asks(probe: str, service: Container) -> None:
    asked = CONTAINER[probe]["httpGet"]
    headers = {each["name"]: each["value"] for each in asked.get("httpHeaders", [])}
    assert service.get(asked["path"], headers.get("Host", "10.4.0.7:8080")) == 200


def test_without_that_header_the_form_would_not_know_itself(service: Container) -> None:
    assert service.get("/healthz", "10.4.0.7:8080") == 400


def test_nothing_but_the_named_neighbours_is_reached() -> None:
    policy = BY_KIND["NetworkPolicy"]["spec"]
    assert set(policy["policyTypes"]) == {"Ingress", "Egress"}
    assert all(rule.get("from") for rule in policy["ingress"])
    assert all(rule.get("to") and rule.get("ports") for rule in policy["egress"])
    (outside,) = [peer["ipBlock"] for rule in policy["egress"] for peer in rule["to"] if "ipBlock" in peer]
    metadata_service = ip_address("169.254.169.254")
    assert any(metadata_service in ip_network(each) for each in outside["except"])


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_the_secret_is_made_of_what_host_env_writes_without_its_quotes(tmp_path: Path, shell: str) -> None:
    """The command in docs/hosting.md, as far as kubectl; shells differ in what they say of themselves."""
    (tmp_path / "sh").symlink_to(str(shutil.which(shell)))
    awkward = {
        "TWILIO_API_SECRET": 'a$b `c` \\ "d"',
        "REDIS_URL": "rediss://:p?&%40@r:1/0",
        "CARRIER": "it's",
    }
    (tmp_path / "dev.env").write_text("# a note\n" + dotenv(awkward))
    (command,) = re.findall(r"^(env -i sh -c .*) \\$", HOSTING.read_text(), flags=re.MULTILINE)
    told = subprocess.run(
        ["sh", "-c", command.replace("../dev.env", "./dev.env").replace("env -i sh", "env -i ./sh")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert dict(line.split("=", 1) for line in told.splitlines()) == awkward
