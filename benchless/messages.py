"""What a user is told: translation, messages, errors."""

from collections.abc import Callable
from contextlib import suppress

from benchless.errors import ValidationError
from benchless.records import Record

log: list[Record] = []


def _(text: str, lang: str | None = None, context: str | None = None) -> str:
	"""English only. The catalogue of translations is tested on the real site."""
	return str(text)


def bold(text) -> str:
	return f"<strong>{text}</strong>"


def msgprint(
	msg: str, title: str | None = None, raise_exception=None, indicator: str | None = None, alert: bool = False,
	exc=None, as_list: bool = False, **kwargs,
) -> None:  # fmt: skip
	if as_list:
		msg = "<br>".join(msg)
	log.append(Record(message=msg, title=title, indicator=indicator, alert=alert))
	if raise_exception:
		raise (raise_exception if isinstance(raise_exception, type) else ValidationError)(msg)


def throw(msg: str, exc=ValidationError, title: str | None = None, **kwargs) -> None:
	log.append(Record(message=msg, title=title, indicator="red"))
	if isinstance(exc, type):
		raise exc(msg)
	raise exc


def clear_messages() -> None:
	log.clear()


def clear_last_message() -> None:
	if log:
		log.pop()


def get_message_log() -> list[Record]:
	return log


def quietly(function: Callable):
	"""What `function` answers, or None when it raises a ValidationError, whose message is taken back."""
	with suppress(ValidationError):
		return function()
	clear_last_message()
	return None
