"""Opportunities with their history, in any number, for the benchmarks; written by SQL, committed, as measuring rolls
back after each call, and removed again.

`make(n)` brings the site to exactly `n` benchmark opportunities (titles start with TAG) with six ledger
events each: created, up to four moves, and changes of amount, owner and close date. Same seed, same data.
Half of the deals are closed, three of five of those won, over two years.
"""

import random
from datetime import date, datetime, timedelta

import frappe

from benchmarks.keeping import keep
from crm_pipeline.chain import passages

TAG = "BENCH"
PIPELINE = "Standard Sales"
CHUNK = 5000
OPEN_STAGES = ("qualification", "needs_analysis", "proposal", "negotiation")
PROBABILITY = {"qualification": 10, "needs_analysis": 25, "proposal": 50, "negotiation": 75, "won": 100, "lost": 0}
CATEGORY = {
	"qualification": "Pipeline",
	"needs_analysis": "Pipeline",
	"proposal": "Best Case",
	"negotiation": "Commit",
	"won": "Closed",
	"lost": "Omitted",
}


def make(count: int, today: date | None = None) -> None:
	"""Exactly `count` opportunities of the benchmark on the site; committed."""
	clear()
	world = _world()
	rng = random.Random(20)
	deals, events = [], []
	for number in range(count):
		deal, history = _deal(number, rng, world, today or date.today())
		deals.append(deal)
		events.extend(history)
		if len(deals) == CHUNK:
			_store(deals, events)
	_store(deals, events)
	for table in ("Sales Opportunity", "Pipeline Event", "Stage Passage"):
		frappe.db.sql(f"analyze table `tab{table}`")


def clear() -> None:
	deal = frappe.qb.DocType("Sales Opportunity")
	for doctype in ("Pipeline Event", "Stage Passage"):
		about = frappe.qb.DocType(doctype)
		frappe.qb.from_(about).delete().where(about.reference_name.like(f"{TAG}-%")).run()
	frappe.qb.from_(deal).delete().where(deal.name.like(f"{TAG}-%")).run()
	# Measured by other connections too; data of many rows are no one transaction.
	keep()


def _world() -> dict:
	company = frappe.db.get_value("Company", {}, "name", order_by="creation asc")
	root = frappe.db.get_value("Sales Person", {"parent_sales_person": ("in", ("", None))}, "name")
	persons = []
	for number in range(20):
		name = f"{TAG} Person {number}"
		if not frappe.db.exists("Sales Person", name):
			frappe.get_doc({"doctype": "Sales Person", "sales_person_name": name, "parent_sales_person": root}).insert()
		persons.append(name)
	group = frappe.db.get_value("Customer Group", {"is_group": 0}, "name")
	territories = frappe.get_all("Territory", filters={"is_group": 0}, pluck="name", order_by="name asc")
	customers = []
	for number in range(50):
		name = f"{TAG} Customer {number}"
		found = frappe.db.get_value("Customer", {"customer_name": name}, "name")
		if not found:
			values = {"customer_name": name, "customer_group": group, "territory": territories[0]}
			found = frappe.get_doc({"doctype": "Customer", **values}).insert().name
		customers.append(found)
	currency = frappe.get_cached_value("Company", company, "default_currency")
	# Measured by other connections too; data of many rows are no one transaction.
	keep()
	return {
		"company": company,
		"currency": currency,
		"persons": persons,
		"territories": territories,
		"customers": customers,
	}


def _deal(number: int, rng: random.Random, world: dict, today: date) -> tuple[dict, list[dict]]:
	name = f"{TAG}-{number:07d}"
	opened = today - timedelta(days=rng.randrange(1, 730))
	reached = rng.randrange(1, 5)
	closed = rng.random() < 0.5
	path = list(OPEN_STAGES[:reached])
	if closed:
		path.append("won" if rng.random() < 0.6 else "lost")
	span = max((today - opened).days, 1)
	moments = sorted(rng.randrange(span * 1440) for _stage in path[1:])
	start = datetime(opened.year, opened.month, opened.day)
	at = [start, *(start + timedelta(minutes=m) for m in moments)]
	amount = round(rng.lognormvariate(8, 1), 2)
	customer = rng.choice(world["customers"])
	stages = [f"{PIPELINE}-{key}" for key in path]
	kind = {"won": "Won", "lost": "Lost"}.get(path[-1], "Open")
	shared = {"owner": "Administrator", "modified_by": "Administrator", "docstatus": 0, "idx": 0}
	deal = {
		**shared,
		"name": name,
		"creation": at[0],
		"modified": at[-1],
		"title": f"{TAG} deal {number}",
		"customer": customer,
		"party_name": customer,
		"company": world["company"],
		"currency": world["currency"],
		"conversion_rate": 1.0,
		"pipeline": PIPELINE,
		"stage": stages[-1],
		"status": kind,
		"closed_from": stages[-2] if closed else None,
		"probability": PROBABILITY[path[-1]],
		"forecast_category": CATEGORY[path[-1]],
		"amount": amount,
		"base_amount": amount,
		"expected_close": at[-1].date() + timedelta(days=rng.randrange(-60, 180)),
		"opened_on": opened,
		"closed_on": at[-1].date() if closed else None,
		"outcome": kind if closed else None,
		"won_amount": amount if kind == "Won" else 0.0,
		"base_won_amount": amount if kind == "Won" else 0.0,
		"stage_entered_on": at[-1],
		"sales_person": rng.choice(world["persons"]),
		"territory": rng.choice(world["territories"]),
	}
	return deal, list(_events(deal, stages, at, rng, {**shared, "creation": at[0], "modified": at[0]}))


def _events(deal: dict, stages: list[str], at: list[datetime], rng: random.Random, shared: dict):
	def event(kind, old, new, when, spent=0):
		return {
			**shared,
			"name": f"{deal['name']}-{kind[:2]}-{next(counter)}",
			"reference_doctype": "Sales Opportunity",
			"reference_name": deal["name"],
			"kind": kind,
			"from_value": old,
			"to_value": new,
			"at": when,
			"by": "Administrator",
			"seconds_spent": spent,
			"pipeline": deal["pipeline"],
			"company": deal["company"],
			"customer": deal["customer"],
		}

	counter = iter(range(100))
	yield event("Created", None, stages[0], at[0])
	for old, new, before, when in zip(stages, stages[1:], at, at[1:], strict=False):
		yield event("Stage", old, new, when, int((when - before).total_seconds()))
	for _filler in range(6 - len(stages)):
		kind = rng.choice(("Amount", "Owner", "Expected Close"))
		yield event(kind, "1", "2", at[-1])


def _store(deals: list[dict], events: list[dict]) -> None:
	names = [deal["name"] for deal in deals]
	for doctype, rows in (("Sales Opportunity", deals), ("Pipeline Event", events)):
		if rows:
			fields = list(rows[0])
			frappe.db.bulk_insert(doctype, fields, [tuple(r[f] for f in fields) for r in rows], chunk_size=CHUNK)
		rows.clear()
	passages.write("Sales Opportunity", names)
	# Measured by other connections too; data of many rows are no one transaction.
	keep()
