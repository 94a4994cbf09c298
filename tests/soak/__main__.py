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
import os
import random
import subprocess
import sys
import time
from collections import Counter

import frappe

from crm_pipeline.chain import locks
from crm_pipeline.core import registry
from tests.soak.worker import Worker, connect

COLUMNS = ("rounds", "doubles", "halves", "losses", "raw errors")
FAULTS = ("a function of ours fails", "a worker is killed", "its connection is killed")
# An amount that no sale of these rounds has.
SPOILED = 1.25
BREAK = (
	"crm_pipeline.chain.ledger.record", "crm_pipeline.deals.outcome.sync_ancestors", "crm_pipeline.orders.roll_up.recompute",
	"crm_pipeline.chain.pending.note", "crm_pipeline.orders.open_quantities.of_contract", "crm_pipeline.chain.contract_versions.count_up",
	"frappe.enqueue", "crm_pipeline.chain.automation.set_state", "crm_pipeline.overrides.sales_order.contract_of",
)  # fmt: skip


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
		return [
			("crm_pipeline.api.move_stage", [deal.doctype, deal.name, to]) for to in (stages[1:] + stages)[:4]
		], deal

	def accept_and_cancel():
		contract, (first, second) = contract_and(1, 1)
		order = sale.accept(submitted(first))
		second = submitted(second)
		calls = [
			("crm_pipeline.api.accept_request", [second.name]),
			("tests.soak.worker.cancel", ["Sales Order", order.name]),
		]
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


def made(make):
	"""What a round is about; other runs on the same site may be in the way."""
	while True:
		try:
			answer = make()
			frappe.db.commit()
			return answer
		except Exception as error:
			# A step that lost its race undid what was made before it.
			lost = locks.is_lost_race(error) or isinstance(error, locks.LostRaceError | frappe.DoesNotExistError)
			if not lost:
				raise
			frappe.db.rollback()
			time.sleep(random.uniform(0.0, 0.3))


@locks.whole_transaction
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
	for doctype in {
		"Sales Lead": ["Sales Opportunity"],
		"Sales Opportunity": ["Sales Contract", "Quotation", "Sales Order"],
	}.get(look_at.doctype, []):
		found["doubles"] += max(0, kinds[doctype] - 1)
	for ref in refs:
		if ref.doctype == "Sales Order Request":
			orders = frappe.get_all(
				"Sales Order", filters={"crm_source_name": ref.name, "docstatus": ("<", 2)}, order_by="name asc"
			)
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
			worker.process.kill()
		elif connection:
			try:
				frappe.db.sql("KILL %s", connection)
			except Exception:
				pass
	worker.answer()
	return verdict(look_at)


def restart(workers, calls, look_at, isolated: bool, command: str) -> Counter:
	"""A server goes away and comes back while a user's call and a job over many records are running. The job must come
	to its end and leave nothing undone."""
	spoiled = spoil()
	call, args = calls[0]
	workers[0].start({"call": call, "args": args, "isolated": isolated, "look_at": [look_at.doctype, look_at.name]})
	workers[1].start({"call": "tests.soak.worker.mend", "args": [spoiled], "isolated": isolated})
	for worker in workers[:2]:
		worker.go()
	time.sleep(random.uniform(0.0, 0.5))
	subprocess.run(command, shell=True, check=True, stdout=subprocess.DEVNULL)
	answers = [worker.answer() for worker in workers[:2]]
	frappe.db.close()
	frappe.destroy()
	connect(workers[0].site)
	found = verdict(look_at)
	found["losses"] += sum(frappe.db.get_value(*ref, "ordered_amount") == SPOILED for ref in spoiled)
	if "error" in answers[1]:
		found["raw errors"] += 1
		print(f"  the job: {answers[1]}", file=sys.stderr)
	return found


def spoil() -> list[tuple[str, str]]:
	"""Write wrong amounts on the last contracts; answers which."""
	names = frappe.get_all("Sales Contract", filters={"docstatus": 1}, pluck="name", order_by="creation desc", limit=12)
	for name in names:
		frappe.db.set_value("Sales Contract", name, "ordered_amount", SPOILED, update_modified=False)
	frappe.db.commit()
	return [("Sales Contract", name) for name in names]


# ---- the run


def main() -> int:
	options = parsed()
	os.chdir(os.environ["SITES_PATH"])
	connect(options.site)
	random.seed(options.seed)
	from tests.site.world import Sale, build

	sale = made(lambda: Sale(build(), frappe.set_user))
	known = bool(frappe.db.sql("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'"))
	workers = [Worker(options.site) for _number in range(4)]
	makers = list(rounds(sale).items())
	# So that workers have imported what they need.
	for _kind, make in makers:
		made(make)
	Worker.prepare()
	todo = plan(options)
	table: dict[str, Counter] = {}
	began = time.monotonic()
	try:
		for number, (what, how) in enumerate(todo):
			isolated = known and number % 2 == 1
			kind, make = makers[number % len(makers)]
			calls, look_at = made(make)
			if what == "race":
				line, found = f"race: {kind}", race(workers, calls, look_at, isolated)
			elif what == "fault":
				line, found = f"fault: {how}", fault(workers[0], calls, look_at, isolated, how)
			else:
				line, found = f"restart: {what}", restart(workers, calls, look_at, isolated, how)
			for label in (line, "with snapshot isolation" if isolated else "without"):
				table.setdefault(label, Counter()).update({"rounds": 1, **found})
			if any(found.values()):
				print(f"round {number} ({line}, {look_at.doctype} {look_at.name}): {dict(found)}", file=sys.stderr)
			if number % 100 == 99:
				print(
					f"{number + 1} of {len(todo)} rounds, {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True
				)
				show(table)
	finally:
		for worker in workers:
			worker.end()
		show(table)
	return int(any(row[column] for row in table.values() for column in COLUMNS[1:]))


def plan(options) -> list[tuple[str, str]]:
	"""What happens in each round: (race, ""), (fault, kind) or (server, command that restarts it)."""
	faults = [("fault", FAULTS[number % len(FAULTS)]) for number in range(options.faults)]
	commands = {"Redis": options.restart_redis, "database": options.restart_database}
	restarts = [(what, command) for what, command in commands.items() if command] * options.restarts
	todo = [("race", "")] * options.races + faults + restarts
	random.shuffle(todo)
	return todo


def show(table: dict[str, Counter]) -> None:
	width = max(map(len, table), default=4) + 2
	print("".ljust(width) + "".join(column.rjust(12) for column in COLUMNS))
	for label, row in sorted(table.items()):
		print(label.ljust(width) + "".join(str(row[column]).rjust(12) for column in COLUMNS), flush=True)


def parsed():
	parser = argparse.ArgumentParser(prog="make soak", description="Races and faults against a throw-away site")
	parser.add_argument("--site", required=True)
	parser.add_argument("--races", type=int, default=1000)
	parser.add_argument("--faults", type=int, default=1000)
	parser.add_argument("--seed", type=int, default=1)
	parser.add_argument("--restarts", type=int, default=20, help="of each server whose command is given")
	parser.add_argument("--restart-redis", help="command that stops and starts the bench's Redis")
	parser.add_argument("--restart-database", help="command that stops and starts the database server")
	return parser.parse_args()


if __name__ == "__main__":
	sys.exit(main())
