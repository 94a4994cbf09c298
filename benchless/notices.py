"""Tasks given to people and notices in their bell: `frappe.desk.form.assign_to` and Notification Log."""

from benchless import context
from benchless.database import db
from benchless.documents import get_doc
from benchless.records import Record
from benchless.values import nowdate


def add(args: dict, *, ignore_permissions: bool = False) -> list[Record]:
	"""Give a document to `assign_to` (a list of users); who has it already gets nothing new."""
	for user in args["assign_to"]:
		if user in {row.owner for row in get(args)}:
			continue
		given = {
			"allocated_to": user, "reference_type": args["doctype"], "reference_name": args["name"],
			"description": args.get("description") or f"Assignment for {args['doctype']} {args['name']}",
			"priority": args.get("priority") or "Medium", "status": "Open", "date": args.get("date") or nowdate(),
			"assigned_by": args.get("assigned_by") or context.session.user,
		}  # fmt: skip
		get_doc({"doctype": "ToDo", **given}).insert(ignore_permissions=True)
	return get(args)


def get(args: dict) -> list[Record]:
	"""Who has a document now: [{"owner": user, "name": the task}]."""
	filters = {
		"reference_type": args["doctype"],
		"reference_name": args["name"],
		"status": ("not in", ("Cancelled", "Closed")),
	}
	rows = db.get_values("ToDo", filters, ["allocated_to", "name"], order_by="creation asc")
	return [Record(owner=user, name=name) for user, name in rows]


def close_all_assignments(doctype: str, name: str, ignore_permissions: bool = False) -> bool:
	return set_status(doctype, name, status="Closed")


def set_status(doctype, name, todo=None, assign_to=None, status=None, ignore_permissions=False) -> bool:
	about = {"reference_type": doctype, "reference_name": name, **({"allocated_to": assign_to} if assign_to else {})}
	db.set_value("ToDo", {**about, "status": "Open"}, "status", status)
	return True


def enqueue_create_notification(users, doc: dict) -> None:
	make_notification_logs(doc, users.split(",") if isinstance(users, str) else users)


def make_notification_logs(doc: dict, users) -> None:
	for user in dict.fromkeys(user.strip() for user in users):
		if db.get_value("User", user, "enabled"):
			get_doc({**doc, "doctype": "Notification Log", "for_user": user}).insert(ignore_permissions=True)
