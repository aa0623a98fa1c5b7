"""`stage new` as a process, with the real engine on a file backend: whole, refused, interrupted, killed."""

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
import yaml
from rich.console import Console

from ops.toolchain import Toolchain, ensure, install_plugin
from tests.journey.named_tenant import answering
from tests.journey.sandbox_tenant import SandboxTenant
from tests.ops.stage_new import OPTIONS, NewStage

# The command, which ends up dead at a process whose command line holds `words`, or at a step of its own.
_DYING = """
import os, signal, subprocess, sys
words, moment, number = sys.argv[1], sys.argv[2], int(sys.argv[3])
del sys.argv[1:4]
def die(): os.kill(os.getpid(), number)
class Popen(subprocess.Popen):
    def __init__(self, command, **options):
        self.hit = words in " ".join(map(str, command))
        if self.hit and moment == "before": die()
        super().__init__(command, **options)
        if self.hit and moment == "during": die()
    def communicate(self, *given, **named):
        said = super().communicate(*given, **named)
        if self.hit and moment == "after": die()
        return said
subprocess.Popen = Popen
link = os.link
def linked(fresh, target):
    if words == "link" and moment == "before": die()
    link(fresh, target)
    if words == "link" and moment == "after": die()
os.link = linked
from ops.__main__ import main
main()
"""


@pytest.fixture(scope="module")
def toolchain() -> Toolchain:
    return ensure(Console(stderr=True))


