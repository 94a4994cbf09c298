"""Frappe CRM on the same site, small and untidy: the app itself, or tables like its own."""

from types import SimpleNamespace

import frappe
from frappe.utils import add_days, nowdate

from tests.site.bench.moving_world import GONE, mail, raw, text_file

# What Frappe CRM has, as far as a move reads it: {DocType: (fields, name, is a row)}.
FRAPPE_CRM = {
	"CRM Lead Status": (("type",), "prompt", 0),
	"CRM Deal Status": (("type", "position:Int"), "prompt", 0),
	"CRM Lost Reason": ((), "prompt", 0),
	"CRM Organization": (("organization_name", "website", "industry", "territory"), "prompt", 0),
	"CRM Status Change Log": (("from", "from_date:Datetime", "to", "to_date:Datetime"), None, 1),
	"CRM Products": (("product_code", "product_name", "qty:Float", "rate:Float", "net_amount:Float"), None, 1),
	"CRM Contacts": (("contact:Link:Contact",), None, 1),
	"CRM Lead": (
		(
			"lead_name",
			"first_name",
			"organization",
			"status",
			"email",
			"mobile_no",
			"lead_owner",
			"source",
			"lost_reason",
		)
		+ ("converted:Check",),
		"prompt",
		0,
	),
	"CRM Deal": (
		(
			"organization",
			"lead",
			"status",
			"deal_value:Float",
			"currency",
			"exchange_rate:Float",
			"deal_owner",
			"source",
		)
		+ (
			"lost_reason",
			"closed_date:Date",
			"expected_closure_date:Date",
			"next_step",
			"probability:Float",
			"lead_name",
		)
		+ (
			"status_change_log:Table:CRM Status Change Log",
			"products:Table:CRM Products",
			"contacts:Table:CRM Contacts",
		),
		"prompt",
		0,
	),
	"FCRM Note": (("title", "content:Text Editor", "reference_doctype", "reference_docname"), "hash", 0),
	"CRM Task": (
		("title", "status", "priority", "assigned_to", "due_date:Datetime", "description:Text Editor")
		+ ("reference_doctype", "reference_docname"),
		"hash",
		0,
	),
	"CRM Call Log": (
		("from", "to", "status", "type", "start_time:Datetime", "duration:Float", "receiver", "caller")
		+ ("reference_doctype", "reference_docname"),
		"hash",
		0,
	),
}


def a_frappe_crm() -> None:
	"""Its DocTypes, where the app itself is not installed. Making them commits; they stay on the test site."""
	for name, (fields, autoname, is_row) in FRAPPE_CRM.items():
		if frappe.db.exists("DocType", name):
			continue
		doc = {"doctype": "DocType", "name": name, "module": "Custom", "custom": 1, "istable": is_row}
		doc |= {"autoname": autoname, "permissions": [{"role": "System Manager", "read": 1}]}
		doc["fields"] = [_field(*field.split(":")) for field in fields] or [_field("note")]
		frappe.get_doc(doc).insert()


def _field(name: str, kind: str = "Data", options: str = "") -> dict:
	return {"fieldname": name, "label": name.replace("_", " ").title(), "fieldtype": kind, "options": options}


