"""What happens when a Comment is written: answers to discussions are counted. Every other comment goes on at once."""

from crm_pipeline.discussions import threads


def follow(doc, method=None):
	"""before_insert, after_insert, on_update and on_trash of Comment."""
	if not threads.concerns(doc):
		return
	{
		"before_insert": threads.check_answer,
		"after_insert": threads.count_answer,
		"on_update": threads.follow_answer,
		"on_trash": threads.take_back,
	}[method](doc)
