"""Handing over what somebody holds to others: prepared and looked at first, then done record by record in the background.

Each record is a transaction of its own, with the mark on its row: whatever ends the job, the next run goes on with what
waits, and nothing is done twice. It is done in the name of who started it, with that user's rights.
"""

import frappe
from frappe import _
from frappe.utils import now_datetime, strip_html

from crm_pipeline.chain import guard, jobs, locks, pending, rights, status, system_fields
from crm_pipeline.core import distribution
from crm_pipeline.core.distribution import Receiver, Unit
from crm_pipeline.handovers.held_records import KINDS, TODO, kind_of
from crm_pipeline.parties import people
from crm_pipeline.wording import bold

HANDOVER, ITEM, JOB = "Sales Handover", "Sales Handover Item", "Handovers"
DRAFT, PREPARED, RUNNING, DONE = "Draft", "Prepared", "Running", "Done"
WAITING, ITEM_DONE, SKIPPED, REFUSED = "Waiting", "Done", "Skipped", "Refused"
# What the database says of a second row with a unique key.
DUPLICATE = 1062
# Records of one handover.
MOST = 20_000


# ---- what the document does on save


def follow(doc) -> None:
	"""validate(): who gives, who takes, and the records that were prepared."""
	before = doc.get_doc_before_save()
	if before and before.status == RUNNING:
		frappe.throw(_("This handover is running. It can be changed when it has ended."))
	doc.title = frappe.utils.get_fullname(doc.from_user)[:140]
	_check_receivers(doc)
	if not before:
		status.set_status(doc, DRAFT)
	elif before.status == PREPARED and _asks_for_something_else(doc, before):
		# What was prepared is an answer to another question.
		status.set_status(doc, DRAFT)
		doc.items = []
	prepared = {row.name for row in before.items} if before else set()
	# Records are prepared by the app; one that is taken out stays with who has it.
	doc.items = [row for row in doc.items if row.name in prepared]
	for row in doc.items:
		if row.to_user:
			_check_receiver(row.to_user, doc.from_user, _("Records, row {0}").format(row.idx))
	system_fields.write(doc, total=len(doc.items))


def _asks_for_something_else(doc, before) -> bool:
	boxes = {kind.box for kind in KINDS}
	who = [
		[(row.user, row.territory or None, row.industry or None) for row in version.receivers]
		for version in (doc, before)
	]
	return who[0] != who[1] or doc.rule != before.rule or any(bool(doc.get(b)) != bool(before.get(b)) for b in boxes)


def _check_receivers(doc) -> None:
	if not frappe.db.exists("User", doc.from_user):
		frappe.throw(_("From User: {0} does not exist").format(bold(doc.from_user)))
	for row in doc.receivers:
		_check_receiver(row.user, doc.from_user, _("Receivers, row {0}").format(row.idx))


def _check_receiver(user: str, from_user: str, place: str) -> None:
	if user == from_user:
		frappe.throw(_("{0}: {1} can't take over from themselves").format(place, bold(user)))
	if not frappe.db.get_value("User", user, "enabled"):
		frappe.throw(_("{0}: user {1} is disabled or does not exist").format(place, bold(user)))
	if not people.is_colleague(user):
		frappe.throw(_("{0}: user {1} has no right to work here").format(place, bold(user)))


def keep_out_of_log(doc) -> None:
	"""on_update(), before the framework writes what changed: whoever reads a document reads its log, and that is silent on
	the names in rows that are gone."""
	before = doc.get_doc_before_save()
	if before:
		kept = {row.name for row in doc.items}
		before.items = [row for row in before.items if row.name in kept]


# ---- preparing


def prepare(name: str) -> dict:
	"""Find what there is to hand over and who takes it; nothing is changed yet. Answers {"total": records}."""
	doc = locks.locked_doc(HANDOVER, name)
	doc.check_permission("write")
	_need_standing(doc)
	asked = [kind for kind in KINDS if doc.get(kind.box)]
	found = [
		(kind, row)
		for kind in asked
		if frappe.has_permission(kind.doctype, "read")
		for row in kind.held_by(doc.from_user)
	]
	if len(found) > MOST:
		frappe.throw(_("These are {0} records; hand over fewer kinds at once, at most {1}").format(len(found), MOST))
	_complete_places(found)
	chosen = _chosen(doc, found)
	for row in doc.receivers:
		for doctype in {kind.doctype for kind, found_row in found if chosen[_unit_key(kind, found_row)] == row.user}:
			if not frappe.has_permission(doctype, "read", user=row.user):
				frappe.throw(
					_("Receivers, row {0}: user {1} has no right to read {2}").format(
						row.idx, bold(row.user), _(doctype)
					)
				)
	locks.delete_rows(ITEM, {"parent": name})
	_insert(doc, found, chosen)
	_write(name, {"status": PREPARED, "total": len(found), "done": 0, "refused": 0})
	return {"total": len(found)}


def _need_standing(doc) -> None:
	if doc.status == RUNNING:
		frappe.throw(_("This handover is running. It can be changed when it has ended."))


