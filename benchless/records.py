"""A dict whose keys are attributes, as Frappe's `_dict`."""


class Record(dict):
	def __getattr__(self, key):
		# Frappe answers None for a key that is not there; names with underscores around belong to Python.
		if key.startswith("__"):
			raise AttributeError(key)
		return self.get(key)

	__setattr__ = dict.__setitem__

	def update(self, values=None, **more):
		super().update(values or {}, **more)
		return self

	def copy(self):
		return Record(self)
