"""Notifications that a new site begins with, for sites that were there before."""

from crm_pipeline import first_texts


def execute():
	first_texts.make_notices()
