"""A long run of races and faults against a site, and a table of what came of it. `make soak` starts it.

Every round makes a small sale, lets several processes work on it in the same moment (or breaks something while one
does), and then asks whether all is as after one of them at a time:

  doubles     two documents where there may be one, or more ordered than agreed
  halves      an accepted request without order, a won deal without document, or the other way round
  losses      amounts that differ from what the documents say, after pending work was done
  raw errors  an error that is not told in words

In rounds with a fault an error is what was asked for; what counts there is that all or nothing happened.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import frappe

from crm_pipeline.core import registry

ROOT = Path(__file__).resolve().parents[2]
COLUMNS = ("rounds", "doubles", "halves", "losses", "raw errors")
FAULTS = ("a function of ours fails", "a worker is killed", "its connection is killed")
BREAK = (
	"crm_pipeline.chain.ledger.record", "crm_pipeline.deals.outcome.settle_ancestors", "crm_pipeline.orders.roll_up.recompute",
	"crm_pipeline.chain.pending.note", "crm_pipeline.orders.open_quantities.of_contract", "crm_pipeline.chain.locks.count_up",
	"frappe.enqueue", "crm_pipeline.chain.automation.set_state", "crm_pipeline.overrides.sales_order.contract_of",
)  # fmt: skip


class Worker:
	"""A process that is started again when it was killed."""

	def __init__(self, site: str):
		self.site = site
		self.process = None

	def start(self, job: dict) -> int | None:
		"""Give it a job; answers the id of its connection when it is ready, None when it can't be."""
		if not self.process or self.process.poll() is not None:
			self.process = subprocess.Popen(
				[sys.executable, "-W", "ignore", "-m", "tests.soak.worker", self.site],
				stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=ROOT,
				env={**os.environ, "PYTHONPATH": str(ROOT)},
			)  # fmt: skip
		self.say(json.dumps(job))
		self.early = self.hear()
		return self.early.get("ready")

	def go(self) -> None:
		if "ready" in self.early:
			self.say("go")

	def answer(self) -> dict:
		return self.hear() if "ready" in self.early else self.early

	def say(self, line: str) -> None:
		try:
			self.process.stdin.write(line + "\n")
			self.process.stdin.flush()
		except BrokenPipeError:
			pass

	def hear(self) -> dict:
		line = self.process.stdout.readline()
		return json.loads(line) if line else {"error": "Killed", "message": "", "worded": True}

	def end(self) -> None:
		if self.process:
			self.process.kill()


# ---- rounds: what is made, who works on it, and what must be true afterwards


def rounds(sale):
	"""{kind: maker of (calls, document to look at, facts)}; a call is (path, args)."""

	def contract_and(*quantities):
		contract = sale.contract()
		row = contract.items[0].name
		return contract, [sale.request(contract, {row: q}, submit=False) for q in quantities]

	def accept():
		request = sale.request(sale.contract())
		return [("crm_pipeline.api.accept_request", [request.name])] * 3, request

	def order_now():
		deal = sale.opportunity()
		return [("crm_pipeline.api.order_now", [deal.doctype, deal.name])] * 2, deal

	def convert():
		from crm_pipeline import api

		lead = sale.lead()
		api.qualify_lead(lead.name)
		api.contact_lead(lead.name, follow_up_date=frappe.utils.nowdate(), follow_up_plan="Call")
		return [("crm_pipeline.api.convert_lead", [lead.name, "Sales Opportunity", None, "Hot", "Ready"])] * 2, lead

	def make_contract():
		deal = sale.opportunity()
		return [("crm_pipeline.api.make_contract", [deal.doctype, deal.name])] * 3, deal

	def make_quotation():
		deal = sale.opportunity()
		return [("crm_pipeline.api.make_quotation", [deal.doctype, deal.name])] * 2, deal

	def what_remains():
		contract, requests = contract_and(3, 3)
		return [("tests.soak.worker.submit", [r.doctype, r.name]) for r in requests], contract

	def sign_and_move():
		deal = sale.opportunity()
		contract = sale.contract(submit=False, source_type=deal.doctype, source_name=deal.name)
		stages = open_stages(deal)
		moves = [("crm_pipeline.api.move_stage", [deal.doctype, deal.name, to]) for to in stages[1:3]]
		return [("tests.soak.worker.submit", [contract.doctype, contract.name]), *moves], deal

	def moves():
		deal = sale.opportunity()
		stages = open_stages(deal)
		return [("crm_pipeline.api.move_stage", [deal.doctype, deal.name, to]) for to in (stages[1:] + stages)[:4]], deal

	def accept_and_cancel():
		contract, (first, second) = contract_and(1, 1)
		order = sale.accept(submitted(first))
		second = submitted(second)
		calls = [("crm_pipeline.api.accept_request", [second.name]), ("tests.soak.worker.cancel", ["Sales Order", order.name])]
		return calls, contract

	return {f.__name__.replace("_", " "): f for f in (
		accept, order_now, convert, make_contract, make_quotation, what_remains, sign_and_move, moves, accept_and_cancel,
	)}  # fmt: skip


