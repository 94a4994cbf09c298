"""What happens when a Payment Entry is opened; what it pays comes with its invoices' and orders' own events."""

from crm_pipeline.chain import ribbon_steps


def onload(doc, method=None):
	ribbon_steps.onload(doc)
