"""Turns a session into its page: one request, no third party, readable without styles or scripts."""

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse

from serving.numbers import last_digits

from . import texts
from .brand import dark_palette, light_palette
from .contract import Contract
from .headers import CSP, csp
from .numbers import dial_codes
from .session import Session
from .stage import Stage

TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """All pages of one stage. What doesn't change from person to person is made once, here."""

    def __init__(self, stage: Stage, contract: Contract) -> None:
        self._stage = stage
        self._contract = contract
        self._channel = texts.CHANNELS[stage.channel]
        self._codes = texts.one_of(dial_codes(stage.countries))
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        palettes = {"light": light_palette(stage.brand.color), "dark": dark_palette(stage.brand.color)}
        self._style = self._environment.get_template("style.css").render(palettes).strip()
        self._forms_script = (TEMPLATES / "forms.js").read_text().strip()
        self._return_script = (TEMPLATES / "return.js").read_text().strip()
        self._policy = csp([self._style])
        self._forms_policy = csp([self._style], [self._forms_script])
        self._return_policy = csp([self._style], [self._return_script], leaves=True)

    def step(self, session: Session) -> HTMLResponse:
        """The page of the step that the session is at; not for the last one, see `back`."""
        context = {"ask": self._ask, "code": self._code, "locked": self._locked}[session.step](session)
        common = {
            "action": self._contract.paths.transaction.replace("{transaction}", session.tx),
            "csrf": session.csrf,
            "problem": self._problem(session),
            "wait": session.wait,
            "leave": texts.NOT_NOW if session.skippable else texts.CANCEL,
        }
        script = self._forms_script
        return self._page(f"{session.step}.html", self._forms_policy, {**common, **context}, script=script)

    def _ask(self, session: Session) -> dict[str, Any]:
        entry = session.number is None
        lede = self._channel.ask_entry if entry else self._channel.ask
        heading, stage_text = texts.TITLE_ASK, ""
        if session.changing:
            heading, stage_text = texts.TITLE_NEW_NUMBER, texts.STEP_TWO
        if session.proving:
            heading, stage_text, lede = texts.TITLE_PROVING, texts.STEP_ONE, self._channel.proving
        asks = self._stage.asks_consent and not session.proving
        return {
            "heading": heading,
            "eyebrow": stage_text,
            "lede": self._fill(lede, session),
            "entry": entry,
            "typed": session.typed,
            "label": texts.LABEL_NUMBER,
            "hint": self._number_hint(),
            "consent": self._stage.consent if asks else None,
            "links": self._links(),
            "send": self._channel.send,
            "other": None if entry or session.proving else texts.OTHER_NUMBER,
        }

    def _code(self, session: Session) -> dict[str, Any]:
        by_form = session.flow == "form"
        sent = self._channel.sent if session.number else self._channel.sent_unknown
        eyebrow = (texts.STEP_ONE if session.proving else texts.STEP_TWO) if session.changing else ""
        return {
            "heading": texts.TITLE_CODE,
            "eyebrow": eyebrow,
            "lede": self._fill(sent, session),
            "label": texts.LABEL_CODE.format(length=self._stage.code_length),
            "length": self._stage.code_length,
            "verify": texts.VERIFY,
            **self._ways_on(session, by_form),
        }

    def _locked(self, session: Session) -> dict[str, Any]:
        lede = texts.LOCKED_FINAL if session.wait else texts.LOCKED_FINAL_OVER
        if not session.final:
            lede = texts.LOCKED_PROVING if session.proving else texts.LOCKED_FOR_THIS_CODE
        return {
            "heading": texts.TITLE_LOCKED,
            "eyebrow": "",
            "lede": self._fill(lede, session),
            **self._ways_on(session, not session.final),
            "leave": texts.GO_BACK.format(brand=self._stage.brand.name),
        }

    @staticmethod
    def _ways_on(session: Session, open_ways: bool) -> dict[str, Any]:
        return {
            "resend": texts.RESEND if open_ways else None,
            "resend_wait": texts.RESEND_WAIT.format(wait=texts.duration(session.wait)),
            "other": texts.OTHER_NUMBER if open_ways and not session.proving else None,
        }

    def back(self, session: Session, result: str) -> HTMLResponse:
        """The last page: carries the result to the host where the login began, by itself the first time."""
        host = self._stage.login_hosts[session.host]
        brand = self._stage.brand.name
        verified = session.outcome == "verified"
        lede = texts.RETURNED if session.viewed else texts.RETURNING_DONE if verified else texts.RETURNING
        context = {
            "heading": texts.TITLE_DONE if verified else texts.TITLE_BACK,
            "lede": lede.format(brand=brand),
            "verified": verified,
            "target": f"https://{host}{self._contract.paths.continue_}?{urlencode({'state': session.state})}",
            "parameter": self._contract.result.parameter,
            "result": result,
            "go": texts.CONTINUE,
        }
        script = "" if session.viewed else self._return_script
        return self._page("return.html", self._return_policy, context, script=script)

    def expired(self, session: Session | None) -> HTMLResponse:
        """The session is over. While its cookie lives, a button still leads back to the login."""
        action = self._contract.paths.transaction.replace("{transaction}", session.tx) if session else ""
        context = {
            "heading": texts.TITLE_EXPIRED,
            "lede": texts.EXPIRED.format(brand=self._stage.brand.name),
            "hint": "" if session else texts.EXPIRED_HINT,
            "action": action,
            "csrf": session.csrf if session else "",
            "again": texts.START_AGAIN,
        }
        return self._page("expired.html", self._policy, context, status=410)

    def for_status(self, status: int, headers: dict[str, str] | None = None) -> HTMLResponse:
        """The plain page of an HTTP error: one text for each class of error."""
        known = status if status in texts.PAGES_FOR_STATUS else 400 if status < 500 else 500
        heading, lede = texts.PAGES_FOR_STATUS[known]
        context = {"heading": heading, "lede": lede.format(brand=self._stage.brand.name)}
        response = self._page("problem.html", self._policy, context, status=status)
        response.headers.update(headers or {})
        return response

    def _page(
        self, template: str, policy: str, context: dict[str, Any], status: int = 200, script: str = ""
    ) -> HTMLResponse:
        brand = self._stage.brand.name
        text = self._environment.get_template(template).render(
            **context,
            brand=brand,
            mark=brand[0].upper(),
            # Ours, rendered before any request, and named in the policy by their hashes.
            style=Markup(self._style),  # noqa: S704
            script=Markup(script),  # noqa: S704
            problem_prefix=texts.PROBLEM_PREFIX,
        )
        return HTMLResponse(text, status_code=status, headers={CSP: policy})

    def _problem(self, session: Session) -> str | None:
        if session.problem is None:
            return None
        text = texts.PROBLEMS[session.problem]
        if not session.wait:
            text = texts.PROBLEMS_AFTER_WAIT.get(session.problem, text)
        return self._fill(text, session)

    def _fill(self, text: str, session: Session) -> str:
        return text.format(
            length=self._stage.code_length,
            end=last_digits(session.number or ""),
            codes=self._codes,
            wait=texts.duration(session.wait),
        )

    def _number_hint(self) -> str:
        one_country = len(self._stage.countries) == 1
        return texts.HINT_NATIONAL if one_country else texts.HINT_INTERNATIONAL.format(codes=self._codes)

    def _links(self) -> list[tuple[str, str]]:
        consent = self._stage.consent
        named = [(texts.TERMS, consent.terms_url), (texts.PRIVACY, consent.privacy_url)]
        return [(name, url) for name, url in named if url]
