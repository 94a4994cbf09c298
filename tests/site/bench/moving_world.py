"""Two other CRMs on the same site, small and untidy, and taking them away again. Everything bears a tag in its name."""

import contextlib
from types import SimpleNamespace

import frappe
from frappe.desk.doctype.tag.tag import DocTags
from frappe.utils import add_days, now_datetime, nowdate

from tests.site.bench.loading import company

IMPORT = "Sales Import"
GONE, LEFT, ANN = "gone@TAG.example", "left@TAG.example", "ann@TAG.example"
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


# ---- making


def new(doctype: str, **values):
	"""Insert a record as an old system left it: without its rules, where they would refuse what is there anyway."""
	doc = frappe.get_doc({"doctype": doctype, **values})
	doc.flags.ignore_permissions = doc.flags.ignore_links = doc.flags.ignore_mandatory = doc.flags.ignore_validate = (
		True
	)
	name = values.get("name")
	return doc.insert(set_name=name) if name else doc.insert()


def raw(doctype: str, **values) -> str:
	"""A row as it stands in the table, past every rule."""
	now = now_datetime()
	row = {"name": frappe.generate_hash(length=10), "creation": now, "modified": now, "docstatus": 0, "idx": 0}
	row |= {"owner": "Administrator", "modified_by": "Administrator", **values}
	frappe.db.bulk_insert(doctype, list(row), [tuple(row.values())])
	return row["name"]


def text_file(tag: str, doctype: str, name: str, private: int, content: str = ""):
	values = {"file_name": f"{tag}-{frappe.generate_hash(length=4)}.txt", "is_private": private}
	about = {"attached_to_doctype": doctype, "attached_to_name": name}
	return frappe.get_doc({"doctype": "File", "content": content or f"{tag} {name}", **values, **about}).insert()


def mail(tag: str, doctype: str, name: str, sent: str, subject: str) -> str:
	values = {"communication_type": "Communication", "communication_medium": "Email", "sent_or_received": sent}
	about = {"reference_doctype": doctype, "reference_name": name, "sender": f"x@{tag.lower()}.example"}
	doc = frappe.get_doc({"doctype": "Communication", "subject": subject, "content": subject, **values, **about})
	return doc.insert().name