def open_stages(deal) -> list[str]:
	filters = {"pipeline": deal.pipeline, "stage_type": "Open", "disabled": 0}
	return frappe.get_all("Pipeline Stage", filters=filters, pluck="name", order_by="position asc")


def submitted(doc):
	doc.submit()
	return doc


def verdict(look_at) -> Counter:
	"""What is wrong around a document once everything pending is done."""
	from crm_pipeline.chain import graph, pending
	from crm_pipeline.core.chain import Ref
	from crm_pipeline.deals import outcome
	from crm_pipeline.orders import open_quantities, roll_up

	frappe.db.rollback()
	waiting = frappe.get_all(pending.DOCTYPE, fields=["document_type", "document"], order_by="creation asc", limit=0)
	pending.work_off([(row.document_type, row.document) for row in waiting])
	frappe.db.rollback()
	found = Counter()
	refs = [Ref(look_at.doctype, look_at.name), *graph.descendants(look_at.doctype, look_at.name)]
	live = {ref: frappe.db.get_value(ref.doctype, ref.name, ["docstatus", "status"], as_dict=True) for ref in refs}
	kinds = Counter(ref.doctype for ref in refs[1:] if live[ref].docstatus < 2)
	for doctype in {"Sales Lead": ["Sales Opportunity"], "Sales Opportunity": ["Sales Contract", "Quotation", "Sales Order"]}.get(look_at.doctype, []):
		found["doubles"] += max(0, kinds[doctype] - 1)
	for ref in refs:
		if ref.doctype == "Sales Order Request":
			orders = frappe.get_all("Sales Order", filters={"crm_source_name": ref.name, "docstatus": ("<", 2)}, order_by="name asc")
			accepted = live[ref].status in ("Accepted", "Delivered", "Completed")
			found["doubles"] += max(0, len(orders) - 1)
			found["halves"] += accepted != bool(orders)
		if ref.doctype == "Sales Contract" and live[ref].docstatus == 1:
			left = open_quantities.agreed_quantities("Sales Contract Item", "origin_item", ref.name)
			used = open_quantities.used_of_contract(ref.name)
			found["doubles"] += any(used.get(key, 0) > agreed + 0.001 for key, agreed in left.items())
		if ref.doctype in registry.DEALS:
			winner = outcome.winning_document(graph.descendants(ref.doctype, ref.name))
			found["halves"] += bool(winner) != (live[ref].status == "Won")
		if ref.doctype in registry.ROLLED_UP:
			found["losses"] += bool(roll_up.recompute(ref))
	frappe.db.rollback()
	return found


