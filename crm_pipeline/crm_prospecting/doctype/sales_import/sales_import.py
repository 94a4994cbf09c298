from frappe.model.document import Document

from crm_pipeline.chain import incoming, system_fields
from crm_pipeline.importer import import_form


class SalesImport(Document):
	"""A file of leads, prospects, contacts, customers or opportunities, brought in; see importer/desk_import.py."""

	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from crm_pipeline.crm_prospecting.doctype.sales_import_column.sales_import_column import SalesImportColumn
		from crm_pipeline.crm_prospecting.doctype.sales_import_value.sales_import_value import SalesImportValue
		from frappe.types import DF

		check_report: DF.LongText | None
		closing_days: DF.Literal["Unknown", "Last Change"]
		columns: DF.Table[SalesImportColumn]
		company: DF.Link
		date_format: DF.Literal["", "Day First", "Month First"]
		document_type: DF.Literal["Sales Lead", "Sales Prospect", "Contact", "Customer", "Sales Opportunity", "Sales Campaign", "Sales Activity", "Sales Memo"]
		duplicates: DF.Literal["Skip", "Fill Gaps", "Overwrite", "Ask"]
		encoding: DF.Literal["", "UTF-8", "UTF-16", "Windows-1252", "Windows-1250", "Windows-1251", "GB18030", "Big5", "Shift JIS", "EUC-KR"]
		file: DF.Attach | None
		import_from: DF.Literal["File", "ERPNext's CRM", "Frappe CRM"]
		message: DF.SmallText | None
		move_report: DF.LongText | None
		naming_series: DF.Literal["IMP-.YYYY.-.#####"]
		no_header: DF.Check
		pipeline: DF.Link | None
		preset: DF.Literal["", "HubSpot", "Salesforce", "Zoho", "Pipedrive", "Odoo"]
		progress: DF.Percent
		rejected_file: DF.Attach | None
		rows_already: DF.Int
		rows_left_out: DF.Int
		rows_rejected: DF.Int
		rows_stored: DF.Int
		rows_total: DF.Int
		source: DF.Data | None
		status: DF.Literal["Draft", "Queued", "Running", "Stopped", "Failed", "Done", "Undone"]
		stop_requested: DF.Check
		unknown_accounts: DF.Literal["New Prospect", "Reject"]
		value_rows: DF.Table[SalesImportValue]
	# end: auto-generated types

	def validate(self):
		incoming.take_in(self)
		system_fields.restore(self)
		import_form.follow(self)

	def onload(self):
		self.set_onload("fields", import_form.fields_of(self))
		self.set_onload("meanings", import_form.meanings_of(self))
		self.set_onload("is_killed", import_form.is_killed(self))

	def on_trash(self):
		import_form.refuse_deleting(self)