def _complete_places(found: list[tuple]) -> None:
	"""Territory and industry of a party are the customer's; an assignment is where the document is that it is about."""
	for kind, row in found:
		if kind.doctype == TODO and row.reference_type and row.reference_name:
			row.update(_place_of(row.reference_type, row.reference_name))
	customers = {row.get("customer") for _kind, row in found} - {None, ""}
	rows = frappe.get_all(
		"Customer",
		filters={"name": ("in", sorted(customers) or [""])},
		fields=["name", "territory", "industry"],
		order_by="name asc",
		limit=0,
	)
	places = {row.name: row for row in rows}
	for _kind, row in found:
		place = places.get(row.get("customer"))
		if place:
			row.territory, row.industry = place.territory or row.get("territory"), place.industry or row.get("industry")


def _place_of(doctype: str, name: str) -> dict:
	if doctype == "Customer":
		return {"customer": name}
	meta = frappe.get_meta(doctype)
	fields = [field for field in ("customer", "prospect", "territory", "industry") if meta.has_field(field)]
	return (frappe.db.get_value(doctype, name, fields, as_dict=True) or {}) if fields else {}


def _unit_key(kind, row: dict) -> str:
	"""The party that a record is about; one about none stands for itself."""
	party = row.get("customer") or row.get("prospect")
	if kind.doctype == "Sales Prospect":
		party = row.name
	return party or f"{kind.doctype}::{row.name}"


def _chosen(doc, found: list[tuple]) -> dict[str, str]:
	"""{unit: who takes it}, by the rule."""
	units: dict[str, dict] = {}
	for kind, row in found:
		unit = units.setdefault(_unit_key(kind, row), {"weight": 0, "territory": None, "industry": None})
		unit["weight"] += 1
		unit["territory"] = unit["territory"] or row.get("territory")
		unit["industry"] = unit["industry"] or row.get("industry")
	above = _territories_above()
	receivers = _receivers(doc)
	return distribution.distribute(
		doc.rule,
		[Unit(key, unit["weight"], above.get(unit["territory"], ()), unit["industry"]) for key, unit in units.items()],
		receivers[:1] if doc.rule == distribution.ONE else receivers,
	)


def _receivers(doc) -> list[Receiver]:
	found: dict[str, dict] = {}
	for row in doc.receivers:
		one = found.setdefault(row.user, {"territories": [], "industries": []})
		if row.territory:
			one["territories"].append(row.territory)
		if row.industry:
			one["industries"].append(row.industry)
	loads = {user: _load(user) if doc.rule == distribution.EVENLY else 0 for user in found}
	return [
		Receiver(user, loads[user], tuple(one["territories"]), tuple(one["industries"])) for user, one in found.items()
	]


def _load(user: str) -> int:
	"""Open leads and deals of a user: what makes the load even is what somebody works on."""
	return sum(
		frappe.db.count(kind.doctype, {**kind.filters, "sales_owner": user})
		for kind in KINDS
		if kind.box in ("with_leads", "with_deals")
	)


def _territories_above() -> dict[str, tuple[str, ...]]:
	"""{territory: itself and those above it, the nearest first}."""
	rows = frappe.get_all("Territory", fields=["name", "parent_territory"], order_by="lft asc", limit=0)
	found: dict[str, tuple[str, ...]] = {}
	for row in rows:
		found[row.name] = (row.name, *found.get(row.parent_territory, ()))
	return found


def _insert(doc, found: list[tuple], chosen: dict[str, str]) -> None:
	now, user = now_datetime(), frappe.session.user
	fields = ["name", "creation", "modified", "modified_by", "owner", "docstatus", "idx", "parent", "parenttype"]
	fields += ["parentfield", "document_type", "document", "title", "party", "to_user", "state"]
	rows = []
	for place, (kind, row) in enumerate(found, start=1):
		to_user = chosen[_unit_key(kind, row)]
		title = strip_html(str(row.title or row.name))[:140]
		party = row.get("customer") or row.get("prospect")
		rows.append(
			(frappe.generate_hash(length=12), now, now, user, user, 0, place, doc.name, HANDOVER, "items")
			+ (kind.doctype, row.name, title, party, to_user, WAITING)
		)
	if rows:
		frappe.db.bulk_insert(ITEM, fields, rows)


# ---- doing it


def start(name: str) -> None:
	"""Begin to hand over what was prepared, in the background; once more for what was refused."""
	doc = locks.locked_doc(HANDOVER, name)
	doc.check_permission("write")
	_need_standing(doc)
	again = doc.status == DONE
	if not doc.items or (doc.status == DRAFT):
		frappe.throw(_("Prepare the handover first"))
	_check_receivers(doc)
	if again:
		locks.set_rows(ITEM, {"parent": name, "state": REFUSED}, {"state": WAITING, "message": None})
	if not frappe.db.exists(ITEM, {"parent": name, "state": WAITING}):
		frappe.throw(_("There is nothing left to hand over"))
	for row in doc.items:
		if not row.to_user:
			frappe.throw(_("Records, row {0}: choose who takes it over, or take the row out").format(row.idx))
	values = {"status": RUNNING, "started_by": frappe.session.user, "started_on": now_datetime(), "refused": 0}
	try:
		_write(name, {**values, "finished_on": None, "running_key": doc.from_user})
	except Exception as error:
		if DUPLICATE not in error.args[:1]:
			raise
		frappe.throw(_("Another handover from {0} is running").format(bold(doc.from_user)))
	jobs.queue(JOB)


