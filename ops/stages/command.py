"""`auth0-phone stage new NAME`: ask, explain, write one stage, and make its stack."""

import os
import re
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from infra.stage import is_local

from .. import passphrase, toolchain
from ..errors import OpsError
from ..project import project
from . import answers as answered
from . import asking, next_steps, place, salvage, secret_values
from .draft import Draft, exists, held
from .engine import Engine
from .making import Plan, make
from .questions import BACKEND, QUESTIONS, SECRETS_PROVIDER

app = typer.Typer(no_args_is_help=True, help="Stages of your own.")
console = Console(soft_wrap=True)
# It names a file, a stack and, on Vercel, a project.
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_LONGEST = 40


def _asks(key: str) -> Any:
    question = next(question for question in QUESTIONS if question.key == key)
    return typer.Option(question.option, help=f"{question.asks} ({key}).", show_default=False)


@app.callback()
def _stages() -> None:
    """Stages of your own."""


app.command("salvage")(salvage.command)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The stage's name, such as dev, prod or prod-eu.")],
    domain: Annotated[str | None, _asks("auth0.domain")] = None,
    login_hosts: Annotated[str | None, _asks("auth0.loginHosts")] = None,
    address: Annotated[str | None, _asks("publicBaseUrl")] = None,
    hosting: Annotated[str | None, _asks("hosting.kind")] = None,
    team: Annotated[str | None, _asks("hosting.team")] = None,
    countries: Annotated[str | None, _asks("phone.countries")] = None,
    brand: Annotated[str | None, _asks("brand.name")] = None,
    color: Annotated[str | None, _asks("brand.color")] = None,
    terms_url: Annotated[str | None, _asks("consent.termsUrl")] = None,
    privacy_url: Annotated[str | None, _asks("consent.privacyUrl")] = None,
    sms: Annotated[str | None, _asks("sms.mode")] = None,
    sms_countries: Annotated[str | None, _asks("sms.countries")] = None,
    carriers: Annotated[str | None, _asks("sms.carriers")] = None,
    protect: Annotated[str | None, _asks("protect")] = None,
    backend: Annotated[
        str | None, typer.Option(help="Where the state is kept, as `pulumi login` takes it.")
    ] = None,
    secrets_provider: Annotated[
        str | None, typer.Option(help="passphrase, default, or a key service's URL.")
    ] = None,
    answers: Annotated[
        Path | None, typer.Option(help="A YAML file with answers, by the settings' keys.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing and take the defaults.")] = False,
) -> None:
    """Ask what a stage needs, write Pulumi.NAME.yaml, make its secrets and its stack.

    What an option or --answers says is not asked. Without a terminal nothing is asked at all.
    """
    options = {
        "auth0.domain": domain,
        "auth0.loginHosts": login_hosts,
        "publicBaseUrl": address,
        "hosting.kind": hosting,
        "hosting.team": team,
        "phone.countries": countries,
        "brand.name": brand,
        "brand.color": color,
        "consent.termsUrl": terms_url,
        "consent.privacyUrl": privacy_url,
        "sms.mode": sms,
        "sms.countries": sms_countries,
        "sms.carriers": carriers,
        "protect": protect,
        BACKEND: backend,
        SECRETS_PROVIDER: secrets_provider,
    }
    said = {key: answered.parse(key, text) for key, text in options.items() if text is not None}
    given = said
    if answers:
        found = answered.from_file(answers, name, domain)
        given = found.answers | said
        if left_out := [key for key in found.left_out if key not in said]:
            console.print(
                f"{answers} is another stage's. Left out, since each has its own: {', '.join(left_out)}.",
                highlight=False,
                markup=False,
            )
    terminal = asking.Tty(console) if sys.stdin.isatty() and not yes else None
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    stage = _checked(name)
    root = project()
    target = root / f"Pulumi.{stage}.yaml"
    try:
        with held(root, stage) as draft:
            _new(draft, given, terminal, yes)
    except (KeyboardInterrupt, EOFError):
        left = f"{target.name} is written" if target.exists() else "Nothing was written"
        console.print(f"\nStopped. {left}.", highlight=False)
        raise typer.Exit(130) from None


def _checked(name: str) -> str:
    if is_local(name):
        raise OpsError("The stage local is there already", "It belongs to the sandbox.", "Run: make up")
    if _NAME.fullmatch(name) and len(name) <= _LONGEST:
        return name
    better = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:_LONGEST].strip("-") or "dev"
    raise OpsError(
        "That is no name for a stage",
        f"It names a file, a stack and a project: a to z, digits, '-' between them, at most {_LONGEST}.",
        f"Call it {better if not is_local(better) else 'dev'}",
    )


def _new(draft: Draft, given: Mapping[str, Any], terminal: asking.Terminal | None, yes: bool) -> None:
    if draft.is_published:
        draft.clear()
        console.print(f"✓ {draft.target.name} and its stack were complete already.", highlight=False)
        return
    if draft.target.exists():
        raise exists(draft.target)
    settings = {key: value for key, value in given.items() if key not in (BACKEND, SECRETS_PROVIDER)}
    missing = [] if terminal else place.open_options(given, yes)
    answers = asking.complete(draft.stage, settings, terminal, yes, missing)
    tools = toolchain.ensure(console)
    engine = _engine(tools, draft)
    try:
        where = place.choose(given, engine, terminal)
        values, unset = secret_values.collect(draft.stage, answers, terminal)
        make(draft, engine, Plan(draft.stage, answers, values, where))
    finally:
        if draft.begun_on is None:
            draft.clear()
    console.print(
        f"\n✓ {draft.target.name}, the stack {draft.stage} on {where.backend}, and its secrets, encrypted by "
        f"{place.kind(where.secrets_provider)}.\n  Nobody is asked yet: verification.enforcement is off.\n",
        highlight=False,
        markup=False,
    )
    for line in next_steps.lines(draft.stage, answers, where, unset, tools):
        console.print(line, highlight=False, markup=False)


def _engine(tools: toolchain.Toolchain, draft: Draft) -> Engine:
    """Pulumi with the person's own logins and credentials: it is their backend."""
    draft.prepare()
    env = os.environ | {
        "PATH": os.pathsep.join([str(tools.bin_dir), os.environ.get("PATH", os.defpath)]),
        "PULUMI_SKIP_UPDATE_CHECK": "1",
    }
    env = passphrase.without_empty(env)
    return Engine(tools.pulumi, draft.folder, env, kept_open=(draft.lock.fileno(),))
