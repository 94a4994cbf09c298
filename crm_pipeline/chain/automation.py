"""States that documents decide, and what the site hangs on them.

Who submits a contract or an order need not be allowed to edit the deal, and validating it again could stop finance. So
such a state is written past the document's own save. The site's automation and other apps hear of it all the same, as
they hear of any save: on_update, or on_update_after_submit of a submitted document, and on_change. Assignment Rules,
Notifications, Webhooks, Server Scripts, Workflow Actions and doc_events of other apps run; our own controllers don't.

What such an automation breaks is its own: it is undone and logged, and the state holds.
"""

import frappe
from frappe import _

from crm_pipeline.chain import ledger, link_kinds
from crm_pipeline.chain.locks import is_lost_race
from crm_pipeline.core.chain import Ref

SAVEPOINT = "crm_pipeline_automation"


def set_state(
	doc,
	values: dict,
	event: tuple[str, str | None, str | None],
	note: str | None = None,
	update_modified: bool = True,
	related: Ref | None = None,
) -> None:
	"""Write columns that a document (`related`) decided, the row (kind, from, to) of the ledger, and let the automation run.

	`doc` is as stored and locked; it has the values afterwards, whatever the automation makes of them.
	"""
	# Written twice only where an automation on on_change broke, which takes the first one along.
	if not _attempt(doc, lambda: doc.db_set(values, update_modified=update_modified)):
		doc.update(values)
		frappe.db.set_value(doc.doctype, doc.name, values, update_modified=update_modified)
	link_kinds.note(doc.doctype, values)
	ledger.record(doc, *event, note=note, related=related)
	doc.flags.state_written = True
	_attempt(doc, lambda: doc.run_method("on_update_after_submit" if doc.docstatus == 1 else "on_update"))
	doc.flags.state_written = False


def _attempt(doc, step) -> bool:
	"""Do `step`; answers whether it worked. A lost race is not hidden: it has undone the whole transaction."""
	result = len(frappe.local.message_log)
	frappe.db.savepoint(SAVEPOINT)
	try:
		step()
	except Exception as error:
		if is_lost_race(error):
			raise
		frappe.db.rollback(save_point=SAVEPOINT)
		del frappe.local.message_log[result:]
		frappe.log_error(title=_("CRM Pipeline: automation of {0} {1} failed").format(_(doc.doctype), doc.name)[:140])
		return False
	return True
