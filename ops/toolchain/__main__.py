"""`python -m ops.toolchain`: make sure that the toolchain is there, and print the folder to put on PATH."""

import sys

from rich.console import Console

from ..errors import OpsError
from .engine import ensure


def main() -> int:
    console = Console(stderr=True, soft_wrap=True)
    try:
        folder = ensure(console).bin_dir
    except OpsError as error:
        console.print(f"{error.what}\n  {error.why}\n  {error.mend}.", highlight=False, markup=False)
        return 1
    except KeyboardInterrupt:
        return 130
    sys.stdout.write(f"{folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