class Erpnext:
	"""ERPNext's CRM: leads, prospects, opportunities with all that may be odd about them."""

	def __init__(self, tag: str, world):
		self.tag, self.world = tag, world
		self.company = company()
		self.made: list[tuple[str, str]] = []
		self.names = SimpleNamespace()

	def make(self):
		with self._muted():
			self._masters()
			self._leads()
			self._deals()
			self._around()
		return self

	@contextlib.contextmanager
	def _muted(self):
		frappe.flags.mute_emails, frappe.flags.in_import = True, True
		yield
		frappe.flags.in_import = False

	def t(self, text: str) -> str:
		return text.replace("TAG", self.tag)

	def add(self, doctype: str, **values) -> str:
		doc = new(doctype, **{key: self.t(v) if isinstance(v, str) else v for key, v in values.items()})
		self.made.append((doctype, doc.name))
		return doc.name

	def user(self, email: str, enabled: int) -> str:
		return self.add("User", email=email, first_name=email.split("@")[0], enabled=enabled, send_welcome_email=0)

	def _masters(self):
		self.user(ANN, 1)
		self.user(LEFT, 0)
		for name in ("Fair TAG", 'Web "2" TAG'):
			self.add("Lead Source", source_name=name)
		for name in ("Price TAG", "Too Late TAG"):
			self.add("Opportunity Lost Reason", lost_reason=name)
		for name in ("Rival TAG", "Other Rival TAG"):
			self.add("Competitor", competitor_name=name)
		schedule = [
			{"send_after_days": 3, "email_template": "First TAG"},
			{"send_after_days": 9, "email_template": "Second TAG"},
		]
		self.names.campaign = self.add(
			"Campaign", campaign_name="Spring TAG", description="A & B", campaign_schedules=schedule
		)

	def _leads(self):
		company, n = self.company, self.names

		def lead(name, **values):
			return self.add("Lead", lead_name=name, company=company, lead_owner=self.t(ANN), **values)

		n.same = [
			lead("Ann TAG", company_name="Twins TAG", status="Opportunity", email_id="ann.a@TAG.example", source="Fair TAG",
				campaign_name=n.campaign),
			lead("Bob TAG", company_name="Twins TAG", status="Opportunity", email_id="bob@TAG.example"),
		]  # fmt: skip
		n.twice = lead("Carl TAG", company_name='O\'Neil & "Sons" TAG', status="Opportunity")
		n.person = lead("Dora TAG", status="Lost Quotation")
		n.disabled = lead("Emil TAG", company_name="Shut TAG", status="Open", disabled=1)
		n.in_prospect = lead("Finn TAG", company_name="Group TAG", status="Interested")
		n.refusing = lead("Gina TAG", company_name="Never TAG", status="Do Not Contact")
		n.orphan = lead("Hugo TAG", company_name="Orphan TAG", status="Replied")
		n.bad_mail = lead("Ida TAG", company_name="Bad Mail TAG", status="Lead", phone="+49 30 901820")
		frappe.db.set_value(
			"Lead", n.orphan, {"lead_owner": self.t(GONE), "creation": "2021-05-06 10:00:00"}, update_modified=False
		)
		frappe.db.set_value(
			"Lead", n.bad_mail, {"email_id": "not a mail", "creation": "2020-02-03 10:00:00"}, update_modified=False
		)
		frappe.db.set_value("Lead", n.twice, "mobile_no", "abc", update_modified=False)
		n.many = [
			lead(
				f"Lead {number} TAG",
				company_name=f"Firm {number} TAG",
				status="Open",
				email_id=f"m{number}@TAG.example",
			)
			for number in range(24)
		]
		notes = [
			{
				"note": "<p>Likes <b>blue</b><script>x()</script></p>",
				"added_by": self.t(ANN),
				"added_on": "2022-03-04 09:30:00",
			}
		]
		n.prospect = self.add("Prospect", company_name="Group TAG", company=company, prospect_owner=self.t(ANN),
			leads=[{"lead": n.in_prospect}], notes=notes)  # fmt: skip
		for parent in (n.same[0], n.person):
			raw("CRM Note", **self._note_name(), parent=parent, parenttype="Lead", parentfield="notes", note="<div>Call back</div>",
				added_by=self.t(GONE), added_on="2022-01-02 08:00:00")  # fmt: skip

	@staticmethod
	def _note_name() -> dict:
		"""Its table counts by itself."""
		if frappe.get_meta("CRM Note").autoname != "autoincrement":
			return {}
		table = frappe.qb.DocType("CRM Note")
		last = frappe.qb.from_(table).select(table.name).orderby(table.name, order=frappe.qb.desc).limit(1).run()
		return {"name": int(last[0][0]) + 1 if last else 1}

	def deal(self, title: str, kind: str, party: str, **values) -> str:
		amount = values.pop("amount", 1000)
		values = {"currency": self.world.currency, "conversion_rate": 1, **values}
		lost = [{"lost_reason": self.t(one)} for one in values.pop("lost", ())]
		return self.add(
			"Opportunity", title=title, opportunity_from=kind, party_name=party, customer_name=party, company=self.company,
			opportunity_amount=amount, opportunity_owner=self.t(ANN), transaction_date=values.pop("day", "2023-02-01"),
			lost_reasons=lost, status=values.pop("status", "Open"), **values,
		)  # fmt: skip

	def _deals(self):
		n, w = self.names, self.world
		rows = [{"item_code": w.pump, "qty": 2, "rate": 100}, {"item_code": w.filter, "qty": 4, "rate": 12.5}]
		n.items = self.deal(
			"Items TAG", "Lead", n.same[0], sales_stage="Prospecting", items=rows, amount=999, probability=100
		)
		n.second = self.deal(
			"Second TAG", "Lead", n.same[1], sales_stage="Negotiation/Review", probability=60, amount=500.55
		)
		n.of_twice = [
			self.deal(f"Twice {number} TAG", "Lead", n.twice, sales_stage="Qualification") for number in (1, 2)
		]
		n.of_person = self.deal("Person TAG", "Lead", n.person, status="Lost", lost=["Price TAG", "Too Late TAG"],
			order_lost_reason="They said so", competitors=[{"competitor": self.t("Rival TAG")}])  # fmt: skip
		n.of_prospect = self.deal("Prospect TAG", "Prospect", n.prospect, sales_stage="Needs Analysis", amount=0)
		n.of_customer = self.deal("Customer TAG", "Customer", w.customer, sales_stage="Proposal/Price Quote",
			expected_closing=add_days(nowdate(), 30))  # fmt: skip
		n.foreign = self.deal(
			"Foreign TAG", "Customer", w.customer, currency="CHF", conversion_rate=1.25, sales_stage="Qualification"
		)
		n.closed = self.deal("Closed TAG", "Customer", w.customer, status="Closed", sales_stage="Prospecting")
		n.no_item = self.deal("No Item TAG", "Customer", w.customer, items=[{"item_name": "Free <text>", "qty": 3, "rate": 5}],
			amount=15, sales_stage="Prospecting")  # fmt: skip
		n.nobody = self.deal("Nobody TAG", "Customer", "Deleted Customer TAG", sales_stage="Prospecting")
		n.won = self.deal(
			"Won TAG", "Customer", w.customer, status="Converted", sales_stage="Negotiation/Review", amount=200
		)
		n.many_deals = [
			self.deal(f"Deal {number} TAG", "Customer", w.customer, sales_stage="Qualification", amount=10 + number)
			for number in range(24)
		]

	def _around(self):
		n, tag = self.names, self.tag
		n.mails = [
			mail(tag, "Lead", n.same[0], "Received", f"Question {tag}"),
			mail(tag, "Lead", n.same[0], "Sent", f"Answer {tag}"),
		]
		n.deal_mail = mail(tag, "Opportunity", n.items, "Received", f"About the deal {tag}")
		n.files = [text_file(tag, "Lead", n.same[0], 1), text_file(tag, "Opportunity", n.items, 0)]
		n.comment = frappe.get_doc(
			{"doctype": "Comment", "comment_type": "Comment", "reference_doctype": "Lead", "reference_name": n.same[0],
			 "content": f"<b>Remember</b> {tag}<script>x()</script>", "comment_email": self.t(ANN)}
		).insert(ignore_permissions=True).name  # fmt: skip
		for user in (self.t(ANN), self.t(LEFT)):
			raw("ToDo", status="Open", allocated_to=user, reference_type="Opportunity", reference_name=n.items,
				description=f"Do it {tag}", priority="Medium")  # fmt: skip
		DocTags("Lead").add(n.same[0], f"Hot {tag}")
		raw("Appointment", name=f"APMT-{tag}-1", customer_name=f"Visitor {tag}", scheduled_time="2023-03-03 10:30:00",
			status="Closed", appointment_with="Lead", party=n.same[0], customer_email="v@x.example")  # fmt: skip
		raw(
			"Appointment",
			name=f"APMT-{tag}-2",
			customer_name=f"Nobody {tag}",
			scheduled_time="2023-03-03 10:30:00",
			status="Open",
		)
		for number, (state, terms) in enumerate((("Fulfilled", 1), ("Lapsed", 0))):
			name = raw("Contract", name=f"CON-{tag}-{number}", party_type="Customer", party_name=self.world.customer, docstatus=1,
				status="Active", fulfilment_status=state, contract_terms=f"<p>Terms {tag}</p>", start_date="2022-01-01", is_signed=1,
				signee="Zoe")  # fmt: skip
			raw("Contract Fulfilment Checklist", parent=name, parenttype="Contract", parentfield="fulfilment_terms",
				requirement=f"Deliver {tag}", fulfilled=terms, docstatus=1)  # fmt: skip
		contact = frappe.get_doc({"doctype": "Contact", "first_name": "Zoe", "last_name": tag}).insert(
			ignore_permissions=True
		)
		self.made.append(("Contact", contact.name))
		n.contact = contact.name
		frappe.db.set_value(
			"Opportunity",
			n.of_customer,
			{"contact_person": contact.name, "contact_display": f"Zoe {tag}"},
			update_modified=False,
		)

	def quoted(self):
		"""A quotation of the won opportunity and an order of it, both submitted, as ERPNext makes them."""
		w, n = self.world, self.names
		row = {"item_code": w.service, "qty": 1, "rate": 200, "delivery_date": nowdate()}
		quotation = frappe.get_doc(
			{"doctype": "Quotation", "quotation_to": "Customer", "party_name": w.customer, "company": self.company,
			 "transaction_date": "2023-04-01", "valid_till": "2023-05-01", "items": [row], "opportunity": n.won,
			 "currency": w.currency}
		).insert()  # fmt: skip
		quotation.submit()
		order = frappe.get_doc(
			{"doctype": "Sales Order", "customer": w.customer, "company": self.company, "transaction_date": "2023-04-05",
			 "delivery_date": nowdate(), "currency": w.currency,
			 "items": [{**row, "prevdoc_docname": quotation.name, "quotation_item": quotation.items[0].name}]}
		).insert()  # fmt: skip
		order.submit()
		for doctype, name in (("Quotation", quotation.name), ("Sales Order", order.name)):
			# As it was before this app was here.
			frappe.db.set_value(
				doctype, name, {"crm_source_type": None, "crm_source_name": None}, update_modified=False
			)
		self.made += [("Quotation", quotation.name), ("Sales Order", order.name)]
		n.quotation, n.order = quotation.name, order.name
		return self


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
			table = frappe.qb.DocType(doctype)
			last = frappe.qb.from_(table).select(table.name).orderby(table.name, order=frappe.qb.desc).limit(1).run()
			name = int(last[0][0]) + 1 if last else 1
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