class FrappeCrm:
	"""Frappe CRM: organizations, leads, deals with their log, notes, tasks and calls."""

	def __init__(self, tag: str, world):
		self.tag, self.world, self.made, self.names = tag, world, [], SimpleNamespace()

	def t(self, text: str) -> str:
		return text.replace("TAG", self.tag)

	def row(self, doctype: str, name: str = "", **values) -> str:
		values = {key: self.t(v) if isinstance(v, str) else v for key, v in values.items()}
		if name or frappe.get_meta(doctype).autoname != "autoincrement":
			name = self.t(name or frappe.generate_hash(length=10))
		else:
			name = frappe.db.get_next_sequence_val(doctype)
		raw(doctype, name=name, **{key: v for key, v in values.items() if key in frappe.db.get_table_columns(doctype)})
		self.made.append((doctype, name))
		return name

	def child(self, doctype: str, parent: str, field: str, place: int, **values) -> None:
		self.row(doctype, parent=parent, parenttype="CRM Deal", parentfield=field, idx=place, **values)

	def make(self):
		for place, (name, kind) in enumerate(
			(("Fresh TAG", "Open"), ("Negotiation TAG", "Ongoing"), ("Signed TAG", "Won"), ("Gone TAG", "Lost")), 1
		):
			self.row("CRM Deal Status", name, deal_status=name, type=kind, position=place)
		for name, kind in (("New TAG", "Open"), ("Junk TAG", "Lost")):
			self.row("CRM Lead Status", name, lead_status=name, type=kind)
		self.row("CRM Lost Reason", "Pricing TAG", lost_reason="Pricing TAG")
		self.row(
			"CRM Organization",
			"Org TAG",
			organization_name="Org TAG",
			website="https://org.example",
			creation="2022-01-01 08:00:00",
		)
		customer = frappe.db.get_value("Customer", self.world.customer, "customer_name")
		self.row("CRM Organization", customer, organization_name=customer)
		self._leads()
		self._deals(customer)
		self._around()
		return self

	def _leads(self):
		n = self.names
		n.lead = self.row("CRM Lead", "CRM-LEAD-TAG-1", lead_name="Ann TAG", organization="Org TAG", status="New TAG", email="ann@TAG.example",
			lead_owner="Administrator", source="Fair TAG", converted=1, creation="2022-02-01 08:00:00")  # fmt: skip
		n.junk = self.row(
			"CRM Lead",
			"CRM-LEAD-TAG-2",
			lead_name="Junk TAG",
			status="Junk TAG",
			lost_reason="Pricing TAG",
			lead_owner=GONE,
		)
		n.many = [
			self.row("CRM Lead", f"CRM-LEAD-TAG-9{i}", lead_name=f"Lead {i} TAG", status="New TAG") for i in range(20)
		]

	def _deals(self, customer: str):
		n, w = self.names, self.world
		n.open = self.row("CRM Deal", "CRM-DEAL-TAG-1", organization="Org TAG", lead=n.lead, status="Negotiation TAG", deal_value=0,
			deal_owner="Administrator", creation="2022-02-10 08:00:00", next_step="Call", probability=70, source="Fair TAG")  # fmt: skip
		for place, (name, day) in enumerate((("Fresh TAG", "2022-02-10"), ("Negotiation TAG", "2022-02-20")), 1):
			self.child(
				"CRM Status Change Log",
				n.open,
				"status_change_log",
				place,
				**{"from": name, "from_date": f"{day} 09:00:00"},
			)
		self.child(
			"CRM Products",
			n.open,
			"products",
			1,
			product_code=w.pump,
			product_name="Pump",
			qty=2,
			rate=100,
			amount=200,
			net_amount=180,
		)
		n.won = self.row("CRM Deal", "CRM-DEAL-TAG-2", organization=customer, status="Signed TAG", deal_value=700, closed_date="2022-05-05",
			creation="2022-03-01 08:00:00", currency="CHF", exchange_rate=1.5)  # fmt: skip
		n.lost = self.row("CRM Deal", "CRM-DEAL-TAG-3", lead_name="Solo TAG", email="solo@TAG.example", status="Gone TAG",
			lost_reason="Pricing TAG", deal_value=50, creation="2022-03-02 08:00:00")  # fmt: skip
		self.child("CRM Status Change Log", n.lost, "status_change_log", 1, **{"from": "Fresh TAG", "from_date": "2022-03-02 09:00:00",
			"to": "Gone TAG", "to_date": "2022-04-01 09:00:00"})  # fmt: skip
		n.stray = self.row(
			"CRM Deal", "CRM-DEAL-TAG-4", organization="Deleted Org TAG", status="Fresh TAG", deal_value=5
		)
		n.many_deals = [
			self.row("CRM Deal", f"CRM-DEAL-TAG-9{i}", organization="Org TAG", status="Fresh TAG", deal_value=i)
			for i in range(20)
		]

	def _around(self):
		n, tag = self.names, self.tag
		about = {"reference_doctype": "CRM Deal", "reference_docname": n.open}
		self.row(
			"FCRM Note",
			title="First talk TAG",
			content="<p>Wants <b>two</b></p>",
			creation="2022-02-11 10:00:00",
			**about,
		)
		self.row("CRM Task", title="Send offer TAG", status="Todo", priority="High", assigned_to="Administrator",
			due_date=add_days(nowdate(), 3), **about)  # fmt: skip
		self.row("CRM Task", title="Loose TAG", status="Done", due_date="2022-02-02 10:00:00")
		for number, state in enumerate(("Completed", "No Answer")):
			self.row("CRM Call Log", f"CALL-TAG-{number}", id=f"CALL-TAG-{number}", **{"from": "+49301", "to": "+49302"}, status=state,
				type="Incoming", start_time="2022-02-12 10:00:00", duration=95, receiver="Administrator", **about)  # fmt: skip
		n.mail = mail(tag, "CRM Deal", n.open, "Received", f"Offer {tag}")
		n.file = text_file(tag, "CRM Deal", n.open, 1)
		contact = frappe.get_doc({"doctype": "Contact", "first_name": "Zoe", "last_name": tag}).insert(
			ignore_permissions=True
		)
		self.made.append(("Contact", contact.name))
		n.contact = contact.name
		self.child("CRM Contacts", n.open, "contacts", 1, contact=contact.name)
