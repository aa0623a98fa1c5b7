"""A secret that does not become text."""

import copy
import json
import logging
import pickle

import pytest

from infra.errors import SecretExposedError
from infra.secret import Secret

HIDDEN = "correct-horse-battery-staple"


@pytest.mark.parametrize(
    "expose",
    [
        str,
        lambda secret: f"{secret}",
        lambda secret: f"{secret:>40}",
        lambda secret: "{}".format(secret),  # noqa: UP032  (the old spelling is a way out, too)
        lambda secret: "%s" % secret,  # noqa: UP031  (as above)
        lambda secret: "".join([secret]),
        json.dumps,
        lambda secret: json.dumps({"key": secret}),
        pickle.dumps,
        copy.copy,
        len,
        list,
        bytes,
        hash,
    ],
)
def test_every_way_into_text_raises_and_says_nothing(expose: object) -> None:
    with pytest.raises(TypeError) as raised:
        expose(Secret(HIDDEN))  # type: ignore[operator]
    assert HIDDEN not in str(raised.value)


def test_repr_works_and_hides() -> None:
    assert repr({"key": Secret(HIDDEN)}) == "{'key': Secret(hidden)}"


def test_a_log_line_with_a_secret_does_not_show_it(capsys: pytest.CaptureFixture[str]) -> None:
    logger = logging.Logger("leaky")
    logger.addHandler(logging.StreamHandler())
    logger.warning("the key is %s", Secret(HIDDEN))
    assert HIDDEN not in "".join(capsys.readouterr())


def test_reveal_gives_the_value() -> None:
    assert Secret(HIDDEN).reveal() == HIDDEN


def test_an_opaque_secret_has_nothing_to_reveal() -> None:
    with pytest.raises(SecretExposedError, match="not decrypted"):
        Secret.opaque().reveal()


def test_equality_is_of_values_but_opaque_ones_equal_only_themselves() -> None:
    opaque = Secret.opaque()
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert opaque == opaque
    assert Secret.opaque() != Secret.opaque()
    assert Secret("é") != Secret("e")
