"""A session: what it stands on, and what becomes of that when it is not enough, and with every save."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from refundbook.base.schema import CASES, COMMUNICATIONS
from refundbook.storage.cache_file import Cache
from refundbook.storage.not_enough import NotEnough
from refundbook.storage.session import Session
from refundbook.storage.snapshot import VERSION
from refundbook.storage.snapshot_store import SnapshotStore
from refundbook.storage.store import Store
from refundbook.storage.whole_store import WholeStore
from refundbook.storage.workbook_file import WorkbookFile
from tests.support.samples import TODAY, load, sample_at
from tests.support.warm import known, readings, same_files, without_cache

pytestmark = pytest.mark.slow

KEY = "gtb-789012"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The sample, of which refundbook knows what is in it."""
    path = sample_at(tmp_path / "t.xlsx")
    with load(path) as book:
        book.append_case("GTB-1", opened="2023-11-01")
    return known(path)


@pytest.fixture(params=[SnapshotStore, WholeStore])
def store(path: Path, request: pytest.FixtureRequest) -> Iterator[Store]:
    at = WorkbookFile(path)
    if request.param is WholeStore:
        made: Store = WholeStore.read(at, TODAY, (), strict=True, is_to_save=False)
    else:
        made = SnapshotStore.open(at, Cache(at.path, VERSION), TODAY)
    with closing(made):
        yield made


def new(number: str) -> dict[str, object]:
    return {"number": number, "opened": TODAY}


def append(session: Session, number: str) -> None:
    session.add(CASES, new(number), session.next_row(CASES))
    session.save(None, "ana")


def test_both_stores_hold_the_same_of_a_case(path: Path, store: Store) -> None:
    store.expect(1)
    store.fetch(COMMUNICATIONS, {"number": "GTB-789012"})
    whole = load(path).records
    for ours, theirs in zip(store.records.logs, whole.logs, strict=True):
        at, there = ours.by_case[KEY], theirs.by_case[KEY]
        assert [ours.rows[i] for i in at] == [theirs.rows[i] for i in there]
        for name in ours.columns:
            assert [ours[name][i] for i in at] == [theirs[name][i] for i in there]
    assert store.next_entry == len(whole.communications) + 1
    assert store.known_errors == frozenset()
    assert store.to_mend("ana") == []


def test_what_one_store_says_it_lacks_the_other_has(path: Path, store: Store) -> None:
    with closing(Session(WorkbookFile(path), TODAY, known_is_enough=True)) as session:
        wanted: list[Callable[[], object]] = [
            lambda: store.expect(None),
            lambda: store.require({"number": "GTB-789012"}),
            store.all_records,
            lambda: store.findings(session.changes),
            lambda: store.said_ahead(session.changes),
            lambda: store.take_back([], ValueError()),
        ]
        for work in wanted:
            if isinstance(store, WholeStore):
                work()
            else:
                with pytest.raises(NotEnough):
                    work()


def test_what_is_not_enough_is_done_again_on_all_of_the_workbook_with_what_was_added_before(path: Path) -> None:
    tries: list[int] = []

    def work(session: Session) -> int:
        tries.append(len(session.changes.entries))
        session.add(CASES, new("GTB-3"), session.next_row(CASES))
        session.expect(None)
        return len(session.records.cases)

    with closing(Session(WorkbookFile(path), TODAY, known_is_enough=True)) as session, readings() as found:
        session.add(CASES, new("GTB-2"), session.next_row(CASES))
        assert session.on_enough(lambda: work(session)) == 5
        assert session.on_enough(lambda: len(session.all_records().cases)) == 5
    assert tries == [1, 1]
    assert found.count == 1


@pytest.mark.parametrize("known_is_enough", [True, False])
def test_many_saves_of_one_session_leave_what_sessions_of_their_own_leave(
    tmp_path: Path, path: Path, *, known_is_enough: bool
) -> None:
    one = tmp_path / "one" / "t.xlsx"
    one.parent.mkdir()
    one.write_bytes(path.read_bytes())
    with without_cache():
        for n in range(4):
            with closing(Session(WorkbookFile(one), TODAY)) as session:
                append(session, f"NEW-{n}")
    with closing(Session(WorkbookFile(path), TODAY, known_is_enough=known_is_enough)) as session:
        for n in range(4):
            append(session, f"NEW-{n}")
    same_files(path, one)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="another system than Linux")
@pytest.mark.parametrize("known_is_enough", [True, False])
def test_many_saves_keep_no_file_open_that_is_gone(path: Path, *, known_is_enough: bool) -> None:
    """Each new file is made of pieces of the one before: not of all that ever were."""

    def held() -> int:
        links = [link for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
        return sum(path.name in str(link.readlink()) for link in links)

    counts = set()
    with closing(Session(WorkbookFile(path), TODAY, known_is_enough=known_is_enough)) as session:
        for n in range(6):
            append(session, f"NEW-{n}")
            counts.add(held())
        data = session._store.base.package.archive.data
    assert max(counts) <= 1
    assert held() == 0
    assert not getattr(data, "is_layered", False)
