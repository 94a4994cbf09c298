from crm_pipeline.documents.chain_document import ChainDocument
from crm_pipeline.orders import roll_up


class SalesCampaign(ChainDocument):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_pipeline.doctype.sales_deal_competitor.sales_deal_competitor import SalesDealCompetitor
		from crm_pipeline.crm_pipeline.doctype.sales_deal_contact.sales_deal_contact import SalesDealContact
		from frappe.types import DF

		billed_amount: DF.Currency
		budget: DF.Currency
		campaign_type: DF.Literal["Advertising", "Exhibition", "Direct Mail", "E-mail", "Telephone", "Seminar", "Social", "Web", "Referral", "Other"]
		company: DF.Link
		competitors: DF.Table[SalesDealCompetitor]
		contacts: DF.Table[SalesDealContact]
		cost: DF.Currency
		currency: DF.Link
		delivered_amount: DF.Currency
		description: DF.TextEditor | None
		end_date: DF.Date | None
		naming_series: DF.Literal["CAMP-.YYYY.-.#####"]
		ordered_amount: DF.Currency
		paid_amount: DF.Currency
		sales_owner: DF.Link | None
		segment: DF.Link | None
		start_date: DF.Date | None
		status: DF.Literal["Planned", "Running", "Completed", "Cancelled"]
		territory: DF.Link | None
		title: DF.Data
	# end: auto-generated types

	# A campaign starts chains: nothing stands before it, and ChainDocument asks for no source.
	source_type = source_name = None

	def onload(self):
		super().onload()
		self.set_onload("orders", roll_up.documents_of(self.doctype, self.name))

	def validate(self):
		self.take_in()
		self.validate_status()
		self.set_currency()
		self.validate_order_of_dates(("start_date", "end_date"))
