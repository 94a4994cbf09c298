"""Playing the story: one method per verb of plan.py, each doing what a person of that function does in the app."""

from datetime import timedelta

import frappe
from frappe.utils import add_days, flt, nowdate

from crm_pipeline import api
from crm_pipeline.chain import pipelines
from crm_pipeline.chain.standard_kinds import name_of
from crm_pipeline.core.chain import Ref
from crm_pipeline.core.kinds import ACTIVITY_TYPE, CHANNEL, PHONE
from crm_pipeline.core.stages import OPEN
from crm_pipeline.demo import actors, clock, story, world
from crm_pipeline.demo.back_office import BackOffice
from crm_pipeline.demo.steps import Step
from crm_pipeline.orders import roll_up

TERRITORY_OF = {actor.key: story.TERRITORIES[actor.territory] for actor in story.ACTORS}

PARTY_OF = {party.name: party for party in story.PARTIES}

DECIDES = "Decision Maker"


class Player(BackOffice):
	"""Remembers which document a key of the plan became."""

	def __init__(self):
		self.refs: dict[str, Ref] = {}
		self.step: Step | None = None
		self.scale = world.scale()
		groups = ("in", (story.PRODUCTS, story.SERVICES))
		self.items = dict(
			frappe.get_all(
				"Item",
				filters={"item_group": groups},
				fields=["item_name", "name"],
				order_by="name asc",
				as_list=True,
			)
		)
		self.products = {product.code: product for product in story.CATALOGUE}

	def play(self, step: Step) -> None:
		"""Do one step as its actor at its time. Raises what the app raises."""
		clock.set_to(step.at)
		self.step = step
		actors.act_as(step.who)
		getattr(self, step.verb)(step.key, **step.args)
		# What the queue would do after the commit, but at the time of the story.
		roll_up.of_orders(roll_up.take_pending())
		frappe.local.message_log = []

	# ---- helpers

	def doc(self, key: str):
		ref = self.refs[key]
		return frappe.get_doc(ref.doctype, ref.name)

	def keep(self, key: str, made: dict):
		self.refs[key] = Ref(made["doctype"], made["name"])
		return self.doc(key)

	def make(self, key: str | None, doctype: str, **values):
		doc = frappe.new_doc(doctype)
		doc.update(values)
		doc.insert()
		if key:
			self.refs[key] = Ref(doctype, doc.name)
		return doc

	def mine(self) -> dict:
		"""Whose document it is: the actor's, with their place in the tree and on the map."""
		return {
			"company": story.COMPANY,
			"sales_owner": actors.email(self.step.who),
			"sales_person": actors.sales_person(self.step.who),
			"territory": TERRITORY_OF[self.step.who],
		}

	def rows(self, items: list[tuple[str, float, float]]) -> list[dict]:
		return [
			{
				"item_code": self.items[self.products[code].name],
				"qty": qty,
				"price_list_rate": self.products[code].price * self.scale,
				"discount_percentage": discount,
			}
			for code, qty, discount in items
		]

	def customer_of(self, party: story.Party) -> str:
		return frappe.db.get_value("Customer", {"customer_name": party.name}, "name")

	def welcome(self, customer: str | None) -> None:
		"""A new customer gets the house's payment terms and price list, and the rep their place in its sales team."""
		if not customer or frappe.db.get_value("Customer", customer, "payment_terms"):
			return
		doc = frappe.get_doc("Customer", customer)
		doc.update({"payment_terms": story.PAYMENT_TERMS, "default_price_list": story.PRICE_LIST})
		doc.update(world.kind_of(PARTY_OF[doc.customer_name]))
		doc.append("sales_team", {"sales_person": actors.sales_person(self.step.who), "allocated_percentage": 100})
		# Terms and price lists are the back office's to set; whoever won the customer only asks for it.
		doc.save(ignore_permissions=True)

	# ---- campaigns and prospects

	def plan_campaign(self, key, title, kind, budget, start, end):
		self.make(
			key, "Sales Campaign", title=title, campaign_type=kind, company=story.COMPANY,
			sales_owner=actors.email(self.step.who), budget=budget * self.scale, start_date=start, end_date=end,
		)  # fmt: skip

	def set_campaign(self, key, state, cost):
		campaign = self.doc(key)
		campaign.update({"status": state, "cost": cost * self.scale})
		campaign.save()

	def run_campaign_as_project(self, key, campaign, milestones):
		project = self.keep(key, api.campaign_to_project(self.refs[campaign].name))
		self._set_up_project(project, milestones, ("north", "finance"))

	def buy_name(self, key, party, campaign):
		ref = self.refs[campaign]
		self.make(
			key, "Sales Prospect", prospect_name=party.name, contact_name=party.contact, designation=party.designation,
			email_id=party.email, phone=party.phone, city=party.city, country=party.country, address_line1="Harbour Road 1",
			channel=name_of(CHANNEL, "bought_list"), source_type=ref.doctype, source_name=ref.name, campaign=ref.name,
			**self.mine(), **world.kind_of(party),
		)  # fmt: skip

	def verify_prospect(self, key):
		made = api.verify_prospect(
			self.refs[key].name, method="Call", note="Spoke with the contact, all data are right"
		)
		self.welcome(made["name"])

	def reject_prospect(self, key, reason):
		api.reject_prospect(self.refs[key].name, reason)

	# ---- leads

	def take_lead(self, key, party, need, channel, items, campaign):
		ref = self.refs.get(campaign) if campaign else None
		source = {"source_type": ref.doctype, "source_name": ref.name, "campaign": ref.name} if ref else {}
		self.make(
			key, "Sales Lead", title=need, prospect_name=party.name, contact_name=party.contact,
			designation=party.designation, email_id=party.email, phone=party.phone, channel=name_of(CHANNEL, channel),
			message=f"{party.contact}, {party.city}: {need}", items=self.rows(items),
			selling_price_list=story.PRICE_LIST, **source, **self.mine(),
		)  # fmt: skip

	def qualify(self, key):
		api.qualify_lead(self.refs[key].name)

	def contact_lead(self, key, days):
		api.contact_lead(
			self.refs[key].name, add_days(nowdate(), days), "Call again after they have seen the data sheet"
		)

	def disqualify(self, key, reason, detail):
		api.disqualify_lead(self.refs[key].name, reason, detail)

	def convert(self, key, lead, target, assessment, close_in):
		note = "Spoke with the engineer and with purchasing"
		deal = self.keep(
			key, api.convert_lead(self.refs[lead].name, target, assessment=assessment, assessment_note=note)
		)
		deal.expected_close = add_days(nowdate(), close_in)
		if deal.contacts:
			deal.contacts[0].role = DECIDES
		deal.save()
		self.welcome(deal.customer)
		if target == "Sales Project":
			self._set_up_project(deal, [], ("manager", "desk"))

	def join(self, key, deal):
		api.convert_lead(
			self.refs[key].name,
			opportunity=self.refs[deal].name,
			assessment="Warm",
			assessment_note="The same need",
		)

	# ---- deals

	def open_deal(self, key, party, need, items, close_in):
		customer = self.customer_of(party)
		contact = frappe.db.get_value("Customer", customer, "customer_primary_contact")
		self.make(
			key, "Sales Opportunity", title=need, customer=customer, items=self.rows(items),
			contacts=[{"contact": contact, "role": DECIDES}] if contact else [],
			selling_price_list=story.PRICE_LIST, expected_close=add_days(nowdate(), close_in), **self.mine(),
		)  # fmt: skip

	def move(self, key, stage):
		"""`stage` counts the story's open stages; the pipeline may have more or fewer."""
		deal = self.doc(key)
		open_stages = [s for s in pipelines.stages_of(deal.pipeline) if s.type == OPEN and not s.disabled]
		target = open_stages[min(stage, len(open_stages) - 1)].name
		if target != deal.stage:
			api.move_stage(deal.doctype, deal.name, target)

	def lose(self, key, reason, detail, competitor, lesson):
		ref = self.refs[key]
		api.lose_deal(ref.doctype, ref.name, reason, detail, competitor, lesson)

	def postpone(self, key, days):
		deal = self.doc(key)
		deal.expected_close = add_days(deal.expected_close or nowdate(), days)
		deal.save()

	def meet_rival(self, key, rival):
		deal = self.doc(key)
		deal.append("competitors", {"competitor": rival, "position": "Even", "price": flt(deal.amount) * 0.96})
		deal.save()

	def note(self, key, memo):
		ref, (subject, text) = self.refs[key], story.MEMOS[memo]
		self.make(
			None,
			"Sales Memo",
			reference_doctype=ref.doctype,
			reference_name=ref.name,
			subject=subject,
			memo=text,
		)

	def report_activity(self, key, call, need):
		subject, way, result, text = story.CALLS[call]
		self._activity(
			key, subject=subject, way=name_of(ACTIVITY_TYPE, way), result=result, notes=text % need.lower(), status="Done",
			starts_on=self.step.at - timedelta(hours=1), duration=1800 if way == PHONE else 5400,
			next_step=story.NEXT_STEPS[call % len(story.NEXT_STEPS)], next_step_date=add_days(nowdate(), 7),
		)  # fmt: skip

	def plan_activity(self, key, subject, ahead):
		self._activity(
			key,
			subject=subject,
			way=name_of(ACTIVITY_TYPE, PHONE),
			status="Planned",
			starts_on=self.step.at + timedelta(days=ahead),
		)

	def _activity(self, key, **values):
		ref = self.refs[key]
		self.make(
			None, "Sales Activity", reference_doctype=ref.doctype, reference_name=ref.name, direction="Outbound",
			sales_owner=actors.email(self.step.who), sales_person=actors.sales_person(self.step.who), **values,
		)  # fmt: skip

	# ---- projects

	def run_as_project(self, key, deal, title, rep, milestones):
		project = self.keep(key, api.opportunity_to_project(self.refs[deal].name))
		project.title = title
		self._set_up_project(project, milestones, (rep, "desk"))

	def _set_up_project(self, project, milestones, team):
		project.start_date = nowdate()
		present = {row.user for row in project.members}
		for who, function in zip(team, ("Sales", "Delivery"), strict=True):
			if actors.email(who) not in present:
				project.append("members", {"user": actors.email(who), "function": function})
		for name, due in milestones:
			project.append("milestones", {"milestone": name, "due_date": due, "responsible": actors.email(team[0])})
		project.save()

	def make_erp_project(self, key):
		api.make_erp_project(self.refs[key].name)

	def reach_milestone(self, key, index):
		project = self.doc(key)
		project.milestones[index].status = "Done"
		project.save()

	def complete_project(self, key):
		api.complete_project(self.refs[key].name)

	def ask_for_help(self, key, source, wanted, question):
		ref = self.refs[source]
		self.keep(key, api.ask_for_help(ref.doctype, ref.name, wanted, question))

	def answer_help(self, key, answer):
		api.answer_help(self.refs[key].name, answer)

	def estimate_costs(self, key, source):
		ref = self.refs[source]
		estimate = self.keep(key, api.make_cost_estimate(ref.doctype, ref.name))
		# The catalogue has no costs yet: the rep knows them from the supplier.
		for row in estimate.items:
			row.cost_source, row.cost_rate = "By Hand", flt(row.selling_amount) / flt(row.qty) * story.COST_SHARE
		estimate.save()

	def approve_estimate(self, key):
		self.doc(key).submit()

	# ---- quotations and contracts

	def quote(self, key, source):
		ref = self.refs[source]
		self.keep(key, api.make_quotation(ref.doctype, ref.name))

	def submit_quotation(self, key):
		self.doc(key).submit()

	def lose_quotation(self, key, detail):
		self.doc(key).declare_enquiry_lost([{"lost_reason": story.QUOTATION_LOST}], [], detail)

	def draft_contract(self, key, source, po):
		ref = self.refs[source]
		contract = self.keep(key, api.make_contract(ref.doctype, ref.name))
		contract.update(
			{"po_no": po, "po_date": nowdate(), "start_date": nowdate(), "end_date": add_days(nowdate(), 365)}
		)
		contract.save()

	def frame_contract(self, key, party, items, days):
		mine = self.mine()
		self.make(
			key, "Sales Contract", title=f"Frame contract {party.name}", customer=self.customer_of(party),
			start_date=nowdate(), end_date=add_days(nowdate(), days), items=self.rows(items),
			selling_price_list=story.PRICE_LIST, **mine,
		)  # fmt: skip

	def sign_contract(self, key):
		contract = self.doc(key)
		contract.update({"signed_on": nowdate(), "signed_by_company": actors.email("manager")})
		contract.submit()

	def amend_contract(self, key, more):
		"""The customer needs more of the first item: the contract is cancelled and signed again."""
		contract = self.doc(key)
		contract.cancel()
		amended = self._copy_to_amend(contract)
		amended.items[0].qty += more
		amended.insert()
		amended.submit()
		self.refs[key] = Ref(amended.doctype, amended.name)

	def expire_contract(self, key):
		"""What the daily job does with a contract whose last day is over."""
		self.doc(key).expire()

	def terminate_contract(self, key, reason):
		api.terminate_contract(self.refs[key].name, reason)

	# ---- hand-off

	def request(self, key, source, share, ahead, call_off=None):
		doc = self.doc(source)
		quantities = None
		if share < 1:
			quantities = {row.name: max(int(row.qty * share), 1) for row in doc.items}
		request = self.keep(key, api.make_order_request(doc.doctype, doc.name, quantities))
		request.delivery_date = add_days(nowdate(), ahead)
		if call_off and request.po_no:
			# ERPNext takes a customer's order number once, unless set otherwise.
			request.po_no = f"{request.po_no}-{call_off}"
		request.save()
		request.submit()

	def return_request(self, key, reason):
		api.return_request(self.refs[key].name, reason)

	def amend_request(self, key, ahead):
		returned = self.doc(key)
		amended = self._copy_to_amend(returned)
		amended.transaction_date = nowdate()
		amended.delivery_date = add_days(nowdate(), ahead)
		amended.insert()
		amended.submit()
		self.refs[key] = Ref(amended.doctype, amended.name)

	def _copy_to_amend(self, cancelled):
		amended = frappe.copy_doc(cancelled)
		amended.update({"amended_from": cancelled.name, "docstatus": 0})
		return amended

	def accept(self, key, request):
		order = self.keep(key, api.accept_request(self.refs[request].name))
		if order.docstatus == 0:
			order.submit()

	def order_natively(self, key, quotation):
		"""Straight in ERPNext, past our request."""
		from erpnext.selling.doctype.quotation.quotation import make_sales_order

		order = make_sales_order(self.refs[quotation].name)
		order.delivery_date = add_days(nowdate(), 14)
		for row in order.items:
			row.delivery_date = order.delivery_date
		order.insert()
		order.submit()
		self.refs[key] = Ref(order.doctype, order.name)
