"""The catalogues: what is compiled is what is written."""

import ast
import gettext
import re

import pytest

from tests.contract.source import APP, relative

LOCALE = APP / "locale"
CATALOGUES = sorted(LOCALE.glob("*.po"))
PLACEHOLDER = re.compile(r"\{\w*\}|%\(\w+\)s|%s|%d")

each_catalogue = pytest.mark.parametrize("path", CATALOGUES, ids=relative)


def messages(path) -> dict[str, str]:
	"""Finished translations of a .po file by message, with context as gettext keys it ('context\\x04message')."""
	found = {}
	for block in re.split(r"\n\s*\n", path.read_text(encoding="utf-8")):
		kept = [line for line in block.splitlines() if not line.startswith("#") or line.startswith("#,")]
		if any(line.startswith("#,") and "fuzzy" in line for line in kept):
			continue
		entry: dict[str, str] = {}
		field = ""
		for line in kept:
			match = re.match(r'(msgctxt|msgid|msgstr)\s+(".*")$', line)
			if match:
				field, text = match.groups()
				entry[field] = ast.literal_eval(text)
			elif line.startswith('"') and field:
				entry[field] += ast.literal_eval(line)
		if entry.get("msgid") and entry.get("msgstr"):
			key = f"{entry['msgctxt']}\x04{entry['msgid']}" if "msgctxt" in entry else entry["msgid"]
			found[key] = entry["msgstr"]
	return found


def test_there_is_a_catalogue():
	assert CATALOGUES


@each_catalogue
def test_translations_keep_their_placeholders(path):
	wrong = [
		message
		for message, text in messages(path).items()
		if sorted(PLACEHOLDER.findall(message.split("\x04")[-1])) != sorted(PLACEHOLDER.findall(text))
	]
	assert wrong == []


@each_catalogue
def test_the_compiled_catalogue_says_the_same(path):
	compiled = sorted({*LOCALE.rglob(f"{path.stem}.mo"), *LOCALE.glob(f"{path.stem}/**/*.mo")})
	assert compiled, f"{path.name} is not compiled"
	for file in compiled:
		with file.open("rb") as stream:
			catalogue = gettext.GNUTranslations(stream)._catalog
		assert {k: v for k, v in catalogue.items() if k} == messages(path), relative(file)
