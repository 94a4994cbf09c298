"""The exceptions that the app names or catches, and the one for what this host does not offer."""


class NotOffered(NotImplementedError):
	"""A part of Frappe's interface that benchless does not provide; the message names it."""

	def __init__(self, name: str):
		super().__init__(
			f"benchless does not offer {name}: provide it in benchless/ or run this on a bench (make bench-help)"
		)
		self.name = name


class ValidationError(Exception):
	http_status_code = 417


class PermissionError(Exception):
	http_status_code = 403


class DoesNotExistError(ValidationError):
	http_status_code = 404

	def __init__(self, *args, doctype: str | None = None):
		super().__init__(*args)
		self.doctype = doctype


class NameError(Exception):
	http_status_code = 409


class DuplicateEntryError(NameError):
	pass


class MandatoryError(ValidationError):
	pass


class NonNegativeError(ValidationError):
	pass


class LinkValidationError(ValidationError):
	pass


class CancelledLinkError(LinkValidationError):
	pass


class LinkExistsError(ValidationError):
	pass


class TimestampMismatchError(ValidationError):
	pass


class DocstatusTransitionError(ValidationError):
	pass


class CannotChangeConstantError(ValidationError):
	pass


class CharacterLengthExceededError(ValidationError):
	pass


class UpdateAfterSubmitError(ValidationError):
	pass


class UniqueValidationError(ValidationError):
	pass


class InvalidEmailAddressError(ValidationError):
	pass


class InvalidPhoneNumberError(ValidationError):
	pass


class InvalidStatusError(ValidationError):
	pass


class DataError(ValidationError):
	pass


class AuthenticationError(Exception):
	http_status_code = 401


class QueryDeadlockError(Exception):
	pass


class QueryTimeoutError(Exception):
	pass


class RetryBackgroundJobError(Exception):
	pass


def named(name: str) -> type[Exception]:
	"""The exception that Frappe calls `name`; ERPNext's own become a ValidationError of that name."""
	found = globals().get(name)
	if isinstance(found, type) and issubclass(found, Exception):
		return found
	return type(name, (ValidationError,), {})


ALL = {
	name: value
	for name, value in list(globals().items())
	if isinstance(value, type) and issubclass(value, Exception)
}
