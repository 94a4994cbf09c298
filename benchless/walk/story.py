"""The short story that `make demo` tells: four leads of a boat show, one of them becomes a paid Sales Order.

Told through the app's own functions by the people whose work it is, so it runs on a real site as well; there its
back-office part (the calls of ERPNext) is recorded, and a test tells it on both hosts with the same end.
"""

from types import SimpleNamespace

import frappe
from frappe.utils import add_days, nowdate

# First name, what the person does, roles.
PEOPLE = {
	"rep": ("Rosa", "sells", ("Sales User",)),
	"desk": ("Dan", "order desk", ("Sales User", "Order Desk")),
	"office": (
		"Olga",
		"stock and accounts",
		("Stock User", "Accounts User", "Accounts Manager", "Sales User"),
	),
	"manager": ("Mia", "sales manager", ("Sales User", "Sales Manager")),
}
STAGES = "Standard Sales"


def family(chain: list[dict]) -> list[dict]:
	"""The documents of a chain as a picture: {"doctype", "name", "title", "state", "source"}; `source` is
	(doctype, name) of what it came from, None where it was created directly."""
	from crm_pipeline.chain import graph
	from crm_pipeline.core.registry import BY_NAME

	found = []
	for each in chain:
		doc = frappe.get_doc(each["doctype"], each["name"])
		source = None if doc.doctype == "Sales Campaign" else graph.source_of(doc)
		found.append(
			{
				**each,
				"title": doc.get(BY_NAME[doc.doctype].title_field) or "",
				"state": doc.get("status"),
				"source": (source.doctype, source.name) if source else None,
			}
		)
	return found


class Silent:
	"""What is told to nobody. The demo shows each of these on the screen."""

	def chapter(self, title: str) -> None:
		"""A part of the story begins."""

	def did(self, who: str, what: str) -> None:
		"""Somebody did something."""

	def picture(self, kind: str, data) -> None:
		"""Something to look at: `ribbon`, `chain`, `order`, `funnel`, `history` or `customer`."""


def tell(show=None) -> SimpleNamespace:
	"""Tell it all in the running transaction. Answers the names of what it made; raises what goes wrong."""
	show = show or Silent()
	teller = Teller(show)
	teller.set_the_scene()
	teller.boat_show()
	teller.leads_are_judged()
	teller.the_deal()
	teller.hand_over()
	teller.fulfilment()
	teller.looking_back()
	frappe.set_user("Administrator")
	return teller.made


