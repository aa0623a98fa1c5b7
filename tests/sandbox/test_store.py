"""The store: copies, order, single use, transactions, and what is left after the process."""

import threading
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.store import Store

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture
def store() -> Store:
    return Store(None)


def keys(store: Store, kind: str) -> list[str]:
    return [doc["key"] for doc in store.all(kind)]


def put(store: Store, kind: str, *names: str) -> None:
    for name in names:
        store.put(kind, name, {"key": name})


@settings(deadline=None)
@given(key=st.text(), doc=st.dictionaries(st.text(), JSON))
def test_a_document_comes_back_as_it_went_in(key: str, doc: dict[str, object]) -> None:
    store = Store(None)
    store.put("things", key, doc)
    assert store.get("things", key) == doc
    store.close()


def test_what_is_handed_out_is_a_copy(store: Store) -> None:
    original = {"list": [1]}
    store.put("things", "a", original)
    original["list"].append(2)
    first = store.get("things", "a")
    assert first is not None
    first["list"].append(3)
    assert store.get("things", "a") == {"list": [1]}


def test_an_unknown_key_is_none_and_deleting_it_is_false(store: Store) -> None:
    assert store.get("things", "a") is None
    assert store.delete("things", "a") is False


def test_kinds_do_not_see_each_other(store: Store) -> None:
    put(store, "left", "a")
    assert store.get("right", "a") is None
    assert store.all("right") == []


def test_order_is_that_of_the_first_insertion(store: Store) -> None:
    put(store, "things", "b", "a", "c")
    store.put("things", "a", {"key": "a", "changed": True})
    assert keys(store, "things") == ["b", "a", "c"]


def test_a_deleted_document_comes_back_at_the_end(store: Store) -> None:
    put(store, "things", "a", "b")
    assert store.delete("things", "a") is True
    put(store, "things", "a")
    assert keys(store, "things") == ["b", "a"]


def test_taking_returns_the_document_once(store: Store) -> None:
    put(store, "codes", "a")
    assert store.take("codes", "a") == {"key": "a"}
    assert store.take("codes", "a") is None


def test_of_many_takers_exactly_one_gets_the_document(store: Store) -> None:
    put(store, "codes", "a")
    start, taken = threading.Barrier(8), []

    def take() -> None:
        start.wait()
        taken.append(store.take("codes", "a"))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken, key=str) == [None] * 7 + [{"key": "a"}]


def test_a_log_is_read_from_where_the_reader_stopped(store: Store) -> None:
    first = store.append("messages", {"n": 1})
    second = store.append("messages", {"n": 2})
    assert second > first
    assert store.since("messages", 0) == [(first, {"n": 1}), (second, {"n": 2})]
    assert store.since("messages", first) == [(second, {"n": 2})]
    assert store.since("messages", second) == []


def test_trimming_keeps_the_newest(store: Store) -> None:
    for number in range(5):
        store.append("messages", {"n": number})
    store.trim("messages", 2)
    assert [doc["n"] for doc in store.all("messages")] == [3, 4]
    store.trim("messages", 9)
    assert store.count("messages") == 2


def test_where_finds_by_a_top_level_member(store: Store) -> None:
    store.put("users", "a", {"email": "x@example.com", "n": 1})
    store.put("users", "b", {"email": "y@example.com", "n": 2})
    store.put("users", "c", {"email": "x@example.com", "n": 3})
    assert [doc["n"] for doc in store.where("users", "email", "x@example.com")] == [1, 3]
    assert store.where("users", "missing", "x@example.com") == []


def test_a_transaction_that_fails_leaves_nothing(store: Store) -> None:
    def fail() -> None:
        with store.atomic():
            put(store, "things", "a")
            raise LookupError

    with pytest.raises(LookupError):
        fail()
    assert store.all("things") == []


def test_an_inner_transaction_fails_alone(store: Store) -> None:
    def fail() -> None:
        with store.atomic():
            put(store, "things", "inner")
            raise LookupError

    with store.atomic():
        put(store, "things", "outer")
        with pytest.raises(LookupError):
            fail()
        put(store, "things", "after")
    assert keys(store, "things") == ["outer", "after"]


def test_a_read_and_a_write_in_one_transaction_lose_no_update(store: Store) -> None:
    store.put("counters", "a", {"n": 0})

    def count() -> None:
        for _ in range(50):
            with store.atomic():
                doc = store.get("counters", "a") or {}
                store.put("counters", "a", {"n": doc["n"] + 1})

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.get("counters", "a") == {"n": 200}


def test_clearing_keeps_the_kinds_named(store: Store) -> None:
    put(store, "kept", "a")
    put(store, "gone", "a")
    store.clear(keep=("kept",))
    assert (store.count("kept"), store.count("gone")) == (1, 0)
    store.clear()
    assert store.dump() == {}


def test_a_dump_can_be_loaded_again(store: Store) -> None:
    put(store, "things", "b", "a")
    dumped = store.dump()
    put(store, "things", "later")
    store.load(dumped)
    assert store.dump() == dumped
    assert keys(store, "things") == ["b", "a"]


def test_the_file_holds_everything_for_the_next_process(tmp_path: Path) -> None:
    path = tmp_path / "store.sqlite3"
    first = Store(path)
    put(first, "things", "b", "a")
    # Not closed: what was put must be readable although nothing was said goodbye to.
    second = Store(path)
    assert keys(second, "things") == ["b", "a"]
    second.close()
    first.close()
