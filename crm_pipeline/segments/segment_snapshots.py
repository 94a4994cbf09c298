"""Pictures of a segment: who belonged to it on a day, and who joined and left since the picture before.

A picture holds what its taker saw. Its numbers are for the taker, and for who sees all such records; names are for who may
read the record, whoever took the picture.
"""

import frappe
from frappe.utils import getdate, now, now_datetime

from crm_pipeline.chain import jobs, link_kinds, locks
from crm_pipeline.core import segments as rules
from crm_pipeline.segments import segment_members
from crm_pipeline.segments.segment_members import SEGMENT

SNAPSHOT, MEMBER = "Sales Segment Snapshot", "Sales Segment Member"
JOINED, LEFT = "Joined", "Left"
CHUNK = 1000


def take(segment: str) -> str:
	"""Keep who belongs to a segment now, as the current user sees it; answers the name of the snapshot."""
	# Two at once would both compare with the same picture before.
	locks.lock((SEGMENT, segment))
	doc = frappe.get_doc(SEGMENT, segment)
	now_there = set(segment_members.names(doc))
	before = _latest(segment, frappe.session.user)
	joined, left = rules.changes(_members(before), now_there) if before else (set(), set())
	snapshot = frappe.get_doc(
		{
			"doctype": SNAPSHOT,
			"segment": segment,
			"record_type": doc.applies_to,
			"taken_on": now_datetime(),
			"taken_by": frappe.session.user,
			"member_count": len(now_there),
			"joined_count": len(joined),
			"left_count": len(left),
		}
	)
	# Nobody creates one by hand: who may use the segment asked for it.
	snapshot.insert(ignore_permissions=True)
	rows = [(name, JOINED if name in joined else "") for name in sorted(now_there)]
	_insert(snapshot, rows + [(name, LEFT) for name in sorted(left)])
	return snapshot.name


def _latest(segment: str, taker: str) -> str | None:
	"""The picture before: of the same taker, who may see more or less than another."""
	return frappe.db.get_value(
		SNAPSHOT, {"segment": segment, "taken_by": taker}, "name", order_by="taken_on desc, creation desc"
	)


def _members(snapshot: str) -> set[str]:
	rows = frappe.get_all(
		MEMBER, filters={"snapshot": snapshot, "change": ("!=", LEFT)}, pluck="record", order_by="record asc", limit=0
	)
	return set(rows)


def _insert(snapshot, rows: list[tuple[str, str]]) -> None:
	if not rows:
		return
	at, user, kind = now(), frappe.session.user, snapshot.record_type
	fields = ["name", "creation", "modified", "owner", "modified_by", "snapshot", "record_type", "record", "change"]
	values = [
		(frappe.generate_hash(length=10), at, at, user, user, snapshot.name, kind, record, change)
		for record, change in rows
	]
	frappe.db.bulk_insert(MEMBER, fields, values, chunk_size=CHUNK)
	# Written past the save: a record that is renamed takes its rows along all the same.
	link_kinds.note(MEMBER, {"record_type": kind})


def forget(snapshot: str) -> None:
	"""Part of on_trash(): a picture goes with its rows."""
	locks.delete_rows(MEMBER, {"snapshot": snapshot})


def members(snapshot) -> list[dict]:
	"""[{"record", "change"}] of a Sales Segment Snapshot document, as far as the reader may read the records, by name."""
	rows = frappe.get_all(
		MEMBER,
		filters={"snapshot": snapshot.name},
		fields=["record", "change"],
		order_by="record asc, creation asc",
		limit=0,
	)
	readable = set(frappe.get_list(snapshot.record_type, pluck="name", order_by="name asc", limit=0))
	# Two records that became one since then are one.
	return list({row.record: row for row in rows if row.record in readable}.values())


# ---- by night


def daily() -> jobs.Result:
	"""Every day: the pictures that are due, each as the owner of its segment sees it."""
	return jobs.each(due(), take_as_owner, "CRM Pipeline: Segment Snapshots")


def due() -> list[tuple[str]]:
	today = getdate()
	segments = frappe.get_all(
		SEGMENT,
		filters={"disabled": 0, "snapshot_rhythm": ("is", "set")},
		fields=["name", "snapshot_rhythm", "owner"],
		order_by="name asc",
		limit=0,
	)
	return [(row.name,) for row in segments if rules.is_due(row.snapshot_rhythm, _last_day(row), today)]


def _last_day(segment: dict):
	last = frappe.db.get_value(
		SNAPSHOT, {"segment": segment.name, "taken_by": segment.owner}, "taken_on", order_by="taken_on desc"
	)
	return last and last.date()


def take_as_owner(segment: str) -> bool:
	"""Whether there is one: of somebody who left there is none, as nobody would read it."""
	owner = frappe.db.get_value(SEGMENT, segment, "owner")
	if not owner or not frappe.db.get_value("User", owner, "enabled"):
		return False
	user = frappe.session.user
	frappe.set_user(owner)
	try:
		take(segment)
	finally:
		frappe.set_user(user)
	return True
