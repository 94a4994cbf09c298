"""Who had which document from when to when, and who gave it to them."""

from frappe import _
from frappe.utils import get_fullname

from crm_pipeline.analytics import owner_history
from crm_pipeline.analytics.owner_history import EVENT, HistoryScope
from crm_pipeline.api.door import report
from crm_pipeline.chain import rights


@report
def execute(filters: dict | None = None):
	rights.need(EVENT)
	found = owner_history.found(HistoryScope.of(filters))
	return columns(), [_row(row) for row in found.rows], message(found)


def columns() -> list[dict]:
	return [
		{"fieldname": name, "fieldtype": kind, "label": label, "width": width, "options": options}
		for name, kind, label, width, options in (
			("document_type", "Data", _("Document Type"), 150, None),
			("document", "Dynamic Link", _("Document"), 170, "document_type"),
			("title", "Data", _("Title"), 220, None),
			("user", "Link", _("Sales Owner"), 200, "User"),
			("since", "Datetime", _("From"), 160, None),
			("until", "Datetime", _("To"), 160, None),
			("by", "Link", _("Given By"), 200, "User"),
		)
	]


def message(found: owner_history.Found) -> str | None:
	return _("The latest {0} documents are shown.").format(owner_history.MOST) if found.is_cut else None


def _row(row: owner_history.Owned) -> dict:
	span = row.span
	return {
		"document_type": row.doctype,
		"document": row.name,
		"title": row.title,
		"user": span.user,
		"user_name": get_fullname(span.user) if span.user else None,
		"since": span.since,
		"until": span.until,
		"by": span.by,
		"by_name": get_fullname(span.by) if span.by else None,
	}
