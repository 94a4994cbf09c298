"""The first verb of every save of ours: what may come in from a form, a file or the API."""

from crm_pipeline.chain import clean_html, typed_values


def take_in(doc) -> None:
	"""Nothing that runs, and nothing that the database can't hold."""
	clean_html.clean(doc)
	typed_values.check(doc)