@pytest.fixture(scope="module")
def home(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    install_plugin(toolchain, folder)
    return folder


@pytest.fixture
def new(toolchain: Toolchain, home: Path, tmp_path: Path) -> NewStage:
    return NewStage.at(tmp_path, toolchain, home)


COMPLETE = ["Pulumi.mine.yaml", "mine"]


def previewed(new: NewStage) -> "subprocess.CompletedProcess[str]":
    """Pulumi's own preview, with a sandbox that goes by the tenant's name."""
    folder = new.checkout.parent / "tenant"
    folder.mkdir()
    tenant = SandboxTenant(folder)
    tenant.start()
    try:
        auth0 = tenant.ready["auth0"]
        credentials = {"AUTH0_CLIENT_ID": auth0["client_id"], "AUTH0_CLIENT_SECRET": auth0["client_secret"]}
        with answering({OPTIONS["--domain"]: tenant.port}, folder) as proxy:
            return new.pulumi("preview", "--stack", "mine", **credentials, **proxy.environment())
    finally:
        tenant.stop()


def test_what_it_writes_renders_and_previews_with_keys_that_no_command_line_saw(new: NewStage) -> None:
    watching = f"""
import subprocess, sys
class Popen(subprocess.Popen):
    def __init__(self, command, **options):
        with open({str(new.checkout.parent / "seen")!r}, "a") as seen:
            print(command, options.get("env"), file=seen)
        super().__init__(command, **options)
subprocess.Popen = Popen
from ops.__main__ import main
main()
"""
    ran = new.run(*new.arguments(), code=watching)
    assert ran.returncode == 0, ran.stdout
    assert new.traces() == COMPLETE
    keys = new.secrets()
    made = [keys["requestKey"], keys["resultKey"]]
    assert len(set(made)) == 2
    assert all(re.fullmatch(r"[\w-]{43}", key) for key in made)
    seen = (new.checkout.parent / "seen").read_text()
    assert "requestKey" in seen
    assert not [key for key in made if key in seen + ran.stdout + new.file().read_text()]
    rendered = new.run(
        "--stage",
        "mine",
        "--out",
        "out",
        code="import sys; from infra.render.__main__ import main; sys.exit(main())",
    )
    assert rendered.returncode == 0, rendered.stdout
    preview = previewed(new)
    assert preview.returncode == 0, preview.stdout
    assert "auth0:index:Action" in preview.stdout
    again = new.run(*new.arguments())
    assert again.returncode == 1
    assert "There is a Pulumi.mine.yaml already" in again.stdout
    assert new.secrets() == keys


MISTAKES = {
    "auth0.domain": "https://acme.eu.auth0.com",
    "publicBaseUrl": "http://phone.acme.example",
    "verification.enforcement": "requird",
    "verification.percentage": 101,
    "phone.countries": ["UK"],
    "phone.codeLength": 3,
    "consent.termsUrl": "javascript:alert(1)",
    "brand.color": "blue",
    "brand.colour": "#000000",
    "secrets.twilioApiKey": "SK-in-clear-text",
}


def test_ten_mistakes_in_a_stages_file_are_ten_messages_at_once(new: NewStage) -> None:
    assert new.run(*new.arguments()).returncode == 0
    document = yaml.safe_load(new.file().read_text())
    for key, value in MISTAKES.items():
        group, _, leaf = key.rpartition(".")
        place = document["config"].setdefault(f"auth0-phone:{group}", {}) if group else document["config"]
        place[leaf if group else f"auth0-phone:{leaf}"] = value
    new.file().write_text(yaml.safe_dump(document))
    by_hand = new.run(
        "--stage",
        "mine",
        "--check",
        code="import sys; from infra.render.__main__ import main; sys.exit(main())",
    )
    engine = new.pulumi(
        "preview", "--stack", "mine", AUTH0_CLIENT_ID="made-up", AUTH0_CLIENT_SECRET="made-up"
    )
    assert by_hand.returncode == 2
    assert engine.returncode != 0
    for said in (by_hand.stdout, engine.stdout):
        assert "10 problems in Pulumi.mine.yaml" in said
        assert [key for key in MISTAKES if not re.search(rf"\d+\. {re.escape(key)}[\[:]", said)] == []
        assert said.count("--stack mine") >= len(MISTAKES)
        assert "Traceback" not in said
        assert "in-clear-text" not in said


MORE = pytest.mark.sweep
KILLS = [
    pytest.param("stack init", "during", marks=MORE),
    pytest.param("stack init", "after", marks=MORE),
    pytest.param("secrets.resultKey", "after", marks=MORE),
    ("link", "before"),
    pytest.param("link", "after", marks=MORE),
]


@pytest.mark.parametrize(("words", "moment"), KILLS)
def test_whatever_a_kill_leaves_the_next_run_ends_well(new: NewStage, words: str, moment: str) -> None:
    killed = new.run(words, moment, str(int(signal.SIGKILL)), *new.arguments(), code=_DYING)
    assert killed.returncode == -signal.SIGKILL, killed.stdout
    assert new.file().exists() is ((words, moment) == ("link", "after"))
    ran = new.run(*new.arguments())
    assert ran.returncode == 0, ran.stdout
    assert new.traces() == COMPLETE
    keys = new.secrets()
    assert len({keys["requestKey"], keys["resultKey"]}) == 2


@MORE
def test_after_a_kill_another_backend_can_be_chosen(new: NewStage) -> None:
    number = str(int(signal.SIGKILL))
    assert new.run("stack init", "after", number, *new.arguments(), code=_DYING).returncode == -9
    assert new.stacks() == ["mine"]
    (new.checkout.parent / "other").mkdir()
    other = (new.checkout.parent / "other").as_uri()
    ran = new.run(*new.arguments(backend=other))
    assert ran.returncode == 0, ran.stdout
    assert new.stacks() == []
    assert new.stacks(PULUMI_BACKEND_URL=other) == ["mine"]


@pytest.mark.parametrize("number", [pytest.param(signal.SIGINT, marks=MORE), signal.SIGTERM])
def test_an_interrupted_run_leaves_nothing(new: NewStage, number: signal.Signals) -> None:
    stopped = new.run("secrets.requestKey", "during", str(int(number)), *new.arguments(), code=_DYING)
    assert stopped.returncode == 130, stopped.stdout
    assert "Stopped. Nothing was written." in stopped.stdout
    assert new.traces() == []


def test_ctrl_c_at_a_question_writes_nothing(new: NewStage) -> None:
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ops", "stage", "new", "mine", "--domain", "acme.eu.auth0.com"],
        cwd=new.checkout,
        env=new.env,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    os.close(slave)
    said = ""
    deadline = time.monotonic() + 60
    while "publicBaseUrl" not in said:
        assert time.monotonic() < deadline, said
        if select.select([master], [], [], 1)[0]:
            said += os.read(master, 4096).decode()
            if "loginHosts" in said and "\n\n" not in said:
                os.write(master, b"\n")
                said += "\n\n"
    # In the instant before Python reads, a signal is kept until the next key or the next signal.
    while process.poll() is None:
        assert time.monotonic() < deadline + 60
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(3)
    assert process.returncode == 130
    os.close(master)
    assert new.traces() == []


@pytest.mark.parametrize(
    ("changes", "env", "says"),
    [
        ({"backend": "file:///nowhere/at/all"}, {}, "unable to open state directory"),
        pytest.param({"backend": "ftp://acme.example"}, {}, "must begin with one of file://", marks=MORE),
        ({"secrets_provider": "hashivault://key"}, {"VAULT_ADDR": "", "VAULT_SERVER_URL": ""}, "VAULT_ADDR"),
        pytest.param({"secrets_provider": "default"}, {}, "Pulumi Cloud's own", marks=MORE),
        pytest.param({"secrets_provider": "rot13"}, {}, "must be passphrase", marks=MORE),
        ({}, {"PULUMI_CONFIG_PASSPHRASE": "", "PULUMI_CONFIG_PASSPHRASE_FILE": "/nowhere"}, "names /nowhere"),
        ({}, {"PULUMI_CONFIG_PASSPHRASE": "", "PULUMI_CONFIG_PASSPHRASE_FILE": "/dev/null"}, "It is empty"),
        ({}, {"PULUMI_CONFIG_PASSPHRASE": ""}, "PULUMI_CONFIG_PASSPHRASE_FILE"),
        ({"backend": None}, {}, "you are logged in nowhere"),
    ],
)
def test_a_place_that_does_not_work_leaves_nothing(
    new: NewStage, changes: dict[str, str | None], env: dict[str, str], says: str
) -> None:
    refused = new.run(*new.arguments(**changes), **env)
    assert refused.returncode == 1
    assert says in refused.stdout
    assert "Traceback" not in refused.stdout
    assert new.traces() == []


@MORE
def test_an_empty_variable_is_no_passphrase(new: NewStage) -> None:
    """To Pulumi it would be one of no characters, before it looks for a file."""
    file = new.checkout.parent / "passphrase"
    file.write_text("the one in the file\n")
    ran = new.run(*new.arguments(), PULUMI_CONFIG_PASSPHRASE="", PULUMI_CONFIG_PASSPHRASE_FILE=str(file))
    assert ran.returncode == 0, ran.stdout
    assert new.secrets(PULUMI_CONFIG_PASSPHRASE="the one in the file")["requestKey"]


def test_somebodys_stack_is_left_alone(new: NewStage) -> None:
    assert new.pulumi("stack", "init", "mine", "--no-select").returncode == 0
    new.file().unlink()
    refused = new.run(*new.arguments())
    assert refused.returncode == 1
    assert "There is a stack mine on" in refused.stdout
    assert new.traces() == ["mine"]


@MORE
def test_where_nothing_can_be_undone_it_says_what_is_left_and_what_removes_it(new: NewStage) -> None:
    failing = """
from ops.errors import OpsError
from ops.stages.engine import Engine
def fail(self, *words): raise OpsError("It failed", "The backend is gone.", "Wait")
Engine.set_secret = Engine.remove = fail
from ops.__main__ import main
main()
"""
    failed = new.run(*new.arguments(), code=failing)
    assert failed.returncode == 1
    assert "an empty stack may be left" in failed.stdout
    assert not new.file().exists()
    (command,) = re.findall(r"PULUMI_BACKEND_URL=.*--preserve-config", failed.stdout)
    done = new._run(["sh", "-c", command], {})
    assert done.returncode == 0, done.stdout
    assert new.stacks() == []
    assert new.run(*new.arguments()).returncode == 0


@MORE
def test_of_two_at_once_one_makes_it(new: NewStage) -> None:
    command = [sys.executable, "-m", "ops", *new.arguments()]
    both = [
        subprocess.Popen(
            command,
            cwd=new.checkout,
            env=new.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(2)
    ]
    said = [each.communicate(timeout=120)[0] for each in both]
    assert sorted(each.returncode for each in both) == [0, 1], said
    assert "There is a Pulumi.mine.yaml already" in "".join(said)
    assert new.traces() == COMPLETE
