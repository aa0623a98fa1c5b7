"""What became of one run of a trigger's Actions: /actions/executions/{id}.

Runs are written by whatever runs them, to the kind `executions`. Source:
auth0.com/docs/api/management/v2/actions/get-execution; recorded nowhere.
"""

from ...errors import Auth0Error, not_found
from ..documents import find, public
from ..routing import Answer, Call, Operation

KIND = "executions"


def missing() -> Auth0Error:
    return not_found("That execution does not exist.")


def get_execution(call: Call) -> Answer:
    return Answer(public(find(call, KIND, missing())))


OPERATIONS = (Operation("GET", "/actions/executions/{id}", get_execution, ("read:actions",)),)
