"""What happens when a Sales Invoice is opened, or changes what of its orders is billed and paid."""

from crm_pipeline.chain import ribbon_steps
from crm_pipeline.orders import roll_up
from crm_pipeline.receivables import promise_states


def onload(doc, method=None):
	ribbon_steps.onload(doc)


def follow_orders(doc, method=None):
	"""on_submit, on_cancel and on_change: a payment, a credit note and a write-off come here too."""
	roll_up.collect(doc)
	promise_states.collect(doc)
