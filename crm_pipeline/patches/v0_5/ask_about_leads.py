"""The standard pipelines of sites that have the app already get the standard questions about leads."""

from crm_pipeline.install import PIPELINES
from crm_pipeline.leads import standard_questions


def execute():
	standard_questions.add_to_pipelines(tuple(PIPELINES))
