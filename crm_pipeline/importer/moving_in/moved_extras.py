"""What stands around a record of the other system, shown on the one here as well: e-mails, files, tags, assignments, people
with their cards, and competitors. The old record keeps all of it; nothing there is changed. Doing it again adds what is new."""

import json
from collections import Counter

import frappe
from frappe.utils import now_datetime

from crm_pipeline.chain import clean_html, link_kinds
from crm_pipeline.importer.known_parties import LEAD, PROSPECT
from crm_pipeline.importer.moving_in import old_tables
from crm_pipeline.importer.store_deals import bulk_insert

MAIL, FILE, TODO, CONTACT, COMPETITOR = "Communication", "File", "ToDo", "Sales Deal Contact", "Sales Deal Competitor"
# What a file has of its own; the copy of the row leads to the same file.
OF_FILE = (
	*("file_name", "file_url", "is_private", "file_type", "file_size", "content_hash", "folder", "thumbnail_url"),
	*("uploaded_to_dropbox", "uploaded_to_google_drive", "is_folder", "is_home_folder", "is_attachments_folder"),
)


def link(there: str, here: str, pairs: dict[str, str]) -> Counter:
	"""All of it for {record there: record here}; answers how many of each kind were linked."""
	kept = _present(here, pairs)
	done = Counter()
	for kind, work in (
		("e-mails", _mails),
		("files", _files),
		("tags", _tags),
		("assignments", _assignments),
		("people", _people),
		("cards", _cards),
		("competitors", _competitors),
	):
		done[kind] += work(there, here, kept)
	return done


def link_files(there: str, here: str, pairs: dict[str, str]) -> int:
	"""The files alone, of what has nothing else around it."""
	return _files(there, here, _present(here, pairs))


def _present(here: str, pairs: dict[str, str]) -> dict[str, str]:
	names = set(
		frappe.get_all(
			here, filters={"name": ("in", list(pairs.values()) or [""])}, pluck="name", order_by="name asc", limit=0
		)
	)
	return {old: new for old, new in pairs.items() if new in names}


def _row(at, **values) -> dict:
	user = frappe.session.user
	standard = {"owner": user, "modified_by": user, "creation": at, "modified": at, "docstatus": 0, "idx": 0}
	return {"name": frappe.generate_hash(length=10), **standard, **values}


def _mails(there: str, here: str, pairs: dict[str, str]) -> int:
	"""Another link of the same mail: the framework shows it in both timelines."""
	links = {"parenttype": MAIL, "link_doctype": there, "link_name": ("in", list(pairs) or [""])}
	found = {
		(row.parent, row.link_name) for row in old_tables.rows("Communication Link", ["parent", "link_name"], links)
	}
	about = {"reference_doctype": there, "reference_name": ("in", list(pairs) or [""])}
	found |= {(row.name, row.reference_name) for row in old_tables.rows(MAIL, ["reference_name", "creation"], about)}
	present = {"parenttype": MAIL, "link_doctype": here, "link_name": ("in", list(pairs.values()) or [""])}
	rows = old_tables.rows("Communication Link", ["parent", "link_name"], present)
	there_already = {(row.parent, row.link_name) for row in rows}
	new = sorted({(mail, pairs[old]) for mail, old in found} - there_already)
	now = now_datetime()
	bulk_insert(
		"Communication Link",
		[
			_row(now, parent=mail, parenttype=MAIL, parentfield="timeline_links", link_doctype=here, link_name=name)
			for mail, name in new
		],
	)
	if new:
		link_kinds.note("Communication Link", {"link_doctype": here})
	return len(new)


def _files(there: str, here: str, pairs: dict[str, str]) -> int:
	"""Another row of the same file, which stays once on the disk."""
	present = {"attached_to_doctype": here, "attached_to_name": ("in", list(pairs.values()) or [""])}
	rows = old_tables.rows(FILE, ["attached_to_name", "file_url", "creation"], present)
	seen = {(row.attached_to_name, row.file_url) for row in rows}
	columns = old_tables.columns_of(FILE)
	fields = [field for field in OF_FILE if field in columns]
	about = {"attached_to_doctype": there, "attached_to_name": ("in", list(pairs) or [""]), "is_folder": 0}
	new = []
	for row in old_tables.rows(FILE, ["attached_to_name", "creation", "owner", *fields], about):
		name = pairs[row.attached_to_name]
		if row.file_url and (name, row.file_url) not in seen:
			seen.add((name, row.file_url))
			values = {field: row[field] for field in fields}
			new.append(
				{**_row(row.creation, **values, attached_to_doctype=here, attached_to_name=name), "owner": row.owner}
			)
	bulk_insert(FILE, new)
	return len(new)


