"""What happens when a Delivery Note is opened; what it delivers comes with its orders' own events."""

from crm_pipeline.chain import ribbon_steps


def onload(doc, method=None):
	ribbon_steps.onload(doc)
