"""ERPNext deletes the transactions of a company, ours among them, by SQL: what refers to them goes as well."""

from crm_pipeline.chain import gone_records

COMPLETED = "Completed"


def on_change(doc, method=None):
	if doc.status == COMPLETED:
		gone_records.forget()
