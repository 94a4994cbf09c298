"""Who did what with whom: activities and mails by person, customer and way."""

from frappe import _
from frappe.utils import cint, get_fullname

from crm_pipeline.analytics import work_log
from crm_pipeline.analytics.work_log import LogRow, LogScope
from crm_pipeline.api.door import report
from crm_pipeline.chain import rights
from crm_pipeline.relations.relation_record import titles_of

PROSPECT = "Sales Prospect"


@report
def execute(filters: dict | None = None):
	rights.need(work_log.ACTIVITY)
	asked = LogScope.of(filters)
	found = work_log.rows(asked)
	titles = titles_of(PROSPECT, {row.prospect for row in found if row.prospect})
	return columns(), [line(row, titles) for row in found], message(found), None, summary(found)


def columns() -> list[dict]:
	listed = [
		("person_name", "Data", _("Person"), 160, None),
		("customer", "Link", _("Customer"), 180, "Customer"),
		("prospect", "Link", _("Prospect"), 140, PROSPECT),
		("way", "Link", _("Activity Type"), 120, work_log.ACTIVITY + " Type"),
		("activities", "Int", _("Activities"), 90, None),
		("sent", "Int", _("Mails Sent"), 100, None),
		("received", "Int", _("Mails Received"), 120, None),
		("hours", "Float", _("Hours"), 90, None),
		("evaluation", "Percent", _("Evaluation"), 100, None),
		("person", "Link", _("User"), 160, "User"),
	]
	found = [
		{"fieldname": name, "fieldtype": kind, "label": label, "width": width, "options": options}
		for name, kind, label, width, options in listed
	]
	return [{**column, "precision": 2} if column["fieldtype"] == "Float" else column for column in found]


def line(row: LogRow, titles: dict[str, str] | None = None) -> dict:
	return {
		"person": row.person,
		"person_name": get_fullname(row.person) if row.person else _("Nobody"),
		"customer": row.customer,
		"prospect": row.prospect,
		"prospect_title": (titles or {}).get(row.prospect),
		"way": row.way,
		"activities": row.activities,
		"sent": row.sent,
		"received": row.received,
		"hours": row.hours,
		"evaluation": None if row.evaluation is None else row.evaluation * 100,
	}


def message(found: list[LogRow]) -> str | None:
	unmeasured = cint(sum(row.unmeasured for row in found))
	if not unmeasured:
		return None
	return _("Activities without a length count with no hours: {0}").format(unmeasured)


def summary(found: list[LogRow]) -> list[dict]:
	sums = work_log.totals(found)
	labels = {
		"activities": (_("Activities"), "Int"),
		"hours": (_("Hours"), "Float"),
		"sent": (_("Mails Sent"), "Int"),
		"received": (_("Mails Received"), "Int"),
	}
	return [{"value": sums.get(name, 0), "label": label, "datatype": kind} for name, (label, kind) in labels.items()]
