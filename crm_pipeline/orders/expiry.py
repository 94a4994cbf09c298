"""Contracts whose last day is over."""

import frappe
from frappe.utils import getdate, nowdate

from crm_pipeline.chain import jobs, locks
from crm_pipeline.deals import conversions


def expire_contracts():
	"""Daily job: contracts whose last day is over expire; one bad record never stops the rest."""
	return jobs.run("Expire Contracts").changed


def over(after: list | None) -> list[tuple[str]]:
	"""(name,) of what the job looks at; whatever it has done is not among them any more."""
	names = frappe.get_all(
		"Sales Contract",
		# Without a last day a contract runs on; compared with a day alone, an empty one is before all.
		filters=[
			["docstatus", "=", 1],
			["status", "=", "Active"],
			["end_date", "is", "set"],
			["end_date", "<", nowdate()],
		],
		pluck="name",
		order_by="name asc",
		limit=0,
	)
	return [(name,) for name in names]


def expire(name: str) -> bool:
	locks.lock(*conversions.rows_of_sale("Sales Contract", name))
	contract = frappe.get_doc("Sales Contract", name)
	if contract.docstatus != 1 or contract.status != "Active" or getdate(contract.end_date) >= getdate():
		return False
	contract.expire()
	return True
