"""Before 0.4 a deal said in words which document had won it ("Sales Contract CON-2026-00001"): type and name apart."""

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce

from crm_pipeline.core.chain import Ref
from crm_pipeline.core.registry import DEALS, WINNERS
from crm_pipeline.deals import outcome
from crm_pipeline.patches.pages import pages, write


def execute():
	for doctype in DEALS:
		name_winners(doctype)


def name_winners(doctype: str) -> None:
	"""Killed, it goes on with those that have words and no type."""
	for rows in pages(doctype, ("won_by",), _in_words):
		found = {row.name: split(row.won_by) for row in rows}
		write(doctype, {name: _values(winner) for name, winner in found.items()})
		for row in rows:
			if not found[row.name]:
				_keep_words(doctype, row)
			elif not frappe.db.exists(*_values(found[row.name]).values()):
				# Renamed or deleted since: which document it is now is asked as every night.
				outcome.mend(Ref(doctype, row.name))


def split(words: str) -> Ref | None:
	"""The document that these words name."""
	for winner in sorted(WINNERS, key=len, reverse=True):
		if words.startswith(f"{winner} ") and len(words) > len(winner) + 1:
			return Ref(winner, words.removeprefix(f"{winner} "))
	return None


def _in_words(deal):
	return (Coalesce(deal.won_by, "") != "") & (Coalesce(deal.won_by_type, "") == "")


def _values(winner: Ref | None) -> dict:
	return {"won_by_type": winner and winner.doctype, "won_by": winner and winner.name}


def _keep_words(doctype: str, row: dict) -> None:
	"""Words of somebody else's are no document: they stay readable."""
	text = _("{0} was: {1}").format(_("Won By"), row.won_by)
	about = {"reference_doctype": doctype, "reference_name": row.name}
	frappe.get_doc({"doctype": "Comment", "comment_type": "Info", **about, "content": text}).insert()
