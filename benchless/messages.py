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


def msgprint(msg: str, title: str | None = None, raise_exception=False, **kwargs) -> None:
	log.append(Record(kwargs, message=msg, title=title))
	if raise_exception:
		error = ValidationError if raise_exception is True else raise_exception
		raise error(msg) if isinstance(error, type) else error


def throw(msg: str, exc=ValidationError, title: str | None = None, **kwargs) -> None:
	msgprint(msg, title, exc, indicator="red", **kwargs)


def clear_messages() -> None:
	log.clear()


def quietly(function: Callable):
	"""What `function` answers, or None when it raises a ValidationError, whose message is taken back."""
	told = len(log)
	with suppress(ValidationError):
		return function()
	del log[told:]
	return None
