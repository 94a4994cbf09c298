"""Probability and forecast category of a deal: its stage's, or its own."""

import frappe
from frappe import _
from frappe.utils import cstr, flt

from crm_pipeline.core.forecast import CLOSED, COMMIT
from crm_pipeline.core.stages import OPEN, Stage
from crm_pipeline.deals.move_rules import undone
from crm_pipeline.wording import bold

# What a deal takes from its stage -> the field that remembers that somebody set another value on the deal itself.
OUTLOOK = {"probability": "own_probability", "forecast_category": "own_forecast_category"}


def set_outlook(doc, before, target: Stage, moved: bool) -> None:
	"""Probability and forecast category. A won deal is certain and a lost one is not there, whatever was sent; an
	open one gets its stage's values when it moves, unless the user set them in the same save. A value that somebody
	set is remembered as the deal's own, until it moves on or is the stage's again."""
	for field, own in OUTLOOK.items():
		value = getattr(target, field)
		set_by_hand = not _same(doc.get(field), before.get(field)) if before else doc.get(field)
		set_by_hand = set_by_hand or field in undone(doc).get("own", ())
		if target.type != OPEN or (moved and not set_by_hand):
			doc.update({field: value, own: 0})
		elif set_by_hand:
			doc.set(own, int(not _same(doc.get(field), value)))
		else:
			doc.set(own, before.get(own) if before else 0)


def _same(one, other) -> bool:
	"""Whether two probabilities or two categories are the same; from a form or the API a number may be a text."""
	return cstr(one) == cstr(other) or (isinstance(other, float | int) and flt(one) == flt(other))


def check_outlook(doc, before, target: Stage) -> None:
	if not 0 <= flt(doc.probability) <= 100:
		frappe.throw(_("{0} must be between 0 and 100").format(bold(_(doc.meta.get_label("probability")))))
	entered = before is None or before.forecast_category != doc.forecast_category
	# A stage may call its open deals Closed, and the forecast takes them as a commitment. A single deal is not.
	called_closed = doc.forecast_category == CLOSED and target.forecast_category != CLOSED
	if target.type == OPEN and entered and called_closed:
		frappe.throw(
			_("{0}: an open deal is not {1}. Choose {2} for one that is as good as won.").format(
				bold(_(doc.meta.get_label("forecast_category"))), _(CLOSED), _(COMMIT)
			),
			title=_("Deal Is Open"),
		)
