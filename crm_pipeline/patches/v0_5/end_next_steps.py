"""Next steps that were agreed about leads, prospects and deals which were given up since wait for nobody."""

import frappe

from crm_pipeline.chain.reference import ACTIVITY, DONE, GIVEN_UP, PURSUED
from crm_pipeline.core.registry import STATES


def execute():
	activity = frappe.qb.DocType(ACTIVITY)
	for doctype in PURSUED:
		about = frappe.qb.DocType(doctype)
		given_up = frappe.qb.from_(about).select(about.name).where(about.status.isin(STATES[doctype].names(*GIVEN_UP)))
		waits = (activity.status == DONE) & (activity.next_step_done == 0) & (activity.next_step != "")
		(
			frappe.qb.update(activity)
			.set(activity.next_step_done, 1)
			.set(activity.cancelled_with_document, 1)
			.where((activity.reference_doctype == doctype) & waits & activity.reference_name.isin(given_up))
		).run()
