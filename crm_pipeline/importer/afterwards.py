"""What follows an import of records that were written in bulk: scores, owners and the global search, in the background."""

import frappe

from crm_pipeline.analytics import stall_verdicts
from crm_pipeline.assignment import assigning, rule_records
from crm_pipeline.chain import jobs
from crm_pipeline.importer.known_parties import DOCTYPES, LEAD
from crm_pipeline.importer.load_steps import Report
from crm_pipeline.importer.more_facts import OPPORTUNITY
from crm_pipeline.scoring import lead_scores


def follow(report: Report) -> None:
	"""Queue what a save would have done for each record that was stored. Commits, so that the jobs begin."""
	doctypes = [doctype for table, doctype in DOCTYPES.items() if report.made.get(table)]
	doctypes += [OPPORTUNITY] if report.loaded else []
	doctypes += sorted(report.followed - {*doctypes})
	if OPPORTUNITY in doctypes:
		stall_verdicts.refresh_all()
	if LEAD in doctypes:
		jobs.queue(lead_scores.JOB)
		if rule_records.names():
			jobs.queue(assigning.JOB)
	for doctype in doctypes:
		search_again(doctype)
	frappe.db.commit()  # the end of a load, which commits chunk by chunk - nosemgrep


def search_again(doctype: str) -> None:
	"""Have the global search know what is there of a type: what is written in bulk does not tell it."""
	if frappe.get_meta(doctype).get_global_search_fields():
		frappe.enqueue(
			"frappe.utils.global_search.rebuild_for_doctype",
			queue="long",
			timeout=3600,
			enqueue_after_commit=True,
			doctype=doctype,
		)
