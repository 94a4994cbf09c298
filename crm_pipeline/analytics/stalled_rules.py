"""By which rules deals are judged: thresholds as an admin set them, and how dwell is counted."""

from dataclasses import dataclass

import frappe
from frappe.utils import cint, flt

from crm_pipeline.core.stalled import SIGNALS, Thresholds

SETTINGS = "CRM Pipeline Settings"


@dataclass(frozen=True)
class Rules:
	"""Thresholds as an admin set them, and how dwell is counted."""

	thresholds: Thresholds
	dwell_quantile: float
	dwell_min_won: int
	working_days: bool


def rules() -> Rules:
	settings = frappe.get_cached_doc(SETTINGS)
	return Rules(
		thresholds=Thresholds(
			weights={signal: cint(settings.get(f"weight_{signal}")) for signal in SIGNALS},
			stalled_from=cint(settings.stalled_from_score),
			new_days=cint(settings.stalled_new_days),
			in_touch_days=cint(settings.stalled_in_touch_days),
			tolerance_days=cint(settings.stalled_tolerance_days),
			dwell_margin=max(flt(settings.stalled_dwell_margin), 0.0) / 100,
			silent_days=cint(settings.stalled_silent_days),
			times_pushed=cint(settings.stalled_times_pushed),
			decision_maker_from=flt(settings.decision_maker_from_probability),
			quotation_from=flt(settings.quotation_from_probability),
			amount_factor=flt(settings.odd_amount_factor),
			amount_min_won=cint(settings.odd_amount_min_won),
		),
		dwell_quantile=min(max(flt(settings.stalled_dwell_quantile), 0.0), 100.0) / 100,
		dwell_min_won=cint(settings.stalled_dwell_min_won),
		working_days=bool(settings.dwell_in_working_days),
	)
