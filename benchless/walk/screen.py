"""The demo's story on a terminal: chapters with progress, a ribbon, an order, a funnel, a customer at a glance."""

import os
import re
import shutil
import sys
import time
from datetime import datetime

# How a point in time is kept.
MOMENT = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?"

# States of core/ribbon.py.
MARKS = {
	"done": "[x]", "current": "[>]", "part": "[~]", "open": "[ ]", "skipped": "[-]", "lost": "[!]", "cancelled": "[!]",
}  # fmt: skip
LEGEND = "[x] done  [>] running  [~] in part  [ ] to come  [-] not needed  [!] lost"
CHAPTERS = 7
WIDTH = 80


def plain(text: str) -> str:
	"""Text for a terminal that may not know every letter."""
	encoding = sys.stdout.encoding or "ascii"
	try:
		text.encode(encoding)
	except UnicodeEncodeError:
		text = text.translate(str.maketrans("█└", "#-")).encode(encoding, "replace").decode(encoding)
	return text


def say(text: str = "") -> None:
	try:
		print(plain(text), flush=True)
	except BrokenPipeError:
		# Whoever reads along (head, less) has seen enough.
		os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def shown(value) -> str:
	"""A value as a person reads it; also an amount that is kept as a text."""
	if isinstance(value, float) or isinstance(value, str) and re.fullmatch(r"-?\d+\.\d+", value):
		return f"{float(value):,.2f}"
	if isinstance(value, datetime) or isinstance(value, str) and re.fullmatch(MOMENT, value):
		return str(value)[:16]
	return "" if value is None else str(value)


def columns(rows: list, longest: int = 30) -> list[str]:
	"""Rows of values as lines, numbers to the right."""
	texts = [[shown(value)[:longest] for value in row] for row in rows]
	widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
	return [
		"  ".join(
			text.rjust(width) if isinstance(value, int | float) else text.ljust(width)
			for value, text, width in zip(row, line, widths, strict=True)
		).rstrip()
		for row, line in zip(rows, texts, strict=True)
	]


class Screen:
	"""What walk/story.py shows; see `Silent` there."""

	def __init__(self):
		self._chapter = 0
		self._began = time.monotonic()
		self._explained = False

	def chapter(self, title: str) -> None:
		self._chapter += 1
		bar = ("#" * self._chapter).ljust(CHAPTERS, ".")
		say(f"\n[{bar}] {self._chapter}/{CHAPTERS}  {title}")

	def did(self, who: str, what: str) -> None:
		say(f"  {who + ' ' if who else '    '}{what}")

	def picture(self, kind: str, data) -> None:
		getattr(self, f"_{kind}")(data)

	def _ribbon(self, ribbon: dict) -> None:
		say()
		width = shutil.get_terminal_size((80, 20)).columns - 4
		line = ""
		for step in ribbon["steps"]:
			part = f"{MARKS[step['state']]} {step['label']}"
			if line and len(line) + len(part) + 3 > width:
				say(f"    {line} >")
				line = ""
			line = f"{line} > {part}" if line else part
		say(f"    {line}")
		if not self._explained:
			say(f"    {LEGEND}")
			self._explained = True
		if ribbon["amounts"]:
			amounts = ribbon["amounts"]
			text = "   ".join(f"{key} {amounts[key]:,.2f}" for key in ("ordered", "delivered", "billed", "paid"))
			say(f"    {ribbon['currency']}: {text}")

	def _order(self, order) -> None:
		say()
		for row in order.items:
			say(f"    {row.qty:>6g} x {row.item_code:<28} {row.rate:>12,.2f} {row.amount:>14,.2f}")
		say(f"    {'net total':>37} {order.currency:>12} {order.net_total:>14,.2f}")

	def _chain(self, chain: list[dict]) -> None:
		"""Each document below the one that it came from; see walk/story.py for the shape."""
		say("\n  The chain")
		there = {(document["doctype"], document["name"]) for document in chain}
		for document in chain:
			if document.get("source") not in there:
				self._branch(document, chain, 0)

	def _branch(self, document: dict, chain: list[dict], depth: int) -> None:
		name, title = document["name"], document.get("title")
		about = ", ".join(text for text in (title if title != name else "", document.get("state")) if text)
		line = f"    {'  ' * depth}{'└ ' if depth else ''}{document['doctype']} {name}{f': {about}' if about else ''}"
		say(line if len(line) <= WIDTH else f"{line[: WIDTH - 3]}...")
		for other in chain:
			if other.get("source") == (document["doctype"], name):
				self._branch(other, chain, depth + 1)

	def _history(self, events: list[dict]) -> None:
		say("\n  The ledger")
		for event in events:
			change = f"{shown(event['from_text']) or '-'} > {shown(event['to_text']) or '-'}"
			say(f"    {str(event['at'])[:16]}  {event['kind']:<14} {change:<32} {event['by'].partition('@')[0]}")

	def _funnel(self, funnel: dict) -> None:
		say("\n  From the boat show")
		most = max(funnel["counts"].values()) or 1
		for label, count in funnel["counts"].items():
			say(f"    {label:<14} {'█' * round(30 * count / most):<30} {count}")
		say(f"\n  {'Its funnel, stage by stage':<28} entered  advanced  lost  back  here")
		for row in funnel["funnel"]:
			if row["entered"]:
				counts = (row[key] for key in ("entered", "advanced", "lost", "moved_back", "here"))
				say("    {:<26} {:>7}  {:>8}  {:>4}  {:>4}  {:>4}".format(row["label"], *counts))
		say("\n  Open now, by stage")
		for row in funnel["open"]:
			say(
				f"    {row['label']:<18} {row['documents']:>3}  {row['amount']:>12,.2f}   weighted {row['weighted']:>12,.2f}"
			)

	def _customer(self, customer: dict) -> None:
		about = customer["about"]
		say(f"\n  {about['customer_name']} at a glance")
		say(f"    {about['customer_group']}, {about['territory']}, {about['email_id']}")
		for doctype, rows in customer["documents"].items():
			for row in rows:
				say(f"    {doctype:<20} {row['name']:<22} {row['status'] or '':<18} {row['amount'] or 0:>12,.2f}")
		say(f"    ordered {customer['ordered']:,.2f}, paid {customer['paid']:,.2f}")

	def seconds(self) -> float:
		return time.monotonic() - self._began