def _tags(there: str, here: str, pairs: dict[str, str]) -> int:
	if "_user_tags" not in old_tables.columns_of(there) or "_user_tags" not in old_tables.columns_of(here):
		return 0
	old = old_tables.rows(
		there, ["_user_tags", "creation"], {"name": ("in", list(pairs) or [""]), "_user_tags": ("is", "set")}
	)
	names = [pairs[row.name] for row in old]
	own = {row.name: row for row in old_tables.rows(here, ["_user_tags", "creation"], {"name": ("in", names or [""])})}
	now, rows = now_datetime(), []
	for row in old:
		name = pairs[row.name]
		present = [tag for tag in (own[name]["_user_tags"] or "").split(",") if tag]
		new = [tag for tag in row["_user_tags"].split(",") if tag and tag not in present]
		if new:
			values = {"_user_tags": "," + ",".join([*present, *new])}
			# A label of the list, no work on the document.
			frappe.db.set_value(here, name, values, update_modified=False)
			rows += [_row(now, document_type=here, document_name=name, tag=tag, title=name) for tag in new]
	bulk_insert("Tag Link", rows)
	return len(rows)


def _assignments(there: str, here: str, pairs: dict[str, str]) -> int:
	"""What is still open for a user who can log in; the old one stays open as well."""
	about = {"reference_type": there, "reference_name": ("in", list(pairs) or [""]), "status": "Open"}
	fields = ["reference_name", "allocated_to", "owner", "assigned_by", "description", "priority", "date", "creation"]
	old = old_tables.rows(TODO, fields, about)
	users = sorted({row.allocated_to for row in old if row.allocated_to})
	filters = {"name": ("in", users or [""]), "enabled": 1}
	names = frappe.get_all("User", filters=filters, pluck="name", order_by="name asc", limit=0)
	enabled = {name.casefold(): name for name in names}
	present = {"reference_type": here, "reference_name": ("in", [pairs[row.reference_name] for row in old] or [""])}
	seen = {
		(row.reference_name, row.allocated_to)
		for row in old_tables.rows(TODO, ["reference_name", "allocated_to", "creation"], present)
	}
	new, assigned = [], {}
	for row in old:
		name, user = pairs[row.reference_name], enabled.get((row.allocated_to or "").casefold())
		if not user or (name, user) in seen:
			continue
		seen.add((name, user))
		assigned.setdefault(name, []).append(user)
		kept = {field: row[field] for field in ("assigned_by", "description", "priority", "date")}
		kept["allocated_to"] = user
		values = {**kept, "status": "Open", "reference_type": here, "reference_name": name, "owner": row.owner}
		new.append({**_row(row.creation), **values})
	bulk_insert(TODO, new)
	for name, users in assigned.items():
		before = json.loads(frappe.db.get_value(here, name, "_assign") or "[]")
		frappe.db.set_value(here, name, "_assign", json.dumps([*before, *users]), update_modified=False)
	if new:
		link_kinds.note(TODO, {"reference_type": here})
	return len(new)


def _people(there: str, here: str, pairs: dict[str, str]) -> int:
	"""Contacts of the old record as rows of the new one; who stands there already gets the link."""
	wanted = _contacts_of(there, list(pairs))
	facts = {
		row.name: row
		for row in old_tables.rows(
			"Contact",
			["first_name", "last_name", "full_name", "email_id", "phone", "mobile_no", "designation", "creation"],
			{"name": ("in", sorted({one for found in wanted.values() for one in found}) or [""])},
		)
	}
	names = [pairs[old] for old in wanted]
	rows = old_tables.children(CONTACT, here, names, ["contact", "contact_name", "email_id"], "contacts")
	now, new = now_datetime(), []
	for old, contacts in wanted.items():
		name = pairs[old]
		present = rows.get(name, [])
		for contact in (facts[one] for one in contacts if one in facts):
			label = contact.full_name or " ".join(filter(None, (contact.first_name, contact.last_name)))
			if any(row.contact == contact.name for row in present):
				continue
			same = next((row for row in present if not row.contact and _is_same(row, label, contact.email_id)), None)
			if same:
				same.contact = contact.name
				# The row says who it is; nobody worked on the document.
				frappe.db.set_value(CONTACT, same.name, "contact", contact.name, update_modified=False)
				continue
			values = {
				"contact": contact.name,
				"contact_name": clean_html.short(label),
				**{field: contact[field] or None for field in ("email_id", "phone", "mobile_no", "designation")},
			}
			new.append({**_child(now, here, name, "contacts", len(present) + 1), **values})
			present.append(frappe._dict(new[-1]))
	bulk_insert(CONTACT, new)
	return len(new)


