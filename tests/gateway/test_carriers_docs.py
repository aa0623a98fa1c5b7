"""docs/carriers.md says what the code does."""

import hashlib
import hmac
import re
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.transports import REGISTRY, carrier_class
from gateway.transports.base import Outcome

from .carrier_case import sms, variables
from .carrier_table import CASES, WEBHOOK

TEXT = (Path(__file__).parents[2] / "docs" / "carriers.md").read_text()
ROWS = {
    match[1]: [cell.strip() for cell in match[0].strip("|").split("|")]
    for match in re.finditer(r"^\| `(\w+)`[^|\n]*\|.*$", TEXT, re.MULTILINE)
}


def test_each_carrier_has_a_row() -> None:
    assert set(ROWS) == set(REGISTRY)


@pytest.mark.parametrize("name", sorted(REGISTRY))
def test_a_row_names_the_settings_as_they_are(name: str) -> None:
    kind = carrier_class(name).settings
    names = variables(kind)
    optional = {env for field, env in names.items() if not kind.model_fields[field].is_required()}
    cell = ROWS[name][1]
    assert set(re.findall(r"`(\w+)`", cell)) == set(names.values())
    assert set(re.findall(r"\*`(\w+)`\*", cell)) == optional


@pytest.mark.parametrize("case", [pytest.param(case, id=case.name) for case in CASES])
def test_a_row_says_how_numbers_are_written_and_where_that_is_known_from(case: Any) -> None:
    assert ROWS[case.name][3] == ("plus" if case.plus else "digits")
    known = ROWS[case.name][5]
    assert known.startswith("documented: [") or case.name == "webhook"


def test_each_outcome_is_explained() -> None:
    for outcome in Outcome:
        assert f"| {outcome.value.replace('_', ' ')} |" in TEXT


def test_the_example_of_a_check_takes_what_the_webhook_sends() -> None:
    code = re.search(r"```python\n(.*?)```", TEXT, re.DOTALL)
    assert code is not None
    scope: dict[str, Any] = {"hashlib": hashlib, "hmac": hmac, "time": time}
    exec(code[1], scope)  # noqa: S102 - the page's own example
    request = WEBHOOK.carrier().request(sms())
    stamp, signature = request.headers["X-Sms-Timestamp"], request.headers["X-Sms-Signature"]
    genuine = scope["is_genuine"]
    secret, content = WEBHOOK.secrets[0].encode(), request.content or b""
    assert genuine(secret, stamp, signature, content)
    assert not genuine(secret + b"x", stamp, signature, content)
    assert not genuine(secret, stamp, signature, content + b" ")
    assert not genuine(secret, str(int(stamp) - 400), signature, content)
