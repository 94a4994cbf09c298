"""Both systems in use: what is told of records that changed there, that changed on both sides, or that are gone there; and
a record that is renamed there stays the same one."""

import frappe
from frappe import _

from crm_pipeline.importer import source_ids
from crm_pipeline.importer.moving_in import erpnext_rows, frappe_crm_rows, old_tables
from crm_pipeline.importer.moving_in.following import Following
from crm_pipeline.importer.moving_in.systems import DEAL, SYSTEMS, System

RECORD = source_ids.DOCTYPE
# Records that are named.
NAMED = 20
# Prospects that no record there is, but a lead or a deal, which is told itself.
STANDS_FOR = (erpnext_rows.OF_LEAD, frappe_crm_rows.OF_DEAL)


def told(system: System, following: Following) -> dict:
	"""{"changed": [{"record", "fields"}], "kept": [...], "gone": [record]}: carried over; changed on both sides, so that
	ours stays; here still, and gone there."""
	return {
		"changed": [_line(one, labels) for one, labels in following.changed.items()],
		"kept": [_line(one, labels) for one, labels in following.kept.items()],
		"gone": gone(system),
	}


def _line(one: tuple[str, str], labels: list[str]) -> dict:
	return {"record": f"{_(one[0])} {one[1]}", "fields": labels}


def notices(found: dict, new_words: list[str]) -> list[str]:
	"""The same in words, and what words that are new there are taken for."""
	said = []
	if new_words:
		text = _("Words that are new in the other system, and what they are taken for: {0}. Change it under Values.")
		said.append(text.format(", ".join(new_words)))
	if found["changed"]:
		text = _("Changed in the other system since, and carried over: {0}. {1}")
		said.append(text.format(len(found["changed"]), _named(found["changed"])))
	if found["kept"]:
		text = _("Changed on both sides, so that what stands here stays: {0}. {1}")
		said.append(text.format(len(found["kept"]), _named(found["kept"])))
	if found["gone"]:
		text = _("Gone in the other system, and here still: {0}. {1}")
		said.append(text.format(len(found["gone"]), _few(found["gone"])))
	return said


def _named(lines: list[dict]) -> str:
	return _few([f"{_(line['record'])} ({', '.join(map(_, line['fields']))})" for line in lines])


def _few(texts: list[str]) -> str:
	return ", ".join(texts[:NAMED]) + (" ..." if len(texts) > NAMED else "")


def gone(system: System) -> list[str]:
	"""Leads, prospects and deals that moved in, and are there no more."""
	found = []
	for there, here in system.became.items():
		notes = frappe.get_all(
			RECORD,
			filters={"source": system.name, "document_type": here},
			fields=["record_id"],
			order_by="name asc",
			limit=0,
		)
		left = {row.record_id for row in notes} - set(old_tables.names(there))
		found += [f"{_(there)} {name}" for name in sorted(left) if not name.startswith(STANDS_FOR)]
	return found


# ---- renamed there


def follow_rename(doc, method=None, *renamed):
	"""after_rename(old, new, merge) of a record of another system: what it became here is what the new name became."""
	old, new, merge = renamed
	if merge:
		return
	for system in SYSTEMS.values():
		for here, prefix in system.ids.get(doc.doctype, ()):
			_rename(system, here, f"{prefix}{old}", f"{prefix}{new}")


def _rename(system: System, here: str, old: str, new: str) -> None:
	filters = {"external_key": source_ids.key_of(system.name, here, old)}
	note = frappe.db.get_value(RECORD, filters, "name")
	if note:
		values = {"record_id": new, "external_key": source_ids.key_of(system.name, here, new)}
		frappe.db.set_value(RECORD, note, values, update_modified=False)
	if here != DEAL:
		return
	filters = {"external_source": system.name, "external_id": old}
	for deal in frappe.get_all(DEAL, filters=filters, fields=["name", "company"], order_by="name asc", limit=0):
		values = {"external_id": new, "external_key": source_ids.key_of(system.name, deal.company, new)}
		# By which name the deal is known there; nothing of it changed here.
		frappe.db.set_value(DEAL, deal.name, values, update_modified=False)
