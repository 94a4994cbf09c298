"""The demo's story on a terminal: chapters with progress, a ribbon, an order, a funnel, a customer at a glance."""

import shutil
import sys
import time

MARKS = {"done": "[x]", "current": "[>]", "open": "[ ]", "skipped": "[-]", "partial": "[~]", "failed": "[!]"}
CHAPTERS = 7


def plain(text: str) -> str:
	"""Text for a terminal that may not know every letter."""
	encoding = sys.stdout.encoding or "ascii"
	return text.encode(encoding, "replace").decode(encoding)


def say(text: str = "") -> None:
	print(plain(text), flush=True)


class Screen:
	"""What walk/story.py shows; see `Silent` there."""

	def __init__(self):
		self._chapter = 0
		self._began = time.monotonic()

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
		width = shutil.get_terminal_size((100, 20)).columns - 4
		line = ""
		for step in ribbon["steps"]:
			part = f"{MARKS.get(step['state'], '[?]')} {step['label']}"
			if line and len(line) + len(part) + 3 > width:
				say(f"    {line} >")
				line = ""
			line = f"{line} > {part}" if line else part
		say(f"    {line}")
		if ribbon["amounts"]:
			amounts = ribbon["amounts"]
			text = "   ".join(
				f"{key} {amounts[key]:,.2f}" for key in ("ordered", "delivered", "billed", "paid")
			)
			say(f"    {ribbon['currency']}: {text}")

	def _order(self, order) -> None:
		say()
		for row in order.items:
			say(f"    {row.qty:>6g} x {row.item_code:<28} {row.rate:>12,.2f} {row.amount:>14,.2f}")
		say(f"    {'net total':>37} {order.currency:>12} {order.net_total:>14,.2f}")

	def _chain(self, chain: list[dict]) -> None:
		say("\n  The chain")
		for depth, document in enumerate(chain):
			say(f"    {'  ' * depth}{'└ ' if depth else ''}{document['doctype']} {document['name']}")

	def _history(self, events: list[dict]) -> None:
		say("\n  The ledger of the opportunity")
		for event in events:
			change = f"{event['from_text'] or '-'} > {event['to_text'] or '-'}"
			say(f"    {str(event['at'])[:19]}  {event['kind']:<12} {change:<44} {event['by']}")

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
			say(f"    {row['label']:<18} {row['documents']:>3}  {row['amount']:>12,.2f}   weighted {row['weighted']:>12,.2f}")

	def _customer(self, customer: dict) -> None:
		about = customer["about"]
		say(
			f"\n  {about['customer_name']} at a glance: {about['customer_group']}, {about['territory']}, {about['email_id']}"
		)
		for doctype, rows in customer["documents"].items():
			for row in rows:
				say(
					f"    {doctype:<20} {row['name']:<22} {row['status'] or '':<18} {row['amount'] or 0:>12,.2f}"
				)
		say(f"    ordered {customer['ordered']:,.2f}, paid {customer['paid']:,.2f}")

	def seconds(self) -> float:
		return time.monotonic() - self._began
