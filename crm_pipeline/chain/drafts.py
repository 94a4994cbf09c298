"""What a conversion makes is there at once, also where the site wants a field that nothing fills: people fill it in there.

ERPNext opens such a document unsaved. Ours is stored, says what it lacks, and asks for it at its next save.
"""

import frappe
from frappe import _

from crm_pipeline.erp import mandatory
from crm_pipeline.wording import bold


def insert(doc) -> list[str]:
	"""Insert `doc` and notify the user of mandatory fields that are empty; answers their labels."""
	doc.flags.ignore_mandatory = True
	doc.insert()
	doc.flags.ignore_mandatory = False
	empty = mandatory.missing(doc)
	if empty:
		frappe.msgprint(
			_("{0} {1} still needs: {2}").format(_(doc.doctype), bold(doc.name), ", ".join(empty)),
			title=_("To Be Filled In"),
			indicator="orange",
		)
	return empty
