# ruff: noqa: RUF001 - typographic apostrophes are meant: people read these texts
"""Every word that a person reads, in one place."""

from dataclasses import dataclass
from typing import Literal

from .errors import Case

Channel = Literal["sms", "call", "whatsapp"]


@dataclass(frozen=True)
class ChannelTexts:
    """How a code travels, as it is said before, during and after."""

    ask: str
    ask_entry: str
    proving: str
    sent: str
    sent_unknown: str
    send: str


CHANNELS: dict[Channel, ChannelTexts] = {
    "sms": ChannelTexts(
        ask="We’ll text a {length}-digit code to your number ending in {end}.",
        ask_entry="Enter your mobile number and we’ll text you a {length}-digit code.",
        proving="You’re changing your number. We’ll first text a code to the current one, ending in {end}.",
        sent="We’ve texted a {length}-digit code to your number ending in {end}. It can take a minute.",
        sent_unknown="We’ve texted a {length}-digit code to your phone. It can take a minute.",
        send="Text me a code",
    ),
    "call": ChannelTexts(
        ask="We’ll call your number ending in {end} and read you a {length}-digit code.",
        ask_entry="Enter your phone number. We’ll call you and read you a {length}-digit code.",
        proving="You’re changing your number. We’ll first call the current one, ending in {end}.",
        sent="We’re calling your number ending in {end} with a {length}-digit code.",
        sent_unknown="We’re calling your phone with a {length}-digit code.",
        send="Call me with a code",
    ),
    "whatsapp": ChannelTexts(
        ask="We’ll send a {length}-digit code to your WhatsApp number ending in {end}.",
        ask_entry="Enter your mobile number and we’ll send a {length}-digit code on WhatsApp.",
        proving="You’re changing your number. We’ll first send a code to the current one, ending in {end}.",
        sent="We’ve sent a {length}-digit code to WhatsApp on your number ending in {end}.",
        sent_unknown="We’ve sent a {length}-digit code on WhatsApp. It can take a minute.",
        send="Send me a code",
    ),
}

PROBLEMS: dict[Case, str] = {
    "code_format": "A code is {length} digits long. Please check it and try again.",
    "code_wrong": "That code isn’t right. Please check the message and try again.",
    "code_expired": "That code has expired. Please ask for a new one.",
    "tries_used": "That was one try too many for this code.",
    "subject_locked": "There were too many wrong codes, so we’ve stopped here to keep your account safe.",
    "send_limit": "Too many codes were asked for. You can ask for another one in {wait}.",
    "send_wait": "We’ve only just sent a code. You can ask for another one in {wait}.",
    "sends_used": "We’ve sent all the codes we may for now. You can ask for another one in {wait}.",
    "busy": "It’s very busy right now. Please try again in {wait}.",
    "number_missing": "Please enter your mobile number.",
    "number_invalid": "That doesn’t look like a complete mobile number. Please check it.",
    "number_country": "We can’t send codes to that country. Numbers need to start with {codes}.",
    "country_off": "We can’t send codes to that country at the moment. Please use another number.",
    "number_kind": "Codes can only go to a mobile number. Please use another one.",
    "number_landline": "That looks like a landline, which can’t get messages. Please use a mobile number.",
    "number_blocked": "We can’t send codes to that number. Please use another one, or contact support.",
    "number_on_file": "We can’t send codes to the number we have for you. Please enter a mobile number.",
    "maybe_sent": "This is taking longer than usual. If no code comes, you can ask for a new one in {wait}.",
    "unavailable": "We can’t reach our phone service right now. Please try again in a moment.",
}

# With no time to name, because it has passed since.
PROBLEMS_AFTER_WAIT: dict[Case, str] = {
    "send_limit": "You can ask for another code now.",
    "send_wait": "You can ask for another code now.",
    "sends_used": "You can ask for another code now.",
    "busy": "Please try again.",
    "maybe_sent": "This is taking longer than usual. If no code comes, please ask for a new one.",
}

TITLE_ASK = "Verify your phone number"
TITLE_PROVING = "First, is it you?"
TITLE_NEW_NUMBER = "Now, your new number"
TITLE_CODE = "Enter your code"
TITLE_LOCKED = "Let’s stop for a moment"
TITLE_EXPIRED = "This page has expired"
TITLE_DONE = "You’re all set"
TITLE_BACK = "One moment"

LABEL_NUMBER = "Mobile number"
LABEL_CODE = "{length}-digit code"
HINT_NATIONAL = "Type it the way you’d dial it."
HINT_INTERNATIONAL = "Start with {codes}, then your number."
STEP_ONE, STEP_TWO = "Step 1 of 2", "Step 2 of 2"

VERIFY = "Verify"
RESEND = "Send a new code"
RESEND_WAIT = "Available in {wait}."
OTHER_NUMBER = "Use another number"
CANCEL, NOT_NOW = "Cancel", "Not now"
GO_BACK = "Go back to {brand}"
CONTINUE = "Continue"
START_AGAIN = "Start again"
TERMS, PRIVACY = "Terms", "Privacy"
PROBLEM_PREFIX = "Problem"

LOCKED_FOR_THIS_CODE = "Would you like a new code, or a code to another number?"
LOCKED_PROVING = "Would you like a new code?"
LOCKED_FINAL = "Please try again in {wait}, or contact support if it wasn’t you."
LOCKED_FINAL_OVER = "You can log in and try again now. Please contact support if it wasn’t you."
EXPIRED = "It closes after a while to keep you safe. Please go back to {brand} and log in again."
EXPIRED_HINT = "If it happens at once, your browser may be blocking cookies."
RETURNING_DONE = "Your phone number is verified. Taking you back to {brand}…"
RETURNING = "Taking you back to {brand}…"
RETURNED = "If nothing happens, use the button to go on."

PAGES_FOR_STATUS: dict[int, tuple[str, str]] = {
    400: ("This link doesn’t work", "It may be incomplete. Please go back to {brand} and log in again."),
    403: ("That didn’t come from this page", "Please go back, reload the page, and try again."),
    404: ("There’s nothing here", "Please go back to {brand} and log in again."),
    405: ("That’s not how this page works", "Please go back to {brand} and log in again."),
    408: ("That took too long", "Please check your connection and try again."),
    410: (TITLE_EXPIRED, EXPIRED),
    413: ("That was too much", "Please go back, reload the page, and try again."),
    415: ("That’s not how this page works", "Please go back, reload the page, and try again."),
    500: (
        "Something went wrong",
        "It’s our fault, and we’ve made a note. Please try again in a moment.",
    ),
}


def duration(seconds: int) -> str:
    """`1 second`, `40 seconds`, `3 minutes`, `2 hours`, `30 days`; rounded up, but for a few seconds."""
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds > size * 1.5:
            return _count(-(-(seconds - 5) // size), unit)
    return _count(max(1, seconds), "second")


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"


def one_of(items: list[str]) -> str:
    """`+44`, `+1 or +44`, `+1, +44 or +49`; the first eight of a long list."""
    if len(items) > 8:
        return ", ".join(items[:8]) + " and others"
    return " or ".join([", ".join(items[:-1]), items[-1]]) if len(items) > 1 else items[0]
