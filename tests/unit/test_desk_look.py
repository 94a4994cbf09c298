"""Colours of our screens: text is read on its back in both themes, and sides are logical, so that a page can be mirrored."""

import re
from pathlib import Path

import pytest

from tests.unit.desk import module

CSS = Path(__file__).parents[2] / "crm_pipeline" / "public" / "css"
KIT = (CSS / "crm_kit.bundle.css").read_text(encoding="utf-8")
FILES = sorted(CSS.glob("*.css"))
READABLE = 4.5
PEOPLE = ["blue", "green", "orange", "red", "cyan", "purple", "yellow", "pink"]


def colours(selector: str) -> dict[str, str]:
	block = re.search(rf"(?ms)^{re.escape(selector)} \{{(.*?)^\}}", KIT).group(1)
	return dict(re.findall(r"--crm-([\w-]+): (#[0-9a-f]{6});", block))


LIGHT = colours(":root")
THEMES = {"light": LIGHT, "dark": {**LIGHT, **colours('[data-theme="dark"]')}}
each_theme = pytest.mark.parametrize("theme", THEMES)


def contrast(one: str, other: str) -> float:
	return module("numbers").contrast(one, other)


@each_theme
def test_text_is_read_on_its_back(theme):
	shown = THEMES[theme]
	pairs = [
		name.removesuffix("-back")
		for name in shown
		if name.endswith("-back") and f"{name.removesuffix('-back')}-text" in shown
	]
	assert set(PEOPLE) < set(pairs)
	weak = {name: contrast(shown[f"{name}-text"], shown[f"{name}-back"]) for name in pairs}
	assert {name: found for name, found in weak.items() if found < READABLE} == {}


@each_theme
def test_what_is_late_and_what_is_beside_is_read_on_a_card(theme):
	shown = THEMES[theme]
	for name in ("muted-text", "late-text"):
		assert contrast(shown[name], shown["card-back"]) >= READABLE
		assert contrast(shown[name], shown["gray-back"]) >= READABLE, f"{name} on a column of the board"


@each_theme
def test_a_dark_theme_has_its_own_backs(theme):
	light = contrast(THEMES[theme]["blue-back"], "#ffffff")
	assert light < 2 if theme == "light" else light > 7


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_sides_are_logical(path):
	"""The sheets are loaded by scripts, which know no mirrored ones."""
	text = re.sub(r"/\*.*?\*/", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
	rules = re.findall(r"([^{}]+)\{([^{}]*)\}", text)
	mirrored = {part.strip() for selector, _body in rules for part in selector.split('[dir="rtl"]')[1:]}
	for selector, body in rules:
		if '[dir="rtl"]' in selector:
			continue
		twin = {part.strip() for part in selector.split(",")} <= {part.rstrip(",") for part in mirrored}
		found = re.findall(
			r"(?:margin|padding|border)-(?:left|right)\b|(?m:^\s*(?:left|right):)|text-align: (?:left|right)|float:",
			body,
		)
		found = [one for one in found if not (twin and one.startswith("text-align"))]
		assert not found, f"{selector.strip()}: {found}"
		for value in re.findall(r"(?:margin|padding|inset): ([^;]+);", body):
			parts = re.sub(r"\([^)]*\)", "", value).split()
			assert len(parts) < 4 or parts[1] == parts[3], f"{selector.strip()}: {value}"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_colours_of_text_stand_in_the_kit(path):
	"""A colour that is written into a rule has no dark twin."""
	if path.name == "crm_kit.bundle.css":
		return
	assert (
		re.findall(
			r"(?m)^\s*(?:color|background|border-color|fill): [^;]*#[0-9a-f]{3,8}",
			path.read_text(encoding="utf-8"),
		)
		== []
	)


@pytest.mark.parametrize(
	("name", "letters"),
	[
		("Mara Lindqvist", "ML"),
		("Ana María de la Cruz", "AC"),
		("王小明", "王"),
		("cher", "C"),
		("  ", ""),
		(None, ""),
		("ÿvonne  ø", "ŸØ"),
	],
)
def test_initials(name, letters):
	assert module("people").initials(name) == letters


def test_a_person_has_one_shade_and_people_differ():
	shade = module("people").shade
	assert shade("Mara Lindqvist") == shade("Mara Lindqvist")
	names = [f"Person {number}" for number in range(60)]
	assert {shade(name) for name in names} == set(PEOPLE)
	assert shade(None) in PEOPLE
