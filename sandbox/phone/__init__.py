"""The tenant's phone provider: which one governs, and messages on their way through it."""

from .delivery import deliver
from .notification import Notification
from .provider import active

__all__ = ["Notification", "active", "deliver"]
