"""`make demo`: tells the story of benchless/walk/story.py on a database file and leaves the file behind.

python -m benchless.walk.demo [FILE]
"""

import os
import shlex
import sqlite3
import sys
from contextlib import closing, contextmanager
from pathlib import Path

from benchless import host
from benchless.back_office import BackOfficeError
from benchless.walk.screen import Screen, say

FILE = host.ROOT / "crm-demo.sqlite"
STORY = "test_demo_walk.py::test_the_story_of_the_demo"


def run(file: Path) -> None:
	"""Tell the story on a new `file`. A file of that name is replaced when the story is complete, not before."""
	with only_one(file):
		unfinished = file.with_name(f"{file.name}.unfinished")
		for old in (unfinished, unfinished.with_name(f"{unfinished.name}-journal")):
			old.unlink(missing_ok=True)
		screen = Screen()
		say("CRM Pipeline on benchless: an embedded database,")
		say("ERPNext's answers as recorded on a real site.")
		made = tell(unfinished, screen)
		unfinished.replace(file)
	say(f"\nThe paid order is {made.order}. Told in {screen.seconds():.1f} s, kept in {file.name}.")
	beside = os.path.relpath(file)
	named = str(file) if beside.startswith("..") else beside
	explore = "make explore" if file == FILE else f"make explore FILE={shlex.quote(named)}"
	one = f"{explore} ARGS={made.opportunity}"
	say(f"Look around:\n  {explore:<{len(one)}}  what there is\n  {one}  one document, its chain and history")


def tell(path: Path, show):
	host.start(path)
	from benchless import back_office
	from benchless.database import db
	from benchless.walk import story

	back_office.begin(STORY)
	try:
		made = story.tell(show)
	except BaseException:
		back_office.end(failed=True)
		raise
	back_office.end()
	db.commit()
	db.close()
	return made


def is_ours(file: Path) -> bool:
	"""Whether a file is a database with the app in it, as a demo leaves it behind."""
	try:
		with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as base:
			return bool(base.execute("select 1 from sqlite_master where name = 'tabSales Lead'").fetchone())
	except sqlite3.Error:
		return False


@contextmanager
def only_one(file: Path):
	"""Hold a lock beside the file; the system drops it when the process ends, however it ends."""
	if file.exists() and not is_ours(file):
		raise host.Refused(f"{file} is not a database of the demo: name another file, or remove it")
	if not file.parent.is_dir():
		raise host.Refused(f"There is no folder {file.parent}: make it, or name a file in another one")
	if not os.access(file.parent, os.W_OK):
		raise host.Refused(
			f"Can't write to {file.parent}: make the folder writable, or name a file: make demo FILE=/tmp/crm.sqlite"
		)
	lock = sqlite3.connect(file.with_name(f"{file.name}.lock"), timeout=0, isolation_level=None)
	try:
		lock.execute("begin exclusive")
	except sqlite3.OperationalError:
		raise host.Refused(
			f"Another demo is writing {file.name}: wait for it to end, or name another file: make demo FILE=..."
		) from None
	try:
		yield
	finally:
		lock.close()
		file.with_name(f"{file.name}.lock").unlink(missing_ok=True)


def main(arguments: list[str]) -> int:
	try:
		run(Path(arguments[0]).expanduser().resolve() if arguments else FILE)
	except host.Refused as refused:
		say(f"demo: {refused}")
		return 1
	except sqlite3.OperationalError as error:
		if not host.can_not_keep(error):
			raise
		say(f"\ndemo: the database can't be written ({error}): make room on the disk and start it again with make demo")
		return 1
	except BackOfficeError as error:
		say(
			f"\ndemo: the recorded answers don't fit this checkout; on a bench, make record-traces renews them.\n{error}"
		)
		return 1
	except KeyboardInterrupt:
		say("\ndemo: interrupted; start it again with make demo")
		return 130
	return 0


if __name__ == "__main__":
	sys.exit(main([argument for argument in sys.argv[1:] if argument]))
