import frappe
from frappe import _

from crm_pipeline.assignment import assigning, lead_clock
from crm_pipeline.capture import form_guard, mail_leads
from crm_pipeline.chain import optional_steps, sources
from crm_pipeline.core import lead as rules
from crm_pipeline.documents.chain_document import ChainDocument
from crm_pipeline.duplicates import pair_records
from crm_pipeline.leads import contact_attempts, lead_answers, nurturing, qualification
from crm_pipeline.parties import party
from crm_pipeline.pool import pool_saves
from crm_pipeline.scoring import lead_scores, score_words
from crm_pipeline.wording import bold


class SalesLead(ChainDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_pipeline.doctype.sales_deal_competitor.sales_deal_competitor import SalesDealCompetitor
		from crm_pipeline.crm_pipeline.doctype.sales_deal_contact.sales_deal_contact import SalesDealContact
		from crm_pipeline.crm_pipeline.doctype.sales_deal_item.sales_deal_item import SalesDealItem
		from crm_pipeline.crm_prospecting.doctype.lead_answer.lead_answer import LeadAnswer
		from frappe.types import DF

		amount: DF.Currency
		answer_due_on: DF.Datetime | None
		answer_escalated_on: DF.Datetime | None
		answer_reminded_on: DF.Datetime | None
		answers: DF.Table[LeadAnswer]
		assessed_by: DF.Link | None
		assessed_on: DF.Datetime | None
		assessment: DF.Literal["", "Hot", "Warm", "Cold"]
		assessment_note: DF.SmallText | None
		assigned_on: DF.Datetime | None
		assignment_rule: DF.Link | None
		base_amount: DF.Currency
		campaign: DF.Link | None
		capture_key: DF.Data | None
		channel: DF.Link | None
		company: DF.Link
		competitors: DF.Table[SalesDealCompetitor]
		consent: DF.Check
		consent_on: DF.Datetime | None
		contact_name: DF.Data | None
		contacts: DF.Table[SalesDealContact]
		conversion_rate: DF.Float
		converted_on: DF.Datetime | None
		currency: DF.Link
		customer: DF.Link | None
		designation: DF.Data | None
		email_id: DF.Data | None
		expected_close: DF.Date | None
		first_answer_on: DF.Datetime | None
		follow_up_date: DF.Date | None
		follow_up_plan: DF.SmallText | None
		form_check: DF.SmallText | None
		industry: DF.Link | None
		intended_pipeline: DF.Link | None
		items: DF.Table[SalesDealItem]
		items_total: DF.Currency
		joined_opportunity: DF.Link | None
		landing_page: DF.Data | None
		last_touch_on: DF.Datetime | None
		learned_score: DF.Percent
		lost_detail: DF.SmallText | None
		lost_reason: DF.Link | None
		match_mobile: DF.Data | None
		match_phone: DF.Data | None
		message: DF.SmallText | None
		mobile_no: DF.Data | None
		naming_series: DF.Literal["LEAD-.YYYY.-.#####"]
		next_rule_on: DF.Datetime | None
		nurture_until: DF.Date | None
		party_name: DF.Data | None
		phone: DF.Data | None
		pool_from: DF.Link | None
		pool_rule: DF.Link | None
		pool_since: DF.Datetime | None
		pool_warned_on: DF.Datetime | None
		prospect: DF.Link | None
		prospect_kind: DF.Literal["Organisation", "Person"]
		prospect_name: DF.Data | None
		qualification_points: DF.Int
		referrer: DF.Data | None
		sales_owner: DF.Link | None
		sales_person: DF.Link | None
		score: DF.Int
		score_told: DF.LongText | None
		selling_price_list: DF.Link | None
		source_name: DF.DynamicLink | None
		source_type: DF.Link | None
		status: DF.Literal["New", "Qualified", "Contacted", "Converted", "Disqualified"]
		territory: DF.Link | None
		title: DF.Data
		utm_campaign: DF.Data | None
		utm_content: DF.Data | None
		utm_medium: DF.Data | None
		utm_source: DF.Data | None
		utm_term: DF.Data | None
		visitor_id: DF.Data | None
	# end: auto-generated types

	def after_rename(self, old, new, merge=False):
		sources.follow_rename(self.doctype, old, new)
		if merge:
			pair_records.after_merge(self.doctype, new)
			# What happened with both counts for the one that is left.
			lead_scores.note_happened(self.doctype, new)

	def onload(self):
		super().onload()
		self.set_onload("attempts", contact_attempts.attempts_of(self.name))
		self.set_onload("score", score_words.explained(self))
		self.set_onload("questionnaire", lead_answers.questionnaire_for(self))

	def insert(self, *args, **kwargs):
		lead_clock.leave_open(self)
		return super().insert(*args, **kwargs)

	def before_insert(self):
		optional_steps.refuse_if_off(self, "Sales Lead")
		form_guard.follow(self)
		mail_leads.follow(self)
		lead_clock.leave_to_rules(self)

	def after_insert(self):
		super().after_insert()
		assigning.note(self)

	def validate(self):
		self.take_in()
		qualification.stamp_assessment(self)
		form_guard.stamp_consent(self)
		party.adopt_entry(self)
		self.set_party()
		party.tell_disabled(self)
		self.validate_one_party()
		self.set_sales_person()
		self.validate_entry()
		self.validate_source()
		self.set_currency()
		self.set_rows()
		self.set_deal_amount()
		lead_answers.follow_answers(self)
		self.validate_state()
		nurturing.follow_nurture(self)
		pool_saves.follow(self)
		lead_clock.follow(self)

	def on_change(self):
		lead_scores.follow(self)

	def validate_one_party(self):
		party.validate_one_party(self)

	def validate_entry(self):
		if not (self.prospect or self.customer or self.prospect_name or mail_leads.waits(self)):
			frappe.throw(
				_("Say who it is: choose a Customer or a Prospect, or type a name in {0}").format(
					bold(_(self.meta.get_label("prospect_name")))
				),
				frappe.MandatoryError,
			)
		if not (self.prospect or self.customer):
			self.party_name = self.prospect_name

	def validate_state(self):
		"""A state set by import or API must be one the lead may enter; the buttons check before they save."""
		if self.flags.pop("state_checked", False):
			return
		before = self.get_doc_before_save()
		previous, wanted = before.status if before else rules.NEW, self.status
		if previous != wanted:
			if wanted == rules.CONVERTED:
				frappe.throw(
					_("A lead becomes {0} by its conversion only. Use the button Convert.").format(_(wanted)),
					qualification.LeadStateError,
				)
			self.status = previous
			qualification.move_lead(self, wanted)
			self.flags.state_checked = False


def on_doctype_update():
	# What each member of a rule has is counted for every chunk of leads that are given.
	frappe.db.add_index("Sales Lead", ["sales_owner", "status"], "crm_owner_state")
