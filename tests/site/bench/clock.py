"""The clock of a test: days, months and years go by between two steps of a sale."""

import contextlib
from datetime import datetime, timedelta, timezone

import frappe
import time_machine
from frappe.utils import getdate


class Clock:
	def __init__(self, traveller):
		self.traveller = traveller

	def pass_days(self, days: int) -> None:
		"""So many days go by for Python, Frappe and ERPNext alike, fiscal years included; the database's own clock stays."""
		self.traveller.shift(timedelta(days=days))
		_open_fiscal_year(getdate().year)


@contextlib.contextmanager
def ticking():
	"""A Clock that starts now, at noon: no test runs into midnight."""
	noon = datetime.now(timezone.utc).replace(hour=12, minute=0, second=0, microsecond=0)
	with time_machine.travel(noon, tick=True) as traveller:
		clock = Clock(traveller)
		clock.pass_days(0)
		yield clock


def _open_fiscal_year(year: int) -> None:
	"""ERPNext's nightly job opens the next fiscal year; these nights are skipped."""
	day = f"{year}-06-30"
	if frappe.db.exists("Fiscal Year", {"year_start_date": ("<=", day), "year_end_date": (">=", day), "disabled": 0}):
		return
	frappe.get_doc(
		{
			"doctype": "Fiscal Year",
			"year": str(year),
			"year_start_date": f"{year}-01-01",
			"year_end_date": f"{year}-12-31",
		}
	).insert(ignore_permissions=True)
	frappe.cache.delete_value("fiscal_years")