# ---- taking away


def remove(tag: str, made: list[tuple[str, str]], imports: list[str]) -> None:
	"""All that bears the tag or came with these imports, straight from the tables, and commit."""
	frappe.db.rollback()
	frappe.set_user("Administrator")
	for name in imports:
		_remove_import(name)
	for doctype, name in reversed(made):
		if frappe.db.exists(doctype, name):
			_remove_document(doctype, name)
	like = ("like", f"%{tag}%")
	for doctype, field in (
		("Communication", "subject"), ("Comment", "content"), ("ToDo", "description"), ("Appointment", "name"),
		("Contract", "name"), ("Sales Channel", "name"), ("Sales Lost Reason", "name"), ("Sales Competitor", "name"),
		("Contract Fulfilment Checklist", "requirement"), ("Tag", "name"), ("Tag Link", "tag"), ("Sales Prospect", "prospect_name"),
		("Sales Lead", "title"), ("Sales Opportunity", "title"), ("Sales Campaign", "title"), ("Address", "name"),
	):  # fmt: skip
		frappe.db.delete(doctype, {field: like})
	for contact in frappe.get_all("Contact", filters={"name": like}, pluck="name", order_by="name asc"):
		_remove_document("Contact", contact)
	for file in frappe.get_all("File", filters={"file_name": like}, pluck="name", order_by="name asc"):
		frappe.delete_doc("File", file, force=True, ignore_permissions=True)
	# What was committed is gone.
	frappe.db.commit()