def to_do(after: list | None = None) -> list[tuple[str, str]]:
	"""(handover, row) of what waits in handovers that run, and (handover, "") at the end of each, in order."""
	running = frappe.get_all(HANDOVER, filters={"status": RUNNING}, pluck="name", order_by="started_on asc, name asc")
	found = []
	for name in running:
		rows = frappe.get_all(
			ITEM, filters={"parent": name, "state": WAITING}, pluck="name", order_by="idx asc", limit=0
		)
		found += [(name, row) for row in rows] + [(name, "")]
	return found


def do(handover: str, row: str) -> bool:
	"""Hand one record over, or without a row end the handover where nothing waits any more."""
	if not row:
		return _finish(handover)
	if not frappe.db.exists(ITEM, row):
		return False
	locks.lock((ITEM, row))
	if frappe.db.get_value(ITEM, row, "state") != WAITING:
		# Another worker was faster.
		return False
	doc = frappe.db.get_value(HANDOVER, handover, ["from_user", "started_by"], as_dict=True)
	item = frappe.db.get_value(ITEM, row, ["document_type", "document", "to_user"], as_dict=True)
	user = frappe.session.user
	frappe.set_user(doc.started_by)
	try:
		state, message = _give(item, doc.from_user)
	finally:
		frappe.set_user(user)
	frappe.db.set_value(ITEM, row, {"state": state, "message": message}, update_modified=False)
	return state == ITEM_DONE


def _give(item: dict, from_user: str) -> tuple[str, str | None]:
	"""(state of the row, why)."""
	if not frappe.db.exists(item.document_type, item.document):
		return SKIPPED, _("It was deleted")
	point = f"crm_handover_{frappe.generate_hash(length=8)}"
	frappe.db.savepoint(point)
	try:
		doc = frappe.get_doc(item.document_type, item.document)
		kind = kind_of(item.document_type, doc)
		if not kind.is_held_by(doc, from_user):
			return SKIPPED, _("It belongs to somebody else by now")
		people.need_possible_owner(kind.doctype, item.to_user)
		given = kind.give(doc, from_user, item.to_user) or doc
		if not _sees(given, item.to_user):
			frappe.throw(_("{0} has no right to see it").format(bold(item.to_user)), frappe.PermissionError)
		return ITEM_DONE, None
	except Exception as error:
		if (
			locks.is_lost_race(error)
			or locks.is_lost_connection(error)
			or type(error).__name__ == "JobTimeoutException"
		):
			raise
		frappe.db.rollback(save_point=point)
		frappe.clear_messages()
		if not isinstance(error, frappe.ValidationError | frappe.PermissionError):
			guard.report(f"CRM Pipeline: {item.document_type} {item.document} not handed over")
		return REFUSED, strip_html(str(error))[:500] or _("You are not allowed to change it")


def _sees(doc, user: str) -> bool:
	"""Whether the new owner sees it, as it is stored now; of an assignment, what it is about."""
	if doc.doctype == TODO:
		return not doc.reference_name or rights.has(doc.reference_type, doc.reference_name, user=user)
	return rights.has(doc.doctype, doc.name, user=user)


def _finish(name: str) -> bool:
	locks.lock((HANDOVER, name))
	if frappe.db.get_value(HANDOVER, name, "status") != RUNNING:
		return False
	if frappe.db.exists(ITEM, {"parent": name, "state": WAITING}):
		return False
	counts = {state: frappe.db.count(ITEM, {"parent": name, "state": state}) for state in (ITEM_DONE, REFUSED)}
	_write(
		name,
		{
			"status": DONE,
			"done": counts[ITEM_DONE],
			"refused": counts[REFUSED],
			"finished_on": now_datetime(),
			"running_key": None,
		},
	)
	if counts[ITEM_DONE]:
		pending.note(HANDOVER, name, pending.HANDOVER, handover=name)
	return True


def progress(name: str) -> dict:
	"""How far a handover has come: {"status", "total", "waiting", "done", "refused", "skipped"}."""
	states = frappe.get_all(ITEM, filters={"parent": name}, pluck="state", order_by="idx asc", limit=0)
	return {
		"status": frappe.db.get_value(HANDOVER, name, "status"),
		"total": len(states),
		"waiting": states.count(WAITING),
		"done": states.count(ITEM_DONE),
		"refused": states.count(REFUSED),
		"skipped": states.count(SKIPPED),
	}


def _write(name: str, values: dict) -> None:
	frappe.db.set_value(HANDOVER, name, values)


def refuse_deleting(doc) -> None:
	"""on_trash(): what was handed over is history."""
	if doc.status in (RUNNING, DONE):
		frappe.throw(_("A handover that was done is history and can't be deleted"))
