"""Demo data: a story of eighteen months in a Company of its own.

bench --site SITE execute crm_pipeline.demo.load
bench --site SITE execute crm_pipeline.demo.clear
"""


def load() -> None:
	"""Tell the story up to yesterday. Doing it twice changes nothing; an interrupted load starts again."""
	from crm_pipeline.demo import loading

	loading.load()


def clear() -> None:
	"""Remove the demo company and all that was made for it."""
	from crm_pipeline.demo import clearing

	clearing.clear()
