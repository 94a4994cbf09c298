"""What the subject of a mail says of it."""

import pytest

from crm_pipeline.core.mail_subjects import is_answer, is_automatic_answer


@pytest.mark.parametrize(
	("subject", "answer"),
	[
		("Re: Pumps", True),
		("  AW: Pumpen", True),
		("RE[2]: Pumps", True),
		("回复：水泵", True),
		("Antw : Pompen", True),
		("Fwd: Pumps", False),
		("WG: AW: Pumpen", False),
		("Reach: our new pumps", False),
		("Pumps, Re: the harbour", False),
		("", False),
		(None, False),
	],
)
def test_an_answer_goes_on_with_what_was_said(subject, answer):
	assert is_answer(subject) is answer


@pytest.mark.parametrize(
	("subject", "automatic"),
	[
		("Automatic reply: Our offer", True),
		("Re: Automatic reply: Our offer", True),
		("Antw: Fwd: Abwesenheit", True),
		("WG: RE[3]: Out of Office", True),
		("回复: 自动回复", True),
		("Reply: automatic doors", False),
		("Fwd: Our offer", False),
		("", False),
		(None, False),
	],
)
def test_nobody_wrote_what_a_mailbox_sends_by_itself(subject, automatic):
	assert is_automatic_answer(subject) is automatic
