"""The Pulumi program: read the stage, judge it, render it, declare it."""

import sys
from pathlib import Path

import pulumi

# `main: infra/` puts this folder first on the path; its modules are reached from the root, as one package:
# hence imports that do not stand first.
sys.path[0] = str(Path(__file__).resolve().parent.parent)

from infra.declaration import program  # noqa: E402
from infra.errors import BundleError, RenderError, SettingsError  # noqa: E402

SAID = 32  # to the language host: the person has been told, add nothing

try:
    program()
except (SettingsError, RenderError, BundleError) as error:
    pulumi.log.error(str(error))
    sys.exit(SAID)
