"""Faults of a machine end in one clear line, and what was interrupted can be started again."""

import os
import shutil
import sqlite3
import subprocess
import sys
import time

import pytest

from tests.contract.source import ROOT

MAKE_VENV = ROOT / "scripts" / "make_venv.sh"


# What a make hands down to those that it calls, and what the user set for this one.
OF_MAKE = ("MAKEFLAGS", "MFLAGS", "MAKEOVERRIDES", "MAKELEVEL", "PYTHON", "ARGS", "FILE", "BENCH", "SITE")


def run(*command, cwd=ROOT, **env) -> subprocess.CompletedProcess:
	own = {name: value for name, value in os.environ.items() if name not in OF_MAKE}
	return subprocess.run(
		[str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=120, env={**own, **env}
	)


def fake_python(folder, script: str) -> None:
	"""An environment whose Python is a line of shell."""
	(folder / "bin").mkdir(parents=True)
	(folder / "bin" / "python").write_text(f"#!/bin/sh\n{script}\n")
	(folder / "bin" / "python").chmod(0o755)


def one_line(done: subprocess.CompletedProcess) -> str:
	text = (done.stdout + done.stderr).strip()
	assert done.returncode != 0 and len(text.splitlines()) == 1, text
	return text


# ---- setting up


def test_an_old_python_is_named_with_what_to_do(tmp_path):
	old = tmp_path / "python3"
	old.write_text('#!/bin/sh\n[ "$1" = --version ] && echo "Python 3.8.10"\nexit 1\n')
	old.chmod(0o755)
	for command in ("sh", "dirname", "command"):
		if os.path.exists(f"/bin/{command}"):
			(tmp_path / command).symlink_to(f"/bin/{command}")
	said = one_line(run("/bin/sh", ROOT / "scripts" / "find_python.sh", PATH=str(tmp_path), PYTHON=""))
	assert "Python 3.10 or newer" in said and "Python 3.8.10" in said


def test_a_named_python_is_that_one_or_none():
	assert "PYTHON=/no/such is not a Python that can be found" in one_line(
		run("sh", ROOT / "scripts" / "find_python.sh", PYTHON="/no/such")
	)


def test_an_environment_that_no_longer_runs_is_set_up_anew(tmp_path):
	(tmp_path / ".venv").mkdir()
	stamps = [tmp_path / ".venv" / name for name in ("host-ready", "tests-ready")]
	for stamp in stamps:
		stamp.write_text("")
	assert run("make", "-f", ROOT / "Makefile", "help", cwd=tmp_path).returncode == 0
	assert not any(stamp.exists() for stamp in stamps)


def test_without_a_network_one_line_says_so(tmp_path):
	fake_python(tmp_path / "venv", f'exec {sys.executable} "$@"')
	nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1"}
	done = run("sh", MAKE_VENV, tmp_path / "venv", "no-such-package==1", **nowhere)
	assert "No package index can be reached" in one_line(done)


def test_a_certificate_that_is_not_trusted_is_no_missing_network(tmp_path):
	fake_python(
		tmp_path / "venv",
		'[ "$3" = --version ] || { echo "connection broken by SSLError(CERTIFICATE_VERIFY_FAILED)"; exit 1; }',
	)
	assert "PIP_CERT" in one_line(run("sh", MAKE_VENV, tmp_path / "venv", "anything"))


def test_two_set_ups_at_once_wait_for_each_other_in_words(tmp_path):
	(tmp_path / "venv.lock").mkdir()
	(tmp_path / "venv.lock" / "owner").write_text(str(os.getpid()))
	done = run("sh", MAKE_VENV, tmp_path / "venv", "anything")
	assert f"process {os.getpid()}" in one_line(done)


@pytest.fixture
def zombie():
	"""The number of a process that has ended and that nobody has asked how."""
	ended = subprocess.Popen(["true"], stdout=subprocess.PIPE)
	ended.stdout.read()
	time.sleep(0.1)
	yield str(ended.pid)
	ended.wait()


@pytest.mark.parametrize("owner", ["999999999", "", "zombie"])
def test_an_interrupted_set_up_is_simply_started_again(tmp_path, owner, zombie):
	# Half an environment is made anew, a whole one stays.
	fake_python(tmp_path / "venv", "exit 1" if owner == "999999999" else "exit 0")
	(tmp_path / "venv.lock").mkdir()
	if owner:
		(tmp_path / "venv.lock" / "owner").write_text(zombie if owner == "zombie" else owner)
	(tmp_path / "nothing.txt").write_text("")
	done = run("sh", MAKE_VENV, tmp_path / "venv", "-r", tmp_path / "nothing.txt", PYTHON=sys.executable)
	assert done.returncode == 0, done.stderr
	assert (tmp_path / "venv" / "bin" / "python").exists() and not (tmp_path / "venv.lock").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="an administrator may write anywhere")
def test_a_folder_that_can_not_be_written_is_named(tmp_path):
	tmp_path.chmod(0o500)
	assert "make the folder writable" in one_line(run("sh", MAKE_VENV, tmp_path / "venv", "anything"))
	assert "make the folder writable" in one_line(
		run(sys.executable, "-m", "benchless.walk.demo", tmp_path / "demo.sqlite")
	)


def test_tests_where_the_site_can_not_be_kept_end_in_one_line():
	code = "from benchless import host; host.KEPT = host.Path('/dev/null/kept'); from tests.site.hosts import Benchless"
	done = run(sys.executable, "-c", f"{code}; Benchless().prepare()")
	assert "make the folder writable" in one_line(done)


