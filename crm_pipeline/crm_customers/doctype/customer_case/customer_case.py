from frappe.model.document import Document

from crm_pipeline.cases import customer_cases, mail_cases
from crm_pipeline.chain import incoming, link_titles, system_fields


class CustomerCase(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_customers.doctype.customer_case_entry.customer_case_entry import CustomerCaseEntry
		from frappe.types import DF

		answer_by: DF.Datetime | None
		company: DF.Link
		contact: DF.Link | None
		customer: DF.Link | None
		department: DF.Link | None
		description: DF.TextEditor | None
		due_by: DF.Datetime | None
		email_id: DF.Data | None
		first_answer_on: DF.Datetime | None
		item_code: DF.Link | None
		kind: DF.Literal["Complaint", "Request", "Question", "Other"]
		log: DF.Table[CustomerCaseEntry]
		minutes: DF.Int
		naming_series: DF.Literal["CASE-.YYYY.-.#####"]
		opened_on: DF.Datetime
		party_name: DF.Data | None
		phone: DF.Data | None
		prospect: DF.Link | None
		reference_doctype: DF.Link | None
		reference_name: DF.DynamicLink | None
		reopened_on: DF.Datetime | None
		responsible: DF.Link | None
		sales_owner: DF.Link | None
		sales_person: DF.Link | None
		satisfaction: DF.Rating
		satisfaction_asked_on: DF.Datetime | None
		satisfaction_comment: DF.SmallText | None
		satisfaction_key: DF.Data | None
		satisfaction_on: DF.Datetime | None
		severity: DF.Link
		solution: DF.Text | None
		solved_by: DF.Link | None
		solved_on: DF.Datetime | None
		status: DF.Literal["Open", "In Progress", "Waiting", "Solved", "Withdrawn"]
		subject: DF.Data
		times_reopened: DF.Int
		waited_hours: DF.Float
		way: DF.Link | None
	# end: auto-generated types

	def onload(self):
		link_titles.send(self)

	def before_insert(self):
		customer_cases.leave_open(self)
		mail_cases.follow(self)

	def validate(self):
		incoming.take_in(self)
		system_fields.restore(self)
		customer_cases.follow(self)

	def on_update(self):
		customer_cases.notify(self)

	def notify_communication(self, mail):
		"""Frappe calls it when a mail about the case is stored."""
		customer_cases.follow_mail(self, mail)
