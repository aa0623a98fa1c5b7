"""How much may be sent: by number, its neighbourhood, country, client and in all, several windows each."""

from ipaddress import IPv4Address

from serving.addresses import client_address
from serving.values import value

from .names import Names
from .recipients import Recipient
from .stage import Limits, parse_limit
from .windows import Counts, Limit, Windows

# Pumping walks through numbers of one block, and clients through addresses of one network: the wider
# neighbourhood of each may have so many times what the nearer may.
WIDER = 4


@value
class Spent:
    """What one message took, to be given back when nothing came of it."""

    counts: Counts
    moment: str


class Budgets:
    """The stage's limits, counted by name: no number and no address gets into a store. StoreDownError when
    they can't be counted: then nothing may be sent."""

    def __init__(self, limits: Limits, windows: Windows, names: Names) -> None:
        self._windows = windows
        self._names = names
        self._number = Limit.of("number", parse_limit(limits.number))
        self._prefix = Limit.of("prefix", parse_limit(limits.prefix))
        self._prefix_wide = Limit.of("prefix-wide", parse_limit(limits.prefix), WIDER)
        self._country = Limit.of("country", parse_limit(limits.country))
        self._address = Limit.of("address", parse_limit(limits.address))
        self._network = Limit.of("network", parse_limit(limits.address), WIDER)
        self._total = Limit.of("total", parse_limit(limits.total))

    async def spend(self, recipient: Recipient, address: str | None) -> Spent:
        """Count one message; FullError when it would be too many, and then it counts nowhere."""
        number, names = recipient.number, self._names
        counts = [
            (self._number, recipient.name),
            (self._prefix, names.of("prefix", number[:-3])),
            (self._prefix_wide, names.of("prefix-wide", number[:-4])),
            (self._country, recipient.country),
            (self._total, ""),
        ]
        neighbourhood = neighbours(address) if address else None
        if neighbourhood:
            near, wide = neighbourhood
            counts += [(self._address, names.of("address", near)), (self._network, names.of("network", wide))]
        return Spent(counts, await self._windows.take(counts))

    async def give_back(self, spent: Spent) -> None:
        """The message certainly went nowhere."""
        await self._windows.give_back(spent.counts, spent.moment)


def neighbours(address: str) -> tuple[str, str] | None:
    """The leading bits, in hex, of a client's nearer and wider neighbourhood: an IPv4 address and its /24, or
    the /64 and the /56 of an IPv6 one; None for what is nobody's address on the internet."""
    ip = client_address(address)
    if ip is None:
        return None
    near, wide = (0, 8) if isinstance(ip, IPv4Address) else (64, 72)
    bits = int(ip)
    return f"{bits >> near:x}", f"{bits >> wide:x}"
