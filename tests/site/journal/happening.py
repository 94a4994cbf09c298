"""What happens on benchless between two moments: answers, messages, records."""

import hashlib
import itertools
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

from benchless import clock, context, messages, metadata, naming
from benchless.back_office.names import RANDOM_NAME
from benchless.database import db
from tests.site.journal.text import in_lines, in_one_line, plain

ROOT = Path(__file__).resolve().parents[3]
APP, TESTS = f"{ROOT}/crm_pipeline/", f"{ROOT}/tests/"
# Columns that say when something ran, or where a row stands beside others.
UNSAID = {"creation", "modified", "modified_by", "idx", "lft", "rgt", "parent", "parenttype", "parentfield", "doctype"}
# Of texts drawn at random.
DIGITS, LETTERS = "23456789", "abcdef"


class Happening:
	def __init__(self, story: str):
		self.story = story
		self.lines: list[str] = []
		self.drawn: list[str] = []
		self.draws = 0

	def begin(self, patch) -> None:
		"""Time stands still from here on, and what is drawn at random is drawn alike."""
		patch.setattr(clock, "monotonic", lambda: clock._began)
		patch.setattr(clock, "_last", clock.NOON)
		for module in (context, naming):
			patch.setattr(module, "random", self)
		self.before = all_rows()
		self.drawn += [name for _doctype, name in self.before if RANDOM_NAME.match(name)]
		sys.setprofile(self._watch)

	def choices(self, letters: str, k: int) -> list[str]:
		"""In place of random.choices: another text with each call, the same ones in every run. A digit and a letter in
		turn: what compares names drops zeros in front and doubled letters."""
		self.draws += 1
		numbers = hashlib.shake_256(f"{self.story} {self.draws}".encode()).digest(k)
		kinds = itertools.cycle((DIGITS, LETTERS))
		drawn = "".join(kind[number % len(kind)] for number, kind in zip(numbers, kinds, strict=False))
		self.drawn.append(drawn)
		return list(drawn)

	def end(self) -> str:
		"""The journal. Random texts are numbered in the order in which it names them."""
		sys.setprofile(None)
		text = "\n".join([*self.lines, *changes(self.before, all_rows(), unnamed=self.drawn)])
		numbers: dict[str, str] = {}
		drawn = "|".join(sorted(set(self.drawn), key=len, reverse=True)) or "(?!)"
		return re.sub(drawn, lambda found: numbers.setdefault(found[0], f"«{len(numbers) + 1}»"), text)

	def _watch(self, frame: FrameType, event: str, answer) -> None:
		"""Python's profiler calls this whenever a function returns."""
		if event != "return":
			return
		if frame.f_code is messages.msgprint.__code__:
			self.lines.append(f"said: {in_one_line(frame.f_locals['msg'])}")
		elif frame.f_code.co_filename.startswith(APP) and frame.f_back.f_code.co_filename.startswith(TESTS):
			sys.setprofile(None)
			self.lines += answered(frame, answer)
			sys.setprofile(self._watch)


def answered(frame: FrameType, answer) -> list[str]:
	"""What a function of the app, called by a test, gave back."""
	# Behind the door (api/door.py) it is the endpoint or the report that was asked.
	asked = getattr(frame.f_locals.get("types"), "function", None)
	name = getattr(asked, "__name__", frame.f_code.co_name)
	if name.startswith("<"):
		return []
	first, *more = in_lines(plain(answer))
	who = context.session.user.partition("@")[0]
	return [f"{who}: {name} ->", *(f"    {line}" for line in (first, *more))] if more else [f"{who}: {name} -> {first}"]


def all_rows() -> dict[tuple[str, str], dict]:
	"""{(DocType, name): row}; a row of a Single is one of its fields."""
	found = {}
	# Not by frappe.db, which a test may have replaced.
	ask = db._connection.execute
	for (table,) in ask("select name from sqlite_master where type = 'table' and name like 'tab%'").fetchall():
		if table == "tabSeries":
			continue
		answer = ask(f"select * from `{table}`")
		columns = [column[0] for column in answer.description]
		for values in answer.fetchall():
			row = dict(zip(columns, values, strict=True))
			if table == "tabSingles" and row["field"] in UNSAID:
				continue
			found[table[3:], row.get("name") or f"{row['doctype']}.{row['field']}"] = row
	return found


def changes(before: dict, after: dict, unnamed: list[str]) -> Iterator[str]:
	"""A line for each record that is new (+), gone (-) or other than before (~). What is as in the line before it is left
	out; so is a random name."""
	gone = [(kind, "-", name, {}) for kind, name in before if (kind, name) not in after]
	new = [(kind, "+", name, filled(kind, row)) for (kind, name), row in after.items() if (kind, name) not in before]
	other = [
		(kind, "~", name, changed(before[kind, name], row))
		for (kind, name), row in after.items()
		if before.get((kind, name), row) != row
	]
	said: dict[tuple[str, str], dict] = {}
	for kind, sign, name, values in sorted([*gone, *new, *other], key=lambda line: line[:2]):
		if not values and sign != "-":
			continue
		row = after.get((kind, name)) or before[kind, name]
		called = (
			f" of {row['parent']} {row.get('idx', '')}" if row.get("parent") else "" if name in unnamed else f" {name}"
		)
		told = in_one_line(values, said.get((kind, sign))) if values else ""
		yield f"{sign} {kind}{called} {told}".rstrip()
		said[kind, sign] = values


def filled(kind: str, row: dict) -> dict:
	"""What stands in a new row; in one of ERPNext's, what is ours."""
	native = metadata.is_native(kind)
	return {
		field: plain(value)
		for field, value in row.items()
		if value
		and field not in (*UNSAID, "name")
		and (field, value) != ("owner", "Administrator")
		and (field.startswith("crm_") or field == "docstatus" or not native)
	}


def changed(before: dict, row: dict) -> dict:
	return {
		field: f"{plain(before.get(field))} → {plain(value)}"
		for field, value in row.items()
		if value != before.get(field) and field not in UNSAID
	}
