"""The exceptions that the app names or catches, and the one for what this host does not offer."""


class NotOffered(NotImplementedError):
	"""A part of Frappe's interface that benchless does not provide; the message names it."""

	def __init__(self, name: str):
		instead = "provide it in benchless/ or run this on a bench (make bench-help)"
		super().__init__(f"benchless does not offer {name}: {instead}")


class NotOfferedAttribute(NotOffered, AttributeError):
	"""For objects that are asked with `hasattr` and `getattr(..., None)` what they have."""


class Offering:
	"""What it has no name for is NotOffered; `called` says what Frappe calls it."""

	def __init_subclass__(cls, called: str = "", error: type = NotOffered):
		if called:
			cls._called, cls._error = called, error

	def __getattr__(self, name: str):
		if name.startswith("_"):
			raise AttributeError(name)
		raise self._error(f"{self._called}.{name}")


# Words about locks, caches and debugging: there is nothing here that they could change.
WITHOUT_MEANING = {"cache", "debug", "for_update", "skip_locked", "wait"}


def only(options: dict, function: str, *harmless: str) -> None:
	"""Raise NotOffered for a keyword that would have a meaning."""
	if unknown := set(options) - WITHOUT_MEANING - set(harmless):
		raise NotOffered(f"{function}({', '.join(sorted(unknown))}=...)")


class ValidationError(Exception):
	pass


class DoesNotExistError(ValidationError):
	def __init__(self, *args, doctype: str | None = None):
		super().__init__(*args)
		self.doctype = doctype


# Frappe's tree of exceptions, as far as the app and this host know it: what is one of what.
PLAIN = "Permission Name DuplicateEntry QueryDeadlock QueryTimeout RetryBackgroundJob".split()
OF_VALIDATION = """LinkValidation LinkExists Mandatory NonNegative TimestampMismatch DocstatusTransition
	CannotChangeConstant CharacterLengthExceeded UpdateAfterSubmit UniqueValidation InvalidEmailAddress
	InvalidPhoneNumber""".split()
KINDS = {f"{name}Error": Exception for name in PLAIN} | {f"{name}Error": ValidationError for name in OF_VALIDATION}
ALL = {name: type(name, (base,), {"__module__": __name__}) for name, base in KINDS.items()}
ALL |= {"ValidationError": ValidationError, "DoesNotExistError": DoesNotExistError}
ALL["CancelledLinkError"] = type("CancelledLinkError", (ALL["LinkValidationError"],), {"__module__": __name__})
globals().update(ALL)


def named(name: str) -> type[Exception]:
	"""The exception that Frappe calls `name`; ERPNext's own become a ValidationError of that name."""
	return ALL.get(name) or type(name, (ValidationError,), {})
