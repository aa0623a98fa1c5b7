"""Making a stage: all of it or nothing, and whatever a kill leaves is taken up by the next run."""

import shlex
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from infra import schema, stage_file
from infra.render import render
from infra.secret import Secret
from infra.settings import Settings

from ..engine import SIGNALS
from ..errors import OpsError
from .draft import Draft
from .engine import Engine
from .place import Place
from .stage_text import compose


@dataclass(frozen=True)
class Plan:
    """What a stage will be: settings by dotted key, secrets by theirs, and its place."""

    stage: str
    answers: Mapping[str, Any]
    secrets: Mapping[str, Secret] = field(repr=False)
    place: Place


def make(draft: Draft, engine: Engine, plan: Plan) -> None:
    """Stack, secrets and stage file, in this order. Raises OpsError: nothing is left, or it says what."""
    if draft.begun_on:
        _remove_left(draft, engine.on(draft.begun_on))
    engine = engine.on(plan.place.backend)
    if plan.place.passphrase is not None:
        engine = engine.knowing(plan.place.passphrase)
    draft.prepare()
    _prove(draft, plan)
    _refuse_taken(plan, engine.stacks())
    draft.begin(plan.place.backend)
    try:
        engine.initialise(plan.stage, plan.place.secrets_provider)
        for key, value in plan.secrets.items():
            engine.set_secret(plan.stage, key, value.reveal())
        draft.publish(_text(draft, plan))
    except BaseException:
        with _undisturbed():
            _undo(draft, engine)
        raise
    draft.clear()


def _text(draft: Draft, plan: Plan) -> str:
    sealed = schema.read_yaml(draft.stage_file) if draft.stage_file.exists() else {}
    return compose(plan.stage, plan.answers, schema.load(draft.root / "Pulumi.yaml"), sealed)


def _prove(draft: Draft, plan: Plan) -> None:
    """What will be written can be read, judged and rendered; raises what these raise."""
    draft.stage_file.write_text(_text(draft, plan), encoding="utf-8")
    mapping = stage_file.load(plan.stage, draft.root, draft.stage_file)
    render(Settings.from_mapping(mapping, stage=plan.stage, require_secrets=False))
    draft.stage_file.unlink()


def _refuse_taken(plan: Plan, stacks: Mapping[str, int]) -> None:
    if plan.stage not in stacks:
        return
    count = stacks[plan.stage]
    by_hand = by_hand_command(plan.stage, plan.place.backend)
    raise OpsError(
        f"There is a stack {plan.stage} on {plan.place.backend} already",
        f"It holds {count} resources: somebody's live stage."
        if count
        else "It is empty; somebody has made it.",
        f"Get Pulumi.{plan.stage}.yaml from whoever made it, or choose another name"
        + ("" if count else f"; if nobody needs it: {by_hand}"),
    )


def _remove_left(draft: Draft, engine: Engine) -> None:
    """An earlier run was cut short: remove the stack that it may have made, as long as that is empty."""
    try:
        _remove_stack(draft, engine)
    except OpsError as error:
        raise OpsError(
            f"An earlier run for {draft.stage} was cut short, and its stack cannot be removed",
            f"{error.what}: {error.why}",
            f"Mend that and run this again; or, if that stack is nobody's: "
            f"{by_hand_command(draft.stage, engine.backend or '')} ; rm -r {shlex.quote(str(draft.folder))}",
        ) from error
    draft.clear()


def _undo(draft: Draft, engine: Engine) -> None:
    """Back to nothing, unless the last step was done already. Raises OpsError with what is left."""
    if draft.is_published:
        draft.clear()
        return
    try:
        _remove_stack(draft, engine)
    except OpsError as error:
        raise OpsError(
            f"The stage {draft.stage} was not made, and an empty stack may be left on {engine.backend}",
            f"No file was written. Removing the stack failed: {error.why}",
            f"Run the command again, it begins by removing it; or: "
            f"{by_hand_command(draft.stage, engine.backend or '')}",
        ) from error
    draft.clear()


def _remove_stack(draft: Draft, engine: Engine) -> None:
    draft.prepare()
    if draft.stage in engine.stacks():
        engine.remove(draft.stage)


def by_hand_command(stage: str, backend: str) -> str:
    return f"PULUMI_BACKEND_URL={shlex.quote(backend)} pulumi stack rm {stage} --yes --preserve-config"


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Whoever is impatient now would leave half of it behind."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