def _remove_import(name: str) -> None:
	for row in frappe.get_all(
		"Imported Record", filters={"sales_import": name}, fields=["document_type", "document"], order_by="name asc"
	):
		_remove_document(row.document_type, row.document)
	frappe.db.delete("Imported Record", {"sales_import": name})
	for file in frappe.get_all("File", filters={"attached_to_name": name}, pluck="name", order_by="name asc"):
		frappe.delete_doc("File", file, force=True, ignore_permissions=True)
	_remove_document(IMPORT, name)


def _remove_document(doctype: str, name: str) -> None:
	for df in frappe.get_meta(doctype).get_table_fields():
		frappe.db.delete(df.options, {"parent": name, "parenttype": doctype})
	for about, kind, field in (
		("Communication Link", "link_doctype", "link_name"), ("File", "attached_to_doctype", "attached_to_name"),
		("ToDo", "reference_type", "reference_name"), ("Pipeline Event", "reference_doctype", "reference_name"),
		("Stage Passage", "reference_doctype", "reference_name"), ("Sales Memo", "reference_doctype", "reference_name"),
		("Version", "ref_doctype", "docname"), ("Comment", "reference_doctype", "reference_name"),
		("Dynamic Link", "link_doctype", "link_name"), ("CRM Note", "parenttype", "parent"),
	):  # fmt: skip
		if frappe.db.table_exists(about) and about != "File":
			frappe.db.delete(about, {kind: doctype, field: name})
		elif about == "File":
			for file in frappe.get_all("File", filters={kind: doctype, field: name}, pluck="name", order_by="name asc"):
				frappe.delete_doc("File", file, force=True, ignore_permissions=True)
	if doctype in ("Sales Order", "Quotation"):
		for ledger in ("GL Entry", "Stock Ledger Entry"):
			frappe.db.delete(ledger, {"voucher_no": name})
	if doctype in ("User", "Contact"):
		frappe.delete_doc(doctype, name, force=True, ignore_permissions=True)
		return
	frappe.db.delete(doctype, {"name": name})
