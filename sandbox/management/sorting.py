"""`sort` of lists: by any one member, wherever it is."""

import re

from ..store import Doc
from . import lucene, paging

_SORT = re.compile(r"^([\w.]+):(1|-1)$")


def ordered(found: list[Doc], sort: str | None) -> list[Doc]:
    """As `sort` says (member:1 or member:-1); those without the member come last."""
    if not sort:
        return found
    asked = _SORT.fullmatch(sort)
    if asked is None:
        raise paging.invalid_query(f"String does not match pattern {_SORT.pattern}: {sort}", "sort")
    path = asked[1].split(".")
    having = [doc for doc in found if lucene.values(doc, path)]
    lacking = [doc for doc in found if not lucene.values(doc, path)]
    return (
        sorted(having, key=lambda doc: lucene.text(lucene.values(doc, path)[0]), reverse=asked[2] == "-1")
        + lacking
    )
