"""Our documents are found in the search bar of sites that have the app already."""

from crm_pipeline.install import add_to_global_search


def execute():
	add_to_global_search()