def _cards(there: str, here: str, pairs: dict[str, str]) -> int:
	"""Contacts and addresses of the old record belong to the new one's prospect as well, else to the new lead: another link
	of the same card. A card with one link alone would be deleted with the old record, or hinder that."""
	parties = _parties(here, pairs)
	asked = {
		"link_doctype": there,
		"link_name": ("in", list(parties) or [""]),
		"parenttype": ("in", ("Contact", "Address")),
	}
	old = old_tables.rows("Dynamic Link", ["parent", "parenttype", "parentfield", "link_name"], asked)
	names = sorted({name for _kind, name in parties.values()})
	present = {"link_doctype": ("in", (PROSPECT, LEAD)), "link_name": ("in", names or [""])}
	rows = old_tables.rows("Dynamic Link", ["parent", "link_doctype", "link_name"], present)
	seen = {(row.parent, row.link_doctype, row.link_name) for row in rows}
	now, new = now_datetime(), []
	for row in old:
		kind, name = parties[row.link_name]
		if (row.parent, kind, name) not in seen:
			seen.add((row.parent, kind, name))
			of = {"parent": row.parent, "parenttype": row.parenttype, "parentfield": row.parentfield}
			new.append(_row(now, **of, link_doctype=kind, link_name=name))
	bulk_insert("Dynamic Link", new)
	for kind in {row["link_doctype"] for row in new}:
		link_kinds.note("Dynamic Link", {"link_doctype": kind})
	return len(new)


def _parties(here: str, pairs: dict[str, str]) -> dict[str, tuple[str, str]]:
	"""{record there: whose card it is here} of prospects, and of leads: their prospect, or themselves where they have none."""
	if here == PROSPECT:
		return {old: (PROSPECT, new) for old, new in pairs.items()}
	if here != LEAD:
		return {}
	filters = {"name": ("in", list(pairs.values()) or [""]), "prospect": ("is", "set")}
	rows = frappe.get_all(LEAD, filters=filters, fields=["name", "prospect"], order_by="name asc", limit=0)
	prospects = {row.name: row.prospect for row in rows}
	return {old: (PROSPECT, prospects[new]) if new in prospects else (LEAD, new) for old, new in pairs.items()}


def _is_same(row, label: str, email: str | None) -> bool:
	return bool(email and row.email_id == email) or bool(
		label and (row.contact_name or "").casefold() == label.casefold()
	)


def _contacts_of(there: str, names: list[str]) -> dict[str, list[str]]:
	found: dict[str, list[str]] = {}
	asked = {"parenttype": "Contact", "link_doctype": there, "link_name": ("in", names or [""])}
	pairs = [(row.link_name, row.parent) for row in old_tables.rows("Dynamic Link", ["parent", "link_name"], asked)]
	for field in ("contact_person", "contact"):
		if field in old_tables.columns_of(there):
			own = old_tables.rows(there, [field, "creation"], {"name": ("in", names or [""]), field: ("is", "set")})
			pairs += [(row.name, row[field]) for row in own]
	for name, rows in old_tables.children("CRM Contacts", there, names, ["contact"]).items():
		pairs += [(name, row.contact) for row in rows if row.contact]
	for name, contact in pairs:
		known = found.setdefault(name, [])
		if contact not in known:
			known.append(contact)
	return found


def _competitors(there: str, here: str, pairs: dict[str, str]) -> int:
	if not old_tables.is_there("Competitor Detail"):
		return 0
	wanted = old_tables.children("Competitor Detail", there, list(pairs), ["competitor"])
	names = [pairs[old] for old in wanted]
	rows = old_tables.children(COMPETITOR, here, names, ["competitor"], "competitors")
	made: dict[str, str] = {}
	now, new = now_datetime(), []
	for old, found in wanted.items():
		name = pairs[old]
		present = [row.competitor for row in rows.get(name, [])]
		for row in found:
			if not row.competitor:
				continue
			competitor = made.get(row.competitor) or made.setdefault(row.competitor, _competitor(row.competitor))
			if competitor not in present:
				present.append(competitor)
				new.append({**_child(now, here, name, "competitors", len(present)), "competitor": competitor})
	bulk_insert(COMPETITOR, new)
	return len(new)


def _competitor(name: str) -> str:
	found = frappe.db.get_value("Sales Competitor", name, "name")
	return found or frappe.get_doc({"doctype": "Sales Competitor", "competitor_name": name}).insert().name


def _child(now, here: str, name: str, field: str, place: int) -> dict:
	return {**_row(now, parent=name, parenttype=here, parentfield=field), "idx": place}
