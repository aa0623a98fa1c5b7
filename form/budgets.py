"""How much is allowed, and why. Amounts first, then the window.

Twilio has limits of its own (5 sends and 5 tries a verification, 10 minutes); ours hold across
verifications, people and processes. Odds: 10 wrong codes an hour of a million are 1 in 100,000.
https://www.twilio.com/docs/verify/api/rate-limits-and-timeouts
"""

from limits import (
    RateLimitItem,
    RateLimitItemPerDay,
    RateLimitItemPerHour,
    RateLimitItemPerMinute,
    RateLimitItemPerSecond,
)

# A person needs one code, perhaps a second; beyond that it is a nuisance to the number's owner, or pumping.
SENDS_PER_NUMBER: tuple[RateLimitItem, ...] = (
    RateLimitItemPerMinute(3, 10),
    RateLimitItemPerHour(5),
    RateLimitItemPerDay(10),
)

# One account walking through numbers: more than the limits of one number, far less than a campaign.
SENDS_PER_SUBJECT: tuple[RateLimitItem, ...] = (RateLimitItemPerHour(10), RateLimitItemPerDay(20))

# Coarse, because offices and mobile carriers put thousands of people behind one address.
SENDS_PER_ADDRESS: tuple[RateLimitItem, ...] = (RateLimitItemPerMinute(60, 10), RateLimitItemPerHour(200))

# Only one start for a number at a time; longer than the 8 s that Twilio gets to answer.
SENDING = RateLimitItemPerSecond(1, 15)

# Twilio's own limit, enforced before it is asked, so that parallel guesses can't slip through.
TRIES_PER_VERIFICATION = RateLimitItemPerMinute(5, 30)

# Wrong codes of one account, whatever the number and the verification.
FAILURES_PER_SUBJECT = RateLimitItemPerHour(10)

# NIST SP 800-63B: at most 100 failures in a row; counted until a success, or a month without any.
FAILURES_IN_A_ROW = RateLimitItemPerDay(100, 30)

FAILURES = (FAILURES_PER_SUBJECT, FAILURES_IN_A_ROW)

# Of those that are refused; whoever guesses at keys gets as little for it as at any other time.
PROBES_PER_ADDRESS = RateLimitItemPerMinute(10)

# A request token opens the door for 10 minutes; its one automatic send is remembered for longer.
SENDS_ON_ARRIVAL = RateLimitItemPerHour(1)


def resend_interval(seconds: int) -> RateLimitItem:
    """One send to a number in this many seconds: the countdown that the page shows."""
    return RateLimitItemPerSecond(1, seconds)
