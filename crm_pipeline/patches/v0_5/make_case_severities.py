"""Sites that have the app already get the first severities of customer cases."""

from crm_pipeline.install import make_case_severities


def execute():
	make_case_severities()
