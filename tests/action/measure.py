"""`python -m tests.action.measure`: what the Action costs a login, in microseconds and bytes."""

import statistics

from . import made
from .runner import ActionRunner

RUNS, ROUNDS = 100_000, 5


def main() -> None:
    """Print the median of five rounds for each way through the Action."""
    form = made.code()
    hint = {"user_metadata": {"phone_number": made.OTHER}}
    seen = made.verified(user={"app_metadata": {"phone_hint": made.digest(made.OTHER)}, **hint})
    back = made.returning(made.login(), made.signed(made.result_claims()))
    ways = {
        "verified, no hint": (made.EXECUTE, made.verified(), RUNS),
        "verified, same hint": (
            made.EXECUTE,
            made.verified(user={"user_metadata": {"phone_number": made.PHONE}}),
            RUNS,
        ),
        "verified, hint seen before (one SHA-256)": (made.EXECUTE, seen, RUNS),
        "sent to the form (JWE)": (made.EXECUTE, made.hinted(made.PHONE), RUNS // 10),
        "back from the form (validate, open, write)": (made.CONTINUE, back, RUNS // 10),
    }
    with ActionRunner() as node:
        for name, (handler, event, times) in ways.items():
            rounds = [
                node.run(form, handler, event, times=times, warm=True).nanoseconds for _ in range(ROUNDS)
            ]
            print(f"{name}: {statistics.median(rounds) / 1000:.2f} µs")
        loads = [node.run(form, made.EXECUTE, made.verified()).load_nanoseconds for _ in range(50)]
        print(f"compile and load, new instance: {statistics.median(loads) / 1000:.0f} µs")
    template = (made.ROOT / "action_src" / "phone_verification.js.j2").read_bytes()
    constant = len(form.encode()) - len(template) + len("{{ stage | js }}")
    print(f"rendered: {len(form.encode())} bytes, of which the stage's constant {constant}; npm modules: 0")


if __name__ == "__main__":
    main()
