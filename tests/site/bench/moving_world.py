"""Two other CRMs on the same site, small and untidy, and taking them away again. Everything bears a tag in its name."""

import contextlib
import json
from types import SimpleNamespace

import frappe
from frappe.desk.doctype.tag.tag import DocTags
from frappe.utils import add_days, now_datetime, nowdate

from tests.site.bench.loading import company

IMPORT = "Sales Import"
GONE, LEFT, ANN = "gone@TAG.example", "left@TAG.example", "ann@TAG.example"

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


def called(doctype: str, *names: str) -> str:
	"""The first of these fields that the DocType has: 15 and 16 call some by two names."""
	return next(name for name in names if frappe.get_meta(doctype).has_field(name))


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
		try:
			yield
		finally:
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
			# 15 and 16 name them by two DocTypes.
			kind = "Lead Source" if frappe.db.exists("DocType", "Lead Source") else "UTM Source"
			self.add(kind, **{"source_name": name} if kind == "Lead Source" else {"name": name})
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
		source, campaign = called("Lead", "source", "utm_source"), called("Lead", "campaign_name", "utm_campaign")

		def lead(name, **values):
			return self.add("Lead", lead_name=name, company=company, lead_owner=self.t(ANN), **values)

		# What 15 does not know is left out by the framework.
		click = {"utm_medium": "Banner TAG", "utm_content": "Blue TAG"}
		if frappe.db.table_exists("UTM Medium"):
			self.add("UTM Medium", name=click["utm_medium"])
		n.same = [
			lead("Ann TAG", company_name="Twins TAG", status="Opportunity", email_id="ann.a@TAG.example",
				**{source: "Fair TAG", campaign: "Spring TAG"}, **click),
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
		for name, values in (
			(n.bad_mail, {campaign: "Deleted TAG", "country": "Atlantis"}),
			(n.refusing, {"email_id": f"m1@{self.tag}.example", "website": "not a url"}),
		):
			columns = frappe.db.get_table_columns("Lead")
			frappe.db.set_value(
				"Lead", name, {key: v for key, v in values.items() if key in columns}, update_modified=False
			)
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
		return {"name": frappe.db.get_next_sequence_val("CRM Note")}

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
		# 16 takes such marks out where a document is saved; older rows have them.
		frappe.db.set_value("Opportunity Item", {"parent": n.no_item}, "item_name", "Free <text>")
		n.nobody = self.deal("Nobody TAG", "Customer", "Deleted Customer TAG", sales_stage="Prospecting")
		n.won = self.deal(
			"Won TAG", "Customer", w.customer, status="Converted", sales_stage="Negotiation/Review", amount=200
		)
		n.of_gone_lead = self.deal("Gone Lead TAG", "Customer", w.customer, sales_stage="Prospecting")
		frappe.db.set_value(
			"Opportunity",
			n.of_gone_lead,
			{"opportunity_from": "Lead", "party_name": "CRM-LEAD-GONE"},
			update_modified=False,
		)
		n.tracked = self.deal(
			"Tracked TAG", "Customer", w.customer, status="Lost", day="2023-01-10", sales_stage="Needs Analysis"
		)
		for day, change in (
			("2023-01-20", ["sales_stage", "Prospecting", "Needs Analysis"]),
			("2023-02-10", ["status", "Open", "Lost"]),
		):
			raw(
				"Version",
				ref_doctype="Opportunity",
				docname=n.tracked,
				data=json.dumps({"changed": [change]}),
				creation=f"{day} 12:00:00",
			)
		raw("Version", ref_doctype="Opportunity", docname=n.tracked, data="not json")
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
		text_file(tag, "Contract", f"CON-{tag}-0", 1)
		raw(
			"Contract",
			name=f"CON-{tag}-9",
			party_type="Supplier",
			party_name="Somebody",
			contract_terms="x",
			status="Active",
		)
		contact = frappe.get_doc({"doctype": "Contact", "first_name": "Zoe", "last_name": tag}).insert(
			ignore_permissions=True
		)
		self.made.append(("Contact", contact.name))
		n.contact = contact.name
		address = frappe.get_doc(
			{
				"doctype": "Address",
				"address_title": tag,
				"address_type": "Office",
				"address_line1": "Pier 1",
				"city": "Kiel",
				"country": "Germany",
				"links": [{"link_doctype": "Prospect", "link_name": n.prospect}],
			}
		).insert(ignore_permissions=True)
		self.made.append(("Address", address.name))
		n.address = address.name
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
		("Sales Lead", "title"), ("Sales Opportunity", "title"), ("Sales Campaign", "title"), ("Address", "name"), ("UTM Campaign", "name"), ("UTM Medium", "name"), ("UTM Source", "name"),
	):  # fmt: skip
		if frappe.db.table_exists(doctype):
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
