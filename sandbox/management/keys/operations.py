"""Everything below /keys."""

from ..routing import Operation
from . import encryption, network_acls, signing

OPERATIONS: tuple[Operation, ...] = (*signing.OPERATIONS, *encryption.OPERATIONS, *network_acls.OPERATIONS)
