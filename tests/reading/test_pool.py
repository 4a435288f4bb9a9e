"""Reading processes, real ones: what a file can do to them, and what that costs."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.hostile import mutate
from digest.errors import PaperError
from digest.reading import READER_VERSION, read
from digest.reading.pool import Pool
from digest.reading.worker import Limits
from digest.records import Figure, ReadStatus
from tests.reading.hostile import bomb, endless, save
from tests.reading.make import two_columns

ROOT = Path(__file__).parents[2]
HOSTILE = ROOT.parent / "shared" / "data" / "hostile"


@pytest.fixture(scope="module")
def pool():
    with Pool(workers=2) as pool:
        yield pool


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return two_columns().save(tmp_path_factory.mktemp("paper") / "paper.pdf")


def test_a_document_is_the_same_from_another_process(pool: Pool, paper: Path) -> None:
    assert pool.read(paper) == read(paper)


def test_documents_come_in_the_order_of_their_files(pool: Pool, paper: Path, tmp_path: Path) -> None:
    paths = [save(tmp_path / f"{i}.pdf", b"no PDF" if i % 3 else paper.read_bytes()) for i in range(40)]
    assert [document.status == "ok" for document in pool.read_all(paths)] == [i % 3 == 0 for i in range(40)]


def test_a_file_that_goes_on_for_ever_costs_its_time_and_nothing_else(paper: Path, tmp_path: Path) -> None:
    with Pool(workers=1, limits=Limits(seconds=0.5)) as pool:
        late, good = pool.read_all([save(tmp_path / "endless.pdf", endless()), paper])
    assert (late.status, late.problem, good.status) == (ReadStatus.TIMEOUT, "took too long", ReadStatus.OK)
    assert (len(late.sha256), late.reader) == (64, READER_VERSION)


def test_a_bomb_costs_its_memory_and_nothing_else(paper: Path, tmp_path: Path) -> None:
    with Pool(workers=1, limits=Limits(memory_mb=300)) as pool:
        burst, good = pool.read_all([save(tmp_path / "bomb.pdf", bomb(220)), paper])
    assert burst.status in {ReadStatus.UNREADABLE, ReadStatus.EMPTY}
    assert good.status is ReadStatus.OK


def test_text_without_end_is_not_sent_back(paper: Path) -> None:
    with Pool(workers=1, limits=Limits(reply_mb=0)) as pool:
        assert pool.read(paper).problem == "holds more than 0 MB of text"


def test_a_crash_of_the_library_is_told_of_that_file_only(pool: Pool, paper: Path) -> None:
    pool.read(paper)
    os.kill(pool._idle[-1]._process.pid, signal.SIGSEGV)
    crashed = pool.read(paper)
    assert (crashed.status, crashed.problem) == (ReadStatus.UNREADABLE, "ended the PDF library (SIGSEGV)")
    assert pool.read(paper).status is ReadStatus.OK


def test_a_file_that_is_gone_is_unreadable(pool: Pool, tmp_path: Path) -> None:
    document = pool.read(tmp_path / "gone.pdf")
    assert (document.status, document.sha256) == (ReadStatus.UNREADABLE, "")
    assert "No such file" in document.problem


def test_a_process_is_used_again_and_replaced_after_many_files(paper: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.reading.pool._SERVES", 3)
    with Pool(workers=1) as pool:
        served = []
        for _ in range(4):
            pool.read(paper)
            served.append([worker.served for worker in pool._idle])
    assert served == [[1], [2], [], [1]]


def test_a_figure_is_drawn_in_a_process_and_written_whole(pool: Pool, paper: Path, tmp_path: Path) -> None:
    figure = pool.read(paper).figures[0]
    pool.save_crop(paper, figure, tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(PaperError, match="Figure 9 on page 9 cannot be drawn"):
        pool.save_crop(paper, Figure(page=9, label="Figure 9", caption=""), tmp_path / "other.png")


def test_a_page_is_drawn_and_a_sentence_found_on_it(pool: Pool, paper: Path) -> None:
    assert pool.page(paper, 1, width_pixels=300).startswith(b"\x89PNG")
    assert pool.page(paper, 99, width_pixels=300) == b""
    sentence = pool.read(paper).passages[0].text.split(". ")[0]
    assert pool.find(paper, 1, sentence).boxes
    with pytest.raises(PaperError, match="locate"):
        pool.find(paper, 99, sentence)


def test_a_reader_loads_neither_numpy_nor_pydantic_nor_torch(paper: Path) -> None:
    code = f"""
import sys
from pathlib import Path
from digest.reading.worker import Read, load
load()
assert Read(path=Path({str(paper)!r})).run().status == "ok"
print(sorted({{"numpy", "pydantic", "torch", "faiss", "click", "httpx"}} & sys.modules.keys()))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.stdout == "[]\n"


@pytest.mark.data
@pytest.mark.skipif(not HOSTILE.is_dir(), reason="needs ../shared/data")
def test_every_tenth_hostile_file_gets_a_status_and_no_error_of_ours() -> None:
    paths = sorted(HOSTILE.rglob("*.pdf"))
    with Pool(limits=Limits(seconds=30)) as pool:
        documents = list(pool.read_all(paths if os.environ.get("DIGEST_ALL_HOSTILE") else paths[::10]))
    assert not [document.problem for document in documents if document.problem]
    assert {document.status for document in documents} >= {ReadStatus.OK, ReadStatus.PASSWORD, ReadStatus.NO_TEXT, ReadStatus.EMPTY}


def test_mutated_files_get_a_status_and_no_error_of_ours(pool: Pool, paper: Path, tmp_path: Path) -> None:
    data, other = paper.read_bytes(), endless()
    paths = [save(tmp_path / f"{seed}.pdf", mutate(data, other, seed)) for seed in range(120)]
    documents = list(pool.read_all(paths))
    assert not [document.problem for document in documents if document.problem]
    assert len({document.status for document in documents}) > 1


def test_an_interrupted_command_leaves_no_process_behind(tmp_path: Path) -> None:
    paths, workspace = [str(save(tmp_path / f"{i}.pdf", endless())) for i in range(4)], tmp_path / "workspace"
    workspace.mkdir()
    command = subprocess.Popen(
        [sys.executable, "-c", "from digest.cli import main; main()", "--workspace", str(workspace), "read", *paths],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    while not (workers := _children(command.pid)):
        assert command.poll() is None
        time.sleep(0.02)
    time.sleep(0.5)
    command.send_signal(signal.SIGINT)
    _, said = command.communicate()
    assert command.returncode == 130
    assert "interrupted" in said
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


def _children(pid: int) -> list[int]:
    return [int(child) for listed in Path(f"/proc/{pid}/task").glob("*/children") for child in listed.read_text().split()]
