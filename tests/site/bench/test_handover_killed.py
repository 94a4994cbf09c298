"""A worker process that is killed in the middle of a handover: the next run goes on with what waits."""

import time

import frappe
from frappe.utils import add_to_date, now_datetime

from crm_pipeline import api
from crm_pipeline.chain import jobs
from crm_pipeline.handovers import handing_over
from tests.site.bench.racers import racer
from tests.site.bench.test_concurrency import committed  # noqa: F401
from tests.site.conftest import USERS
from tests.site.world import history

REP, OTHER = USERS["rep"][0], USERS["other_rep"][0]
ACTIVITY, HANDOVER, ITEM = "Sales Activity", handing_over.HANDOVER, handing_over.ITEM
MANY = 25


def made() -> str:
	"""A handover that is to be done, of MANY activities."""
	for n in range(MANY):
		values = {"subject": f"Call {n}", "way": "Phone", "status": "Planned", "sales_owner": REP}
		frappe.get_doc({"doctype": ACTIVITY, "starts_on": add_to_date(now_datetime(), days=2), **values}).insert()
	boxes = {kind.box: int(kind.doctype == ACTIVITY) for kind in handing_over.KINDS}
	doc = frappe.get_doc(
		{"doctype": HANDOVER, "from_user": REP, "rule": "One Person", "receivers": [{"user": OTHER}], **boxes}
	)
	doc.insert()
	api.prepare_handover(doc.name)
	api.start_handover(doc.name)
	frappe.db.commit()
	return doc.name


def states(name: str) -> dict[str, tuple[str, str]]:
	"""{activity: (state of its row, its owner)} as other processes left them."""
	frappe.db.commit()
	rows = frappe.get_all(ITEM, {"parent": name}, ["document", "state"], order_by="idx asc", limit=0)
	return {row.document: (row.state, frappe.db.get_value(ACTIVITY, row.document, "sales_owner")) for row in rows}


def worker():
	call = {"call": "crm_pipeline.chain.jobs.run", "args": [handing_over.JOB], "look_at": None}
	return racer({"site": frappe.local.site, "user": "Administrator", "snapshot_isolation": False, **call})


def test_a_worker_that_is_killed_leaves_whole_records_and_the_next_one_ends_it(committed):  # noqa: F811
	frappe.db.delete("Pipeline Job", {"name": handing_over.JOB})
	name = made()
	try:
		first = worker()
		first.go()
		for _try in range(1200):
			if sum(state == "Done" for state, _owner in states(name).values()) >= 5:
				break
			time.sleep(0.01)
		first.process.kill()
		first.process.wait()
		left = states(name)
		assert 5 <= sum(state == "Done" for state, _owner in left.values()) < MANY, "it was not killed in the middle"
		# What is done is done whole, what waits is untouched.
		assert set(left.values()) == {("Done", OTHER), ("Waiting", REP)}
		assert frappe.db.get_value(HANDOVER, name, "status") == "Running"
		frappe.db.set_value(
			"Pipeline Job",
			handing_over.JOB,
			"modified",
			add_to_date(now_datetime(), minutes=-20),
			update_modified=False,
		)
		frappe.db.commit()
		assert handing_over.JOB in jobs.stopped()
		second = worker()
		second.go()
		assert "error" not in second.answer()
		assert set(states(name).values()) == {("Done", OTHER)}
		assert frappe.db.get_value(HANDOVER, name, ["status", "done", "refused"]) == ("Done", MANY, 0)
		for activity in left:
			assert history(ACTIVITY, activity).count(("Owner", REP, OTHER)) == 1
	finally:
		frappe.db.rollback()
		for table in (ITEM, "Sales Handover Receiver"):
			frappe.db.delete(table, {"parent": name})
		frappe.db.delete(HANDOVER, {"name": name})
		frappe.db.delete("Pipeline Job", {"name": handing_over.JOB})
		frappe.db.commit()
