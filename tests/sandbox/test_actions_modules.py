"""What Actions may require besides Node's own modules: the tenant's Action modules, and npm packages."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.actions import NodeRunner

from .actions_driver import executing, request

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as `npm install` leaves it."""
    folder = tmp_path_factory.mktemp("packages")
    publish(folder, "small", "1.2.0", {"index.js": "module.exports = { of: require('other/lib/deep') }"})
    publish(
        folder,
        "other",
        "3.0.0",
        {"lib/deep.js": "exports.n = require('../data.json').n + 1", "data.json": '{"n": 1}'},
    )
    publish(
        folder, "@scope/pkg", "2.0.0", {"main.cjs": "exports.here = __filename.slice(-8)"}, main="main.cjs"
    )
    publish(
        folder,
        "native",
        "1.0.0",
        {"index.js": "module.exports = require('./build/x.node')", "build/x.node": ""},
    )
    publish(
        folder,
        "reader",
        "1.0.0",
        {"index.js": "exports.read = (path) => require('fs').readFileSync(path, 'utf8')"},
    )
    publish(folder, "strings", "1.0.0", {"index.js": "exports.two = new Function('return 2')()"})
    return folder


def publish(folder: Path, name: str, version: str, files: dict[str, str], main: str = "index.js") -> None:
    package = folder / "node_modules" / name
    for path, text in files.items():
        (package / path).parent.mkdir(parents=True, exist_ok=True)
        (package / path).write_text(text)
    (package / "package.json").write_text(json.dumps({"name": name, "version": version, "main": main}))


@pytest.fixture(scope="module")
async def installed(packages: Path) -> AsyncIterator[NodeRunner]:
    runner = NodeRunner(packages=packages)
    yield runner
    await runner.close()


def needing(code: str, *dependencies: str, modules: dict[str, Any] | None = None) -> dict[str, Any]:
    """A request to run this code with dependencies `name@version`."""
    made = request(code, key=f"{code} {dependencies}")
    split = [one.rpartition("@") for one in dependencies]
    made["action"] |= {
        "dependencies": [{"name": name, "version": version} for name, _, version in split],
        "modules": modules or {},
    }
    return made


async def says(runner: NodeRunner, body: str, *dependencies: str, **given: Any) -> str:
    answer = await runner.execute(needing(executing(f"console.log({body})"), *dependencies, **given))
    assert answer["error"] is None, answer["error"]
    return str(answer["console"][0]["text"])


async def refusal(runner: NodeRunner, code: str, *dependencies: str, **given: Any) -> str:
    answer = await runner.execute(needing(code, *dependencies, **given))
    return str(answer["error"]["message"])


@pytest.mark.parametrize("version", ["1.2.0", "latest"])
async def test_a_declared_package_that_is_installed_can_be_required(
    installed: NodeRunner, version: str
) -> None:
    assert await says(installed, "require('small').of.n", f"small@{version}") == "2"


async def test_scoped_packages_and_files_of_packages(installed: NodeRunner) -> None:
    assert await says(installed, "require('@scope/pkg').here", "@scope/pkg@2.0.0") == "main.cjs"
    assert await says(installed, "require('other/lib/deep').n", "other@3.0.0") == "2"


async def test_packages_may_make_code_from_strings_as_on_auth0(installed: NodeRunner) -> None:
    assert await says(installed, "require('strings').two", "strings@1.0.0") == "2"


@pytest.mark.parametrize(
    ("name", "dependencies"),
    [
        ("small", ()),  # not declared
        ("small", ("small@9.9.9",)),  # another version is installed
        ("lodash", ("lodash@4.17.21",)),  # not installed
        ("other", ("small@1.2.0",)),  # a package's own dependency is not the Action's
    ],
)
async def test_any_other_package_is_refused_in_auth0_s_words(
    installed: NodeRunner, name: str, dependencies: tuple[str, ...]
) -> None:
    at_the_top = f"const x = require('{name}'); {executing('')}"
    assert await refusal(installed, at_the_top, *dependencies) == (
        f"Compilation failed: Cannot find module '{name}'"
    )
    inside = executing(f"require('{name}')")
    assert await refusal(installed, inside, *dependencies) == f"Cannot find module '{name}'"


async def test_without_a_folder_for_packages_there_are_none(runner: NodeRunner) -> None:
    code = f"require('small'); {executing('')}"
    assert await refusal(runner, code, "small@1.2.0") == "Compilation failed: Cannot find module 'small'"


async def test_native_packages_are_refused(installed: NodeRunner) -> None:
    code = f"require('native'); {executing('')}"
    assert (await refusal(installed, code, "native@1.0.0")).startswith(
        "Compilation failed: Cannot find module"
    )


async def test_t53_packages_read_no_file_outside_their_folder(installed: NodeRunner, packages: Path) -> None:
    own = packages / "node_modules" / "small" / "package.json"
    assert '"small"' in await says(installed, f"require('reader').read('{own}')", "reader@1.0.0")
    code = executing("require('reader').read('/etc/passwd')")
    assert await refusal(installed, code, "reader@1.0.0") == "Access to this API has been restricted"


LOGGER = {
    "code": "let n = 0; module.exports = { count: () => ++n, key: actions.secrets.KEY };",
    "secrets": {"KEY": "of the module"},
}


async def test_an_action_module_has_state_and_secrets_of_its_own(runner: NodeRunner) -> None:
    code = executing(
        "const m = require('actions:logger'); m.count();"
        "console.log(m.count(), m.key, require('actions:logger') === m, typeof actions)"
    )
    answer = await runner.execute(needing(code, modules={"logger": LOGGER}))
    assert answer["console"][0]["text"] == "2 of the module true undefined"


async def test_modules_the_action_doesn_t_use_are_not_found(runner: NodeRunner) -> None:
    code = f"require('actions:other'); {executing('')}"
    expected = "Compilation failed: Cannot find module 'actions:other'"
    assert await refusal(runner, code, modules={"logger": LOGGER}) == expected


async def test_modules_can_t_require_modules(runner: NodeRunner) -> None:
    nesting = {"code": "module.exports = require('actions:logger')", "secrets": {}}
    modules = {"logger": LOGGER, "nesting": nesting}
    code = f"require('actions:nesting'); {executing('')}"
    assert (await refusal(runner, code, modules=modules)).endswith("Cannot find module 'actions:logger'")


async def test_code_beyond_100_kb_is_refused_whoever_stored_it(runner: NodeRunner) -> None:
    code = executing("") + "/" * 100_000
    assert await refusal(runner, code) == "The code of an Action takes at most 100 kB."
