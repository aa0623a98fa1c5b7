"""`q` of /logs: what can be searched in an entry. Case matters everywhere.

Source: auth0.com/docs/deploy-monitor/logs/log-search-query-syntax.
"""

from .. import lucene

_FIELDS = lucene.Fields(
    ("type", "description", "user_name", "user_id", "client_name", "client_id", "connection", "ip")
)


def parse(query: str) -> lucene.Test:
    """A test for log entries; Auth0Error 400 for what is not understood."""
    return lucene.test_of(query, _FIELDS)