class Teller:
	def __init__(self, show):
		self.show = show
		self.tag = frappe.generate_hash(length=4)
		# Names are those on the screen, unless somebody on this site has them already.
		taken = frappe.db.exists("Item", "Bilge Pump") or frappe.db.exists("Customer", "Harbour Works")
		self.suffix = f" {self.tag}" if taken else ""
		self.made = SimpleNamespace()

	def by(self, who: str, what: str) -> str:
		"""The following lines are this person's."""
		user = f"{PEOPLE[who][0].lower()}@{self.tag}.demo.example"
		frappe.set_user(user)
		self.show.did(f"{PEOPLE[who][0]} ({PEOPLE[who][1]})", what)
		return user

	# ---- chapters

	def set_the_scene(self):
		self.show.chapter("A company, four people, two products")
		frappe.set_user("Administrator")
		company = frappe.db.get_value("Company", {"name": ("not like", "%Demo%")}, "name", order_by="creation asc")
		self.company = self.made.company = company
		for first, _work, roles in PEOPLE.values():
			user = frappe.get_doc(
				{
					"doctype": "User",
					"email": f"{first.lower()}@{self.tag}.demo.example",
					"first_name": first,
					"send_welcome_email": 0,
				}
			)
			user.extend("roles", [{"role": role} for role in roles])
			user.insert(ignore_permissions=True)
		self.pump = self._item("Bilge Pump", 1200, stock=1)
		self.service = self._item("Installation", 400, stock=0)
		frappe.db.set_single_value("Stock Settings", "allow_negative_stock", 1)
		self.show.did("ERPNext", f"has {company}, {self.pump} and {self.service} with prices")

	def _item(self, name: str, price: float, stock: int) -> str:
		warehouse = frappe.db.get_value(
			"Warehouse", {"company": self.company, "is_group": 0, "warehouse_name": "Stores"}, "name"
		)
		item = frappe.get_doc(
			{
				"doctype": "Item",
				"item_code": f"{name}{self.suffix}",
				"item_name": name,
				"item_group": frappe.db.get_value("Item Group", {"is_group": 0}, "name", order_by="name asc"),
				"stock_uom": "Nos",
				"is_stock_item": stock,
				"item_defaults": [{"company": self.company, "default_warehouse": warehouse}],
				"valuation_rate": price / 2,
			}
		).insert()
		price_list = frappe.db.get_single_value("Selling Settings", "selling_price_list") or "Standard Selling"
		frappe.get_doc(
			{
				"doctype": "Item Price",
				"item_code": item.name,
				"price_list": price_list,
				"price_list_rate": price,
				"uom": "Nos",
			}
		).insert()
		return item.name

	def boat_show(self):
		from crm_pipeline import api

		self.show.chapter("Leads: a boat show brings four messages")
		self.by("rep", "plans the campaign Boat Show and notes who came by")
		campaign = frappe.get_doc(
			{"doctype": "Sales Campaign", "title": "Boat Show", "company": self.company, "budget": 5000}
		).insert()
		self.made.campaign = campaign.name
		self.leads = {}
		for party, contact, wants, pumps in (
			("Harbour Works", "Ines Marlow", "Six pumps for the new ferry", 6),
			("Blue Quay Marina", "Jonas Pell", "Pumps for the summer fleet", 3),
			("Old Pier Boats", "Greta Holm", "Two spare pumps", 2),
			("Captain Nobody", "Max Mustard", "Send me everything for free", 1),
		):
			values = api.campaign_to_lead(campaign.name)
			domain = party.split()[0].lower()
			values.update(
				title=wants,
				prospect_name=f"{party}{self.suffix}",
				contact_name=contact,
				email_id=f"{contact.split()[0].lower()}@{domain}-{self.tag}.example",
				items=[{"item_code": self.pump, "qty": pumps, "rate": 1200}],
			)
			lead = frappe.get_doc(values).insert()
			self.leads[party] = lead.name
			self._note_who_it_is(lead.prospect)
			self.show.did("", f"{self.leads[party]}: {party}, {wants}")

	def _note_who_it_is(self, prospect: str):
		"""What a customer's statistics go by, where the site has such a group and territory."""
		doc = frappe.get_doc("Sales Prospect", prospect)
		for field, doctype, value in (
			("customer_group", "Customer Group", "Commercial"),
			("territory", "Territory", "United States"),
		):
			if frappe.db.exists(doctype, value):
				doc.set(field, value)
		doc.save()

	def leads_are_judged(self):
		from crm_pipeline import api

		self.show.chapter("Opportunities: three are worth it, one is not")
		self.by("rep", "calls them all, judges, converts")
		api.disqualify_lead(self.leads["Captain Nobody"], "No Budget", "Wants it for free")
		self.show.did("", f"{self.leads['Captain Nobody']} disqualified: No Budget")
		self.deals = {}
		for party, mark in (
			("Harbour Works", "Hot"),
			("Blue Quay Marina", "Warm"),
			("Old Pier Boats", "Cold"),
		):
			lead = self.leads[party]
			api.qualify_lead(lead)
			api.contact_lead(lead, follow_up_date=nowdate(), follow_up_plan="Visit them")
			self.deals[party] = api.convert_lead(lead, assessment=mark)["name"]
			self.show.did("", f"{lead} is {mark.lower()}: prospect verified, {self.deals[party]}")
		self._move("Blue Quay Marina", "proposal")
		api.lose_deal("Sales Opportunity", self.deals["Old Pier Boats"], "Price", detail="Bought second hand")
		self.show.did("", f"{self.deals['Old Pier Boats']} lost: Price")
		self.made.opportunity = self.deals["Harbour Works"]
		self.made.lead = self.leads["Harbour Works"]

	def _move(self, party: str, key: str):
		from crm_pipeline import api

		stage = frappe.db.get_value(
			"Pipeline Stage", {"pipeline": STAGES, "stage_key": key}, ["name", "label"], as_dict=True
		)
		api.move_stage("Sales Opportunity", self.deals[party], stage.name)
		self.show.did("", f"{self.deals[party]} ({party}) moved to {stage.label}")

	def the_deal(self):
		from crm_pipeline import api

		self.show.chapter("Quotation and contract: the ferry needs its pumps")
		self.by("rep", "adds the installation, quotes, signs")
		deal = frappe.get_doc("Sales Opportunity", self.made.opportunity)
		deal.append("items", {"item_code": self.service, "qty": 1, "rate": 400})
		deal.expected_close = add_days(nowdate(), 20)
		deal.save()
		self._move("Harbour Works", "proposal")
		quotation = frappe.get_doc("Quotation", api.make_quotation("Sales Opportunity", deal.name)["name"])
		quotation.submit()
		self.show.did("", f"{quotation.name} submitted: {quotation.net_total:,.2f}")
		contract = frappe.get_doc("Sales Contract", api.make_contract("Quotation", quotation.name)["name"])
		contract.update({"po_no": "FERRY-77", "po_date": nowdate()})
		contract.save()
		contract.submit()
		self.made.quotation, self.made.contract = quotation.name, contract.name
		self.show.did("", f"{contract.name} submitted: the opportunity is won")
		self.show.picture("ribbon", api.get_ribbon("Sales Contract", contract.name))

	def hand_over(self):
		from crm_pipeline import api

		self.show.chapter("Order request: sales asks, the order desk accepts")
		self.by("rep", "asks for all of it to be ordered")
		request = frappe.get_doc(
			"Sales Order Request", api.make_order_request("Sales Contract", self.made.contract)["name"]
		)
		request.delivery_date = add_days(nowdate(), 7)
		request.save()
		request.submit()
		self.show.did("", f"{request.name} {request.status}; left of the contract: {_left(self.made.contract):g}")
		self.by("desk", "checks and accepts")
		order = frappe.get_doc("Sales Order", api.accept_request(request.name)["name"])
		self.made.request, self.made.order, self.made.customer = request.name, order.name, order.customer
		self.show.did("", f"native Sales Order {order.name}, submitted, customer's PO {order.po_no}")
		self.show.picture("order", order)

	def fulfilment(self):
		from crm_pipeline import api

		self.show.chapter("Fulfilment: delivered, billed, paid in ERPNext")
		self.by("office", "delivers, bills and books the payment")
		self._deliver_bill_pay(self.made.order)
		self._settle()
		frappe.set_user(f"rosa@{self.tag}.demo.example")
		self.show.picture("ribbon", api.get_ribbon("Sales Lead", self.made.lead))

	def _deliver_bill_pay(self, order: str):
		"""What ERPNext's own buttons do."""
		from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
		from erpnext.selling.doctype.sales_order.sales_order import make_delivery_note, make_sales_invoice

		note = make_delivery_note(order)
		note.insert()
		note.submit()
		self.show.did("", f"Delivery Note {note.name}")
		invoice = make_sales_invoice(order)
		invoice.insert()
		invoice.submit()
		self.show.did("", f"Sales Invoice {invoice.name}: {invoice.grand_total:,.2f}")
		payment = get_payment_entry("Sales Invoice", invoice.name)
		payment.reference_no, payment.reference_date = "BANK-1", nowdate()
		payment.insert()
		payment.submit()
		self.made.delivery, self.made.invoice, self.made.payment = note.name, invoice.name, payment.name
		self.show.did("", f"Payment Entry {payment.name}: {payment.paid_amount:,.2f}")

	@staticmethod
	def _settle():
		"""The work that a background job does after the commit."""
		from crm_pipeline.orders import roll_up

		user = frappe.session.user
		frappe.set_user("Administrator")
		roll_up.of_orders(roll_up.take_pending())
		frappe.set_user(user)

	def looking_back(self):
		from crm_pipeline import api
		from crm_pipeline.crm_pipeline.report.open_pipeline_by_stage import open_pipeline_by_stage
		from crm_pipeline.crm_pipeline.report.sales_funnel import sales_funnel

		self.show.chapter("Looking back: chain, history, funnel, customer")
		self.by("manager", "looks at all of it")
		self.show.picture("chain", family(api.get_chain("Sales Order", self.made.order)))
		self.show.picture("history", api.get_history("Sales Opportunity", self.made.opportunity))
		of_show = {"company": self.company, "campaign": self.made.campaign}
		pictures = {"funnel": sales_funnel.execute(of_show)[1], "open": open_pipeline_by_stage.execute(of_show)[1]}
		self.show.picture("funnel", {**pictures, "counts": self._counts()})
		self.show.picture("customer", self._customer())

	def _counts(self) -> dict[str, int]:
		"""How many of the campaign's leads got how far."""
		deals = frappe.get_list(
			"Sales Opportunity",
			filters={"campaign": self.made.campaign},
			fields=["name", "status", "paid_amount"],
			order_by="name asc",
		)
		leads = frappe.get_list(
			"Sales Lead", filters={"campaign": self.made.campaign}, pluck="status", order_by="name asc"
		)
		return {
			"Leads": len(leads),
			"Opportunities": len(deals),
			"Won": sum(deal.status == "Won" for deal in deals),
			"Paid": sum(deal.paid_amount > 0 for deal in deals),
		}

	def _customer(self) -> dict:
		"""The customer at a glance, from the documents that the user may read."""
		name = self.made.customer
		about = frappe.db.get_value(
			"Customer", name, ["customer_name", "customer_group", "territory", "email_id"], as_dict=True
		)
		documents = {
			doctype: frappe.get_list(
				doctype, filters={"customer": name}, fields=["name", "status", field], order_by="creation asc"
			)
			for doctype, field in (
				("Sales Lead", "amount"),
				("Sales Opportunity", "amount"),
				("Sales Contract", "amount"),
				("Sales Order Request", "amount"),
				("Sales Order", "grand_total as amount"),
			)
		}
		paid = frappe.db.get_value("Sales Opportunity", self.made.opportunity, ["ordered_amount", "paid_amount"])
		return {"about": about, "documents": documents, "ordered": paid[0], "paid": paid[1]}


def _left(contract: str) -> float:
	from crm_pipeline import api

	return sum(api.get_remaining(contract).values())