@pytest.mark.parametrize("left", [0, 4096, 100_000])
def test_a_kept_site_that_was_cut_off_is_made_anew(tmp_path, left):
	code = f"from benchless import host; host.KEPT = host.Path({str(tmp_path)!r}); host.start(); print('started')"
	assert run(sys.executable, "-c", code).returncode == 0
	(kept,) = tmp_path.glob("site-*.sqlite")
	whole = kept.stat().st_size
	os.truncate(kept, left)
	done = run(sys.executable, "-c", code)
	assert done.stdout == "started\n" and kept.stat().st_size == whole, done.stderr


def test_answers_of_a_release_that_was_not_recorded_are_refused_in_one_line(tmp_path):
	done = run(sys.executable, "-m", "benchless.walk.demo", tmp_path / "demo.sqlite", BENCHLESS_TRACES="14")
	assert done.returncode == 1 and not done.stderr
	assert "traces of ERPNext 15 and 16, not of 14" in done.stdout.splitlines()[-1]


def test_a_run_without_an_environment_says_that_it_tested_nothing(tmp_path):
	for part in (
		".ci",
		"scripts",
		"Makefile",
		"benchless/requirements.txt",
		"tests/requirements.txt",
		"tests/requirements_parallel.txt",
	):
		(tmp_path / part).parent.mkdir(exist_ok=True)
		(shutil.copytree if (ROOT / part).is_dir() else shutil.copy)(ROOT / part, tmp_path / part)
	done = run("bash", ".ci/run", cwd=tmp_path, PYTHON="/no/such", BENCH="/no/such")
	assert done.returncode != 0 and "tested on: nothing" in done.stdout


# ---- the demo


def test_a_demo_is_told_again_after_an_interruption_and_explored(tmp_path):
	file = tmp_path / "demo.sqlite"
	file.with_name("demo.sqlite.unfinished").write_text("half of a database")
	told = run(sys.executable, "-m", "benchless.walk.demo", file)
	assert told.returncode == 0, told.stdout + told.stderr
	assert "7/7" in told.stdout and sorted(p.name for p in tmp_path.iterdir()) == ["demo.sqlite"]
	assert "  7,200.00 > 7,600.00  " in told.stdout and "left of the contract: 0\n" in told.stdout
	story, hints = told.stdout.split("Look around:")
	assert max(map(len, story.splitlines())) <= 80 and f"make explore FILE={file}" in hints
	explore = (sys.executable, "-m", "benchless.walk.explore", "--file", file)
	assert "Sales Opportunity" in run(*explore).stdout
	listed = run(*explore, "sales", "order").stdout
	order = listed.split()[0]
	shown = run(*explore, order, PYTHONIOENCODING="ascii").stdout
	assert "FERRY-77" in shown and "[x] Paid" in shown and "Sales Campaign" in shown
	assert "qty 6.00, rate 1,200.00, amount 7,200.00" in shown and "    - Sales Lead" in shown
	assert "no document" in one_line(run(*explore, "NOTHING-1"))
	assert "Quotations Need" in run(*explore, "CRM Pipeline Settings").stdout
	with subprocess.Popen([*map(str, explore)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as reading:
		reading.stdout.readline()
		reading.stdout.close()
		assert reading.wait() == 0 and reading.stderr.read() == b""


def test_two_demos_at_once_write_no_file_together(tmp_path):
	lock = sqlite3.connect(tmp_path / "demo.sqlite.lock", isolation_level=None)
	lock.execute("begin exclusive")
	assert "Another demo is writing" in one_line(
		run(sys.executable, "-m", "benchless.walk.demo", tmp_path / "demo.sqlite")
	)
	lock.close()


def test_exploring_before_the_demo_says_what_to_do(tmp_path):
	done = run(sys.executable, "-m", "benchless.walk.explore", "--file", tmp_path / "none.sqlite")
	assert "run make demo first" in one_line(done)


@pytest.mark.parametrize("content", [None, b"", b"a letter"], ids=["a folder", "empty", "a text"])
@pytest.mark.parametrize(
	"command", [("benchless.walk.demo",), ("benchless.walk.explore", "--file")], ids=["demo", "explore"]
)
def test_what_is_no_database_of_the_demo_is_left_alone(tmp_path, command, content):
	mine = tmp_path / "mine"
	mine.mkdir() if content is None else mine.write_bytes(content)
	assert "not a database of the demo" in one_line(run(sys.executable, "-m", *command, mine))
	assert [path.name for path in tmp_path.iterdir()] == ["mine"]
	assert content is None or mine.read_bytes() == content


def test_a_file_with_a_space_in_its_name_is_one_file():
	assert '"a b.sqlite"' in run("make", "-n", "demo", "FILE=a b.sqlite").stdout
	assert '"a b.sqlite"' in run("make", "-n", "explore", "FILE=a b.sqlite").stdout


@pytest.mark.parametrize(
	("words", "told"),
	[("database or disk is full", True), ("unable to open database file", True), ("no such table: tabItem", False)],
)
def test_a_full_disk_is_told_in_one_line_and_a_mistake_in_the_code_as_it_is(tmp_path, words, told):
	code = (
		"import sqlite3, sys; from benchless.walk import demo\n"
		f"def fail(*_): raise sqlite3.OperationalError({words!r})\n"
		f"demo.tell = fail; sys.exit(demo.main([{str(tmp_path / 'demo.sqlite')!r}]))"
	)
	done = run(sys.executable, "-c", code)
	assert done.returncode == 1
	assert ("make room on the disk" in done.stdout) is told
	assert ("Traceback" in done.stderr) is not told
