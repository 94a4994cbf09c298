"""Sites of earlier versions get the mails and clauses that new ones start with, once."""

from crm_pipeline import first_texts


def execute():
	first_texts.make()
