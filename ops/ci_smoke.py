"""`auth0-phone smoke`: whether a stage that is deployed works, without a person and without a message.

Its host runs what the stage says and proves its keys; and, where an application for it is named, a login on
each of the stage's hosts gets as far as the page that asks who it is.
"""

import asyncio
import os
import secrets
from collections.abc import Mapping
from typing import Annotated
from urllib.parse import urlencode, urlsplit

import aiohttp
import typer
from rich.console import Console

from infra.render import render
from infra.settings import Settings

from .asking import SECONDS, proxy_to
from .findings import Findings
from .real import RealStage

CLIENT, RETURN = "SMOKE_CLIENT_ID", "SMOKE_REDIRECT_URI"
_BEFORE = "Before an update: the host alone, where it is yours and has to be deployed first."


def command(
    stage: Annotated[str, typer.Argument(help="The stage, such as prod.")],
    before: Annotated[bool, typer.Option("--before", help=_BEFORE)] = False,
) -> None:
    """Check that a deployed stage answers: its host, its keys, and the beginning of a login."""
    smoke(stage, before, Console(soft_wrap=True, highlight=False))


def smoke(name: str, before: bool, console: Console) -> None:
    """Raises OpsError with every problem; a host that nobody is led to yet may have some."""
    settings = RealStage.at(name, console).settings()
    if before and settings.hosting.kind == "vercel":
        console.print("The update itself deploys to Vercel, and waits until the form answers there.")
        return
    found = asyncio.run(checked(settings, {} if before else os.environ))
    found.tell(console)
    found.refuse(f"{name} does not work", f"Once mended: auth0-phone smoke {name}")


async def checked(settings: Settings, environment: Mapping[str, str]) -> Findings:
    """What was found of the host, then of the login, if `environment` names an application for that."""
    from .hosted_checks import check_host  # here, because no other command pays for what it loads

    found = weighed(settings, await check_host(settings, render(settings)))
    if client := environment.get(CLIENT, "").strip():
        async with aiohttp.ClientSession(timeout=SECONDS) as session:
            for host in settings.auth0.login_hosts:
                await begin_login(session, host, client, environment.get(RETURN, "").strip(), found)
    return found


def weighed(settings: Settings, found: Findings) -> Findings:
    """A host's faults matter once the tenant leads somebody there."""
    if not leads_people_there(settings):
        found.notices.extend(f"{each.what}. Nobody is led there yet" for each in found.complaints)
        found.complaints.clear()
    return found


def leads_people_there(settings: Settings) -> bool:
    """Whether a login or a message of the tenant's goes to the host."""
    return settings.verification.enforcement not in ("off", "observe") or settings.sms.mode != "off"


async def begin_login(
    session: aiohttp.ClientSession, host: str, client: str, back: str, found: Findings
) -> None:
    """A login has begun when /authorize leads to a page of the same host, and not back with an error."""
    asked = {
        "response_type": "code",
        "client_id": client,
        "redirect_uri": back,
        "scope": "openid",
        "state": secrets.token_urlsafe(16),
    }
    mend = f"Check the application in {CLIENT}, and that {RETURN} is among its allowed callback URLs"
    try:
        url = f"https://{host}/authorize?{urlencode(asked)}"
        async with session.get(url, allow_redirects=False, proxy=proxy_to(url)) as answer:
            to = urlsplit(answer.headers.get("Location", ""))
    except (aiohttp.ClientError, TimeoutError) as error:
        found.complain(
            f"https://{host}/authorize does not answer ({type(error).__name__})", "Check auth0.loginHosts"
        )
        return
    if answer.status in (302, 303) and to.netloc in ("", host) and "error=" not in to.query:
        found.fine.append(f"A login on {host} begins")
    else:
        found.complain(f"A login on {host} does not begin: {answer.status}", mend)
