"""Sentences about rows, made where no site is at hand: English, and said in another language where somebody reads them."""

from collections.abc import Callable

Translate = Callable[[str], str]


def _(template: str) -> str:
	"""Marks a text for the catalogue; it is translated where it is shown."""
	return template


class Sentence(str):
	"""A template with its parts ({0}, {1}), which may be sentences themselves. As a text it is English."""

	template: str
	parts: tuple

	def __new__(cls, template: str, *parts):
		made = super().__new__(cls, template.format(*parts) if parts else template)
		made.template, made.parts = template, parts
		return made

	def said(self, translate: Translate) -> str:
		text = translate(self.template)
		return text.format(*(said(part, translate) for part in self.parts)) if self.parts else text


class FieldName(Sentence):
	"""A field of the import: its key where mappings are written by hand, its label for those who read a screen."""

	def __new__(cls, key: str, label: str):
		made = super().__new__(cls, key)
		made.template = label
		return made


def said(text, translate: Translate):
	"""A text in the language of `translate`; what is no Sentence stays as it is."""
	return text.said(translate) if isinstance(text, Sentence) else text


def unknown(text: str) -> Sentence:
	return Sentence(_('"{0}" is unknown'), text)