def race(workers, calls, look_at, isolated: bool) -> Counter:
	busy = list(zip(workers, calls, strict=False))
	for worker, (call, args) in busy:
		worker.start({"call": call, "args": args, "isolated": isolated, "look_at": [look_at.doctype, look_at.name]})
	for worker, _call in busy:
		worker.go()
	answers = [worker.answer() for worker, _call in busy]
	found = verdict(look_at)
	for answer in answers:
		if "error" in answer and not answer["worded"]:
			found["raw errors"] += 1
			print(f"  raw: {answer}", file=sys.stderr)
	return found


def fault(worker, calls, look_at, isolated: bool, kind: str) -> Counter:
	call, args = calls[0]
	job = {"call": call, "args": args, "isolated": isolated, "look_at": [look_at.doctype, look_at.name]}
	if kind == FAULTS[0]:
		job["break"] = random.choice(BREAK)
	connection = worker.start(job)
	worker.go()
	if kind != FAULTS[0]:
		time.sleep(random.uniform(0.0, 0.4))
		if kind == FAULTS[1]:
			worker.process.send_signal(signal.SIGKILL)
		elif connection:
			try:
				frappe.db.sql("KILL %s", connection)
			except Exception:
				pass
	worker.answer()
	return verdict(look_at)


# ---- the run


def main() -> int:
	options = parsed()
	site = options.site
	os.chdir(os.environ["SITES_PATH"])
	frappe.init(site=site, sites_path=".")
	frappe.connect()
	frappe.flags.mute_emails = True
	random.seed(options.seed)
	from tests.site.world import Sale, build

	sale = Sale(build(), frappe.set_user)
	frappe.db.commit()
	known = bool(frappe.db.sql("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'"))
	workers = [Worker(site) for _number in range(4)]
	table: dict[str, Counter] = {}
	makers = list(rounds(sale).items())
	todo = ["race"] * options.races + ["fault"] * options.faults
	random.shuffle(todo)
	try:
		for number, what in enumerate(todo):
			if number and number % options.restart_every == 0:
				restart(options)
			isolated = known and number % 2 == 1
			kind, make = makers[number % len(makers)]
			calls, look_at = make()
			frappe.db.commit()
			if what == "race":
				line, found = f"race: {kind}", race(workers, calls, look_at, isolated)
			else:
				broken = FAULTS[number % len(FAULTS)]
				line, found = f"fault: {broken}", fault(workers[0], calls, look_at, isolated, broken)
			for label in (line, "with snapshot isolation" if isolated else "without"):
				table.setdefault(label, Counter()).update({"rounds": 1, **found})
			if any(found.values()):
				print(f"round {number} ({line}, {look_at.doctype} {look_at.name}): {dict(found)}", file=sys.stderr)
	finally:
		for worker in workers:
			worker.end()
		show(table)
	return int(any(row[column] for row in table.values() for column in COLUMNS[1:]))


def restart(options) -> None:
	"""Queue and database go away and come back, where the caller said how."""
	for command in (options.restart_redis, options.restart_database):
		if command:
			subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)
	if options.restart_database:
		frappe.db.close()
		frappe.connect()


def show(table: dict[str, Counter]) -> None:
	width = max(map(len, table), default=4) + 2
	print("".ljust(width) + "".join(column.rjust(12) for column in COLUMNS))
	for label, row in sorted(table.items()):
		print(label.ljust(width) + "".join(str(row[column]).rjust(12) for column in COLUMNS))


def parsed():
	parser = argparse.ArgumentParser(prog="make soak", description="Races and faults against a throw-away site")
	parser.add_argument("--site", required=True)
	parser.add_argument("--races", type=int, default=1000)
	parser.add_argument("--faults", type=int, default=1000)
	parser.add_argument("--seed", type=int, default=1)
	parser.add_argument("--restart-every", type=int, default=100, help="rounds between two restarts")
	parser.add_argument("--restart-redis", help="command that stops and starts the bench's Redis")
	parser.add_argument("--restart-database", help="command that stops and starts the database server")
	return parser.parse_args()


if __name__ == "__main__":
	sys.exit(main())
