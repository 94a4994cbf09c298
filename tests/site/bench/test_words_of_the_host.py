"""Words that Frappe or ERPNext translate as well: theirs holds in languages that we do not have, and must fit ours."""

import re

import frappe
from babel.messages.pofile import read_po
from frappe.translate import get_all_languages, get_all_translations

MARK = re.compile(r"\{(\w*)\}")


def test_a_sentence_that_the_host_translates_keeps_its_places_in_every_language(site):
	with open(frappe.get_app_path("crm_pipeline", "locale", "main.pot"), "rb") as file:
		ours = [message.id for message in read_po(file) if message.id and isinstance(message.id, str)]
	ours = {text: set(MARK.findall(text)) for text in ours if MARK.search(text)}
	odd = []
	for language in get_all_languages():
		translated = get_all_translations(language)
		odd += [
			(language, text, translated[text])
			for text, places in ours.items()
			if text in translated and not set(MARK.findall(translated[text])) <= places
		]
	assert odd == []
