"""Faults of a machine end in one clear line, and what was interrupted can be started again."""

import os
import sqlite3
import subprocess
import sys

import pytest

from tests.contract.source import ROOT

MAKE_VENV = ROOT / "scripts" / "make_venv.sh"


def run(*command, cwd=ROOT, **env) -> subprocess.CompletedProcess:
	return subprocess.run(
		[str(part) for part in command], cwd=cwd, capture_output=True, text=True, timeout=120, env={**os.environ, **env}
	)


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
	done = run("/bin/sh", ROOT / "scripts" / "find_python.sh", PATH=str(tmp_path), PYTHON="")
	assert done.returncode == 1 and "Python 3.10 or newer" in done.stderr and "Python 3.8.10" in done.stderr


def test_without_a_network_one_line_says_so(tmp_path):
	nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_RETRIES": "1"}
	done = run("sh", MAKE_VENV, tmp_path / "venv", "no-such-package==1", **nowhere)
	assert "No package index can be reached" in one_line(done)


def test_two_set_ups_at_once_wait_for_each_other_in_words(tmp_path):
	(tmp_path / "venv.lock").mkdir()
	(tmp_path / "venv.lock" / "owner").write_text(str(os.getpid()))
	done = run("sh", MAKE_VENV, tmp_path / "venv", "anything")
	assert f"process {os.getpid()}" in one_line(done)


def test_an_interrupted_set_up_is_simply_started_again(tmp_path):
	(tmp_path / "venv" / "bin").mkdir(parents=True)
	(tmp_path / "venv.lock").mkdir()
	(tmp_path / "venv.lock" / "owner").write_text("999999999")
	(tmp_path / "nothing.txt").write_text("")
	done = run("sh", MAKE_VENV, tmp_path / "venv", "-r", tmp_path / "nothing.txt", PYTHON=sys.executable)
	assert done.returncode == 0, done.stderr
	assert (tmp_path / "venv" / "bin" / "python").exists() and not (tmp_path / "venv.lock").exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="an administrator may write anywhere")
def test_a_folder_that_can_not_be_written_is_named(tmp_path):
	tmp_path.chmod(0o500)
	assert "make the folder writable" in one_line(run("sh", MAKE_VENV, tmp_path / "venv", "anything"))
	assert "make the folder writable" in one_line(run(sys.executable, "-m", "walk.demo", tmp_path / "demo.sqlite"))


# ---- the demo


def test_a_demo_is_told_again_after_an_interruption_and_explored(tmp_path):
	file = tmp_path / "demo.sqlite"
	file.with_name("demo.sqlite.unfinished").write_text("half of a database")
	told = run(sys.executable, "-m", "walk.demo", file)
	assert told.returncode == 0, told.stdout + told.stderr
	assert "7/7" in told.stdout and sorted(p.name for p in tmp_path.iterdir()) == ["demo.sqlite"]
	explore = (sys.executable, "-m", "walk.explore", "--file", file)
	assert "Sales Opportunity" in run(*explore).stdout
	listed = run(*explore, "Sales Order").stdout
	order = listed.split()[0]
	shown = run(*explore, order).stdout
	assert "FERRY-77" in shown and "[x] Paid" in shown and "Sales Campaign" in shown
	assert "no document" in one_line(run(*explore, "NOTHING-1"))


def test_two_demos_at_once_write_no_file_together(tmp_path):
	lock = sqlite3.connect(tmp_path / "demo.sqlite.lock", isolation_level=None)
	lock.execute("begin exclusive")
	assert "Another demo is writing" in one_line(run(sys.executable, "-m", "walk.demo", tmp_path / "demo.sqlite"))
	lock.close()


def test_exploring_before_the_demo_says_what_to_do(tmp_path):
	done = run(sys.executable, "-m", "walk.explore", "--file", tmp_path / "none.sqlite")
	assert "run make demo first" in one_line(done)
