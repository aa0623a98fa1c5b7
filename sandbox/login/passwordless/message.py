"""The text of the message: the connection's template, in either of its two syntaxes.

Source: auth0.com/docs/authenticate/passwordless/authentication-methods/sms-otp, "Message syntax".
"""

import re

from ... import liquid
from .connection import Options

_MACRO = re.compile(r"@@\s*([a-z_.]+)\s*@@")


def text(options: Options, code: str, number: str, application: str, language: str | None) -> str:
    """The message as it is sent. Raises liquid.TemplateError for a template that can't be rendered."""
    if not options.liquid:
        macros = {"password": code, "code": code, "application.name": application}
        return _with_macros(options.template, macros)
    values = {
        "code": code,
        "password": code,
        "phone_number": number,
        "application": {"name": application},
        "request_language": language or "",
    }
    return liquid.render(options.template, values)


def _with_macros(template: str, values: dict[str, str]) -> str:
    """A macro that isn't known stays as it is, so that its author sees the mistake."""
    return _MACRO.sub(lambda found: values.get(found[1], found[0]), template)
