"""Sites that have the app already get the channel E-mail and the web form for enquiries, unpublished."""

from crm_pipeline.capture import enquiry_form
from crm_pipeline.chain import standard_kinds
from crm_pipeline.core.kinds import CHANNEL


def execute():
	standard_kinds.make_standard(CHANNEL)
	enquiry_form.make()
