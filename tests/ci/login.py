"""A person's login on a stage behind its real names, up to the page on which the form asks."""

import re
import secrets
from html import unescape
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import requests

from tests.journey.sandbox_tenant import SandboxTenant

_STEPS = 12


def form_page(tenant: SandboxTenant, form_host: str, port: int, authority: Path) -> str:
    """Sign up at the tenant's own demo application; the first page that the hosted form shows.

    The form, which listens on loopback, is called by the name that it has for people; the tenant by its own,
    which is what the proxy has put into the Action for its real one.
    """
    with requests.Session() as person:
        person.trust_env = False
        person.verify = tenant.ready["ca"]
        names: dict[str, str] = {}
        page = _follow(person, f"{tenant.ready['app']}/login?screen_hint=signup", names)
        filled = dict(re.findall(r'<input[^>]*type="hidden"[^>]*name="(\w+)"[^>]*value="([^"]*)"', page.text))
        action = re.search(r'<form[^>]*action="([^"]*)"', page.text)
        typed = {
            "email": f"{secrets.token_hex(4)}@example.com",
            "password": f"Aa1-{secrets.token_urlsafe(12)}",
            "phone_number": "+12025550123",
        }
        target = urljoin(page.url, unescape(action.group(1)) if action else "")
        answer = _send(
            person, "POST", target, names, {**{n: unescape(v) for n, v in filled.items()}, **typed}
        )
        asked = _follow(person, urljoin(target, answer.headers["Location"]), names, until=form_host)
    with requests.Session() as person:
        person.trust_env = False
        person.verify = str(authority)
        parts = urlsplit(asked.url)
        here = f"https://localhost:{port}{parts.path}?{parts.query}"
        return _follow(person, here, {f"localhost:{port}": form_host}).text


class _There:
    """An address that is not followed any further."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.text = ""


def _follow(
    person: requests.Session, url: str, names: dict[str, str], until: str = ""
) -> "requests.Response | _There":
    for _ in range(_STEPS):
        url = _local(url, names)
        if until and urlsplit(url).netloc == until:
            return _There(url)
        answer = _send(person, "GET", url, names)
        if not answer.is_redirect:
            assert answer.status_code == 200, (
                f"{urlsplit(url).path}: {answer.status_code} {answer.text[:300]}"
            )
            assert not until, f"the login ended at {urlsplit(url).path}: {answer.text[:300]}"
            return answer
        url = urljoin(url, answer.headers["Location"])
    raise AssertionError(f"more than {_STEPS} redirects, the last to {urlsplit(url).path}")


def _local(url: str, names: dict[str, str]) -> str:
    """Where a name's address is on this machine; names below localhost are learned on the way."""
    for name, port in re.findall(r"^https://((?:\w+\.)+localhost:(\d+))", url):
        names[f"localhost:{port}"] = name
    for here, name in names.items():
        url = url.replace(f"https://{name}/", f"https://{here}/")
    return url


def _send(
    person: requests.Session, method: str, url: str, names: dict[str, str], data: dict[str, str] | None = None
) -> requests.Response:
    headers = {"Host": names.get(urlsplit(url).netloc, urlsplit(url).netloc), "Sec-Fetch-Site": "same-origin"}
    return person.request(method, url, headers=headers, data=data, allow_redirects=False, timeout=30)
