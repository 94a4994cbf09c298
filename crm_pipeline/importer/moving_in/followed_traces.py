"""What a change that was carried over leaves behind: its rows in the ledger, and what changed in the timeline."""

import json
from collections.abc import Iterator
from datetime import datetime, time

import frappe
from frappe import _
from frappe.utils import cstr, get_datetime, now_datetime

from crm_pipeline.chain import link_kinds, passages
from crm_pipeline.chain.ledger import TRACKED
from crm_pipeline.core.dwell import UNKNOWN, seconds_spent
from crm_pipeline.importer.store_deals import EVENT, OPPORTUNITY, bulk_insert


def leave(doctype: str, changes: list, now: datetime) -> None:
	"""For each Change of following.py, in few statements."""
	meta = frappe.get_meta(doctype)
	if meta.track_changes:
		bulk_insert("Version", [_version(doctype, one, now) for one in changes])
	if doctype == OPPORTUNITY or meta.has_field("sales_owner"):
		rows = [event for one in changes for event in _events(doctype, one, now)]
		bulk_insert(EVENT, rows)
		if rows:
			link_kinds.note(EVENT, {"reference_doctype": doctype})
	if doctype == OPPORTUNITY:
		passages.write(OPPORTUNITY, [one.ours.name for one in changes if "stage" in one.taken])


def passages_of(change, now: datetime) -> list[tuple[str, datetime]]:
	"""(stage, when it was entered) of those that a deal came to since it moved last. Of one whose day nobody tells it is the
	moment of this move: it was between the two."""
	since = get_datetime(change.ours.stage_entered_on or change.ours.creation)
	found, entered = [], change.ours.stage
	for stage, day in change.facts.history:
		at = day and datetime.combine(day, time.min)
		if at and at >= since and stage.name != entered:
			found.append((stage.name, at))
			entered = stage.name
	if entered != change.facts.row["stage"]:
		found.append((change.facts.row["stage"], now))
	return found


def _version(doctype: str, change, now: datetime) -> dict:
	told = [
		[name, cstr(change.ours.get(name)), cstr(value)]
		for name, value in change.values.items()
		if cstr(value) != cstr(change.ours.get(name))
	]
	data = {"changed": told, "added": [], "removed": [], "row_changed": []}
	return {
		**_standard(now),
		"name": frappe.generate_hash(length=10),
		"ref_doctype": doctype,
		"docname": change.ours.name,
		"data": json.dumps(data, ensure_ascii=False),
	}


def _events(doctype: str, change, now: datetime) -> Iterator[dict]:
	for field, kind in TRACKED.items():
		before, after = change.ours.get(field), change.values.get(field)
		if field not in change.values or before == after or (field == "status" and doctype == OPPORTUNITY):
			continue
		if field == "stage":
			yield from _moves(doctype, change, now)
		else:
			at = get_datetime(change.values.get("converted_on") or now) if field == "status" else now
			yield _event(doctype, change, kind, before, after, at, UNKNOWN)


def _moves(doctype: str, change, now: datetime) -> Iterator[dict]:
	left, since = change.ours.stage, change.ours.stage_entered_on
	for stage, at in passages_of(change, now):
		seconds = seconds_spent(get_datetime(since), at) if since else UNKNOWN
		yield _event(doctype, change, "Stage", left, stage, at, seconds)
		left, since = stage, at


def _event(doctype: str, change, kind: str, left, entered, at: datetime, seconds: int) -> dict:
	return {
		**_standard(now_datetime()),
		"name": frappe.generate_hash(length=10),
		"reference_doctype": doctype,
		"reference_name": change.ours.name,
		"kind": kind,
		"from_value": cstr(left)[:140] or None,
		"to_value": cstr(entered)[:140] or None,
		"at": at,
		"by": frappe.session.user,
		"seconds_spent": seconds,
		"note": _("Imported"),
		**{field: change.ours.get(field) for field in ("pipeline", "company", "customer", "prospect")},
	}


def _standard(at: datetime) -> dict:
	user = frappe.session.user
	return {"owner": user, "modified_by": user, "creation": at, "modified": at, "docstatus": 0, "idx": 0}
