"""Documents in SQLite: what the sandbox knows, in one file that survives a kill."""

import json
import re
import sqlite3
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Doc = dict[str, Any]

_SCHEMA = """
CREATE TABLE IF NOT EXISTS documents (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  key TEXT NOT NULL,
  body TEXT NOT NULL,
  UNIQUE (kind, key)
);
CREATE INDEX IF NOT EXISTS documents_in_order ON documents (kind, sequence);
"""
_NAME = re.compile("[A-Za-z_]+")
# WAL with NORMAL keeps every committed write through a killed process; only a power cut may lose some.
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "temp_store=MEMORY", "cache_size=-2000")


class Store:
    """JSON documents by kind and key, in insertion order.

    A document handed out is a copy: changing it changes nothing until it is put back.
    Thread-safe; `atomic` holds the store for its whole block.
    """

    def __init__(self, path: Path | None) -> None:
        """Open the file at `path`, or a store in memory for None."""
        self._lock = threading.RLock()
        self._depth = 0
        self._queries: dict[tuple[str, str], str] = {}
        # The lock above serialises threads, so SQLite's own one-thread check would only get in the way.
        self._db = sqlite3.connect(
            str(path) if path else ":memory:", isolation_level=None, check_same_thread=False
        )
        for pragma in _PRAGMAS:
            self._db.execute(f"PRAGMA {pragma}")
        self._db.executescript(_SCHEMA)

    def get(self, kind: str, key: str) -> Doc | None:
        with self._lock:
            row = self._db.execute(
                "SELECT body FROM documents WHERE kind=? AND key=?", (kind, key)
            ).fetchone()
        return _load(row[0]) if row else None

    def put(self, kind: str, key: str, doc: Doc) -> None:
        """Insert or replace; a replaced document keeps its place in the order."""
        with self._lock:
            self._db.execute(
                "INSERT INTO documents (kind, key, body) VALUES (?, ?, ?)"
                " ON CONFLICT (kind, key) DO UPDATE SET body=excluded.body",
                (kind, key, _dump(doc)),
            )

    def delete(self, kind: str, key: str) -> bool:
        with self._lock:
            return self._db.execute("DELETE FROM documents WHERE kind=? AND key=?", (kind, key)).rowcount > 0

    def take(self, kind: str, key: str) -> Doc | None:
        """Remove and return in one step, so that of two takers exactly one gets the document."""
        with self._lock:
            rows = self._db.execute(
                "DELETE FROM documents WHERE kind=? AND key=? RETURNING body", (kind, key)
            ).fetchall()
        return _load(rows[0][0]) if rows else None

    def all(self, kind: str) -> list[Doc]:
        with self._lock:
            rows = self._db.execute(
                "SELECT body FROM documents WHERE kind=? ORDER BY sequence", (kind,)
            ).fetchall()
        return [_load(body) for (body,) in rows]

    def where(self, kind: str, member: str, value: str) -> list[Doc]:
        """The documents whose top-level member has this value, in insertion order."""
        with self._lock:
            rows = self._db.execute(self._finding(kind, member), (value,)).fetchall()
        return [_load(body) for (body,) in rows]

    def _finding(self, kind: str, member: str) -> str:
        """The query for documents of a kind by a member, which has an index from its first use on."""
        query = self._queries.get((kind, member))
        if query is None:
            if not (_NAME.fullmatch(kind) and _NAME.fullmatch(member)):
                raise ValueError(f"{kind} and {member} should be plain names")
            # SQLite takes an index on an expression for a query that spells out the same constants.
            one, found = f"kind='{kind}'", f"json_extract(body,'$.{member}')"
            self._db.execute(
                f"CREATE INDEX IF NOT EXISTS {kind}_by_{member} ON documents ({found}) WHERE {one}"
            )
            query = f"SELECT body FROM documents WHERE {one} AND {found}=? ORDER BY sequence"  # noqa: S608 - two names, checked above
            self._queries[kind, member] = query
        return query

    def newest(self, kind: str, skip: int, limit: int) -> list[Doc]:
        """At most `limit` documents, the newest first, after `skip` of them."""
        with self._lock:
            rows = self._db.execute(
                "SELECT body FROM documents WHERE kind=? ORDER BY sequence DESC LIMIT ? OFFSET ?",
                (kind, limit, skip),
            ).fetchall()
        return [_load(body) for (body,) in rows]

    def append(self, kind: str, doc: Doc) -> int:
        """Add under an automatic key and return the document's sequence number."""
        with self.atomic():
            # The number isn't known before the insert, and the key has to be unique within the kind.
            cursor = self._db.execute(
                "INSERT INTO documents (kind, key, body) VALUES (?, lower(hex(randomblob(12))), ?)",
                (kind, _dump(doc)),
            )
            return int(cursor.lastrowid or 0)

    def since(self, kind: str, sequence: int) -> list[tuple[int, Doc]]:
        """What was stored after `sequence` (0: everything), with each document's own number."""
        with self._lock:
            rows = self._db.execute(
                "SELECT sequence, body FROM documents WHERE kind=? AND sequence>? ORDER BY sequence",
                (kind, sequence),
            ).fetchall()
        return [(number, _load(body)) for number, body in rows]

    def trim(self, kind: str, keep: int) -> None:
        """Forget all but the newest `keep` documents of a kind."""
        with self._lock:
            self._db.execute(
                "DELETE FROM documents WHERE kind=? AND sequence <= ("
                "SELECT sequence FROM documents WHERE kind=? ORDER BY sequence DESC LIMIT 1 OFFSET ?)",
                (kind, kind, keep),
            )

    def expire(self, kind: str, moment: float) -> None:
        """Forget the documents of a kind whose `expires_at` is not after a moment."""
        with self._lock:
            self._db.execute(
                "DELETE FROM documents WHERE kind=? AND json_extract(body,'$.expires_at')<=?", (kind, moment)
            )

    def count(self, kind: str) -> int:
        with self._lock:
            (number,) = self._db.execute("SELECT count(*) FROM documents WHERE kind=?", (kind,)).fetchone()
        return int(number)

    def dump(self) -> dict[str, dict[str, Doc]]:
        """Everything as {kind: {key: document}}, in insertion order."""
        with self._lock:
            rows = self._db.execute("SELECT kind, key, body FROM documents ORDER BY sequence").fetchall()
        kinds: dict[str, dict[str, Doc]] = {}
        for kind, key, body in rows:
            kinds.setdefault(kind, {})[key] = _load(body)
        return kinds

    def load(self, kinds: dict[str, dict[str, Doc]]) -> None:
        """Replace everything by what `dump` returned."""
        with self.atomic():
            self.clear()
            for kind, documents in kinds.items():
                for key, doc in documents.items():
                    self.put(kind, key, doc)

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """One transaction: all of the block's writes, or none when it raises. Blocks may nest."""
        with self._lock:
            name = f"level{self._depth}"
            self._db.execute(f"SAVEPOINT {name}" if self._depth else "BEGIN IMMEDIATE")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                self._db.execute(f"ROLLBACK TO {name}" if self._depth else "ROLLBACK")
                raise
            self._depth -= 1
            self._db.execute(f"RELEASE {name}" if self._depth else "COMMIT")

    def clear(self, keep: Collection[str] = ()) -> None:
        """Forget every document except those of the kinds in `keep`."""
        with self._lock:
            marks = ",".join("?" * len(keep))
            self._db.execute(f"DELETE FROM documents WHERE kind NOT IN ({marks})", tuple(keep))  # noqa: S608 - only question marks are interpolated

    def close(self) -> None:
        with self._lock:
            self._db.close()


def _dump(doc: Doc) -> str:
    return json.dumps(doc, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def _load(body: str) -> Doc:
    doc: Doc = json.loads(body)
    return doc
