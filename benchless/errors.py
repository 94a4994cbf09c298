"""The exceptions that the app names or catches, and the one for what this host does not offer."""


class NotOffered(NotImplementedError):
	"""A part of Frappe's interface that benchless does not provide; the message names it."""

	def __init__(self, name: str):
		super().__init__(
			f"benchless does not offer {name}: provide it in benchless/ or run this on a bench (make bench-help)"
		)


class ValidationError(Exception):
	pass


class DoesNotExistError(ValidationError):
	def __init__(self, *args, doctype: str | None = None):
		super().__init__(*args)
		self.doctype = doctype


# Frappe's tree of exceptions, as far as the app and this host know it: what is one of what.
KINDS = {
	"PermissionError": Exception,
	"DuplicateEntryError": Exception,
	"QueryDeadlockError": Exception,
	"QueryTimeoutError": Exception,
	"RetryBackgroundJobError": Exception,
	"LinkValidationError": ValidationError,
	"LinkExistsError": ValidationError,
	"MandatoryError": ValidationError,
	"NonNegativeError": ValidationError,
	"TimestampMismatchError": ValidationError,
	"DocstatusTransitionError": ValidationError,
	"CannotChangeConstantError": ValidationError,
	"CharacterLengthExceededError": ValidationError,
	"UpdateAfterSubmitError": ValidationError,
	"UniqueValidationError": ValidationError,
	"InvalidEmailAddressError": ValidationError,
	"InvalidPhoneNumberError": ValidationError,
}
ALL = {name: type(name, (base,), {"__module__": __name__}) for name, base in KINDS.items()}
ALL |= {"ValidationError": ValidationError, "DoesNotExistError": DoesNotExistError}
ALL["CancelledLinkError"] = type("CancelledLinkError", (ALL["LinkValidationError"],), {"__module__": __name__})
globals().update(ALL)


def named(name: str) -> type[Exception]:
	"""The exception that Frappe calls `name`; ERPNext's own become a ValidationError of that name."""
	return ALL.get(name) or type(name, (ValidationError,), {})
