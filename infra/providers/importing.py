"""How something that exists already gets into a stack: the command, ready to paste.

`pulumi import` finds parent and provider in the stack's state: an `up` that was refused has left them there.
"""

from shlex import quote


def command(urn: str, id_: str, parent: str, provider: str) -> str:
    """A line of shell that takes what `id_` names into the stack as the resource `urn`.

    `parent` and `provider` are URNs; `parent` may be empty, for a resource that has none.
    """
    stack, _, types, name = urn.split("::", 3)
    words = ["pulumi", "import", types.rpartition("$")[2], name, id_]
    words += ["--parent", f"parent={parent}"] if parent else []
    words += ["--provider", f"provider={provider}", "--generate-code=false", "--yes"]
    return " ".join(map(quote, [*words, "--stack", stack.removeprefix("urn:pulumi:")]))


def parent_of(urn: str, suffix: str) -> str:
    """The URN of a resource's parent, "" without one; the parent is called alike, without `suffix`."""
    stack, project, types, name = urn.split("::", 3)
    if "$" not in types:
        return ""
    return f"{stack}::{project}::{types.rpartition('$')[0]}::{name.removesuffix(suffix)}"
