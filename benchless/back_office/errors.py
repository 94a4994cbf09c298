"""What goes wrong between the app and the traces."""


class BackOfficeError(Exception):
	"""The traces can't answer; never caught as an error of Frappe's."""


class NoTraceError(BackOfficeError):
	"""A question that was not recorded in this story."""


class NotAskedError(BackOfficeError):
	"""A recorded question that was not asked."""
