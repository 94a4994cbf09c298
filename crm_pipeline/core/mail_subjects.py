"""What the subject of a mail says of it: an answer, passed on, or written by nobody. Pure."""

import re

# How mail programs begin the subject of what nobody wrote, "Re:" and "Fwd:" before it left out.
AUTOMATIC = (
	*("automatic reply", "auto reply", "auto-reply", "autoreply", "out of office", "out of the office"),
	*("automatische antwort", "abwesenheit", "abwesend", "réponse automatique", "absence du bureau"),
	*("respuesta automática", "resposta automática", "risposta automatica", "automatisch antwoord", "autosvar"),
	*("автоматический ответ", "自动回复", "自动答复", "自動回覆", "自動応答", "자동 회신"),
	*("undeliverable", "undelivered mail", "delivery status notification", "mail delivery failed", "returned mail"),
)
_MARK = r"\s*(?:%s)\s*(?:\[\d+\])?\s*[:：]\s*"
# What mail programs write before the subject of an answer, and of what is passed on.
_ANSWERED = re.compile(_MARK % "re|aw|sv|antw|odp|rif|res|回复|回覆|答复|답장", re.IGNORECASE)
_PASSED_ON = re.compile(_MARK % "fw|fwd|wg|tr|vs|vb|vl|rv|enc|转发|轉寄", re.IGNORECASE)


def one_line(subject: str | None) -> str:
	"""A subject without the line breaks by which it was folded on its way."""
	return " ".join((subject or "").split())


def is_answer(subject: str | None) -> bool:
	"""Whether a mail goes on with what was said, as 'Re: Pumps' and 'AW: Pumpen' do; one that is passed on does not."""
	return bool(_ANSWERED.match(subject or ""))


def is_automatic_answer(subject: str | None) -> bool:
	"""Whether a mailbox wrote by itself, as while its owner is away or where a mail could not be delivered."""
	text = one_line(subject).casefold()
	while mark := _ANSWERED.match(text) or _PASSED_ON.match(text):
		text = text[mark.end() :]
	return text.startswith(AUTOMATIC)
