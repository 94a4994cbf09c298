"""How much two parties or people have in common: a score for people who look at a list, never a decision."""

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz import fuzz

from crm_pipeline.core.matching import Identity
from crm_pipeline.core.normal import (
	mail_domain,
	name_of,
	normal_email,
	normal_text,
	phone_of,
	same_phone,
)
from crm_pipeline.core.tax_ids import normal_tax_id, same_without_country

# What each sign adds, of 100. The names alone make a pair only where they are nearly the same.
TAX_ID, EMAIL, PHONE, DOMAIN, TOWN = 100, 35, 30, 12, 5
NAME = 78
SAME_NAME = 8
# Names below that say nothing for the two, and against them.
ALIKE = 80.0
UNLIKE = 55.0
AGAINST = 25
SUSPECTED = 70

SIGNS = ("Tax ID", "Name", "E-mail", "Phone", "Domain", "Town")


@dataclass(frozen=True)
class Score:
	"""From 0 to 100, with the signs that speak for it."""

	value: int
	signs: tuple[str, ...] = ()

	@property
	def is_suspected(self) -> bool:
		return self.value >= SUSPECTED


def likeness(one: Identity, other: Identity) -> float:
	"""How alike two names are without their legal forms, from 0 to 100; the order of words does not count."""
	a, b = name_of(one.label, one.is_person).stem, name_of(other.label, other.is_person).stem
	if not (a and b):
		return 0.0
	# Written together or apart: Blue Water, Bluewater.
	together = fuzz.ratio(a.replace(" ", ""), b.replace(" ", ""))
	return max(fuzz.token_sort_ratio(a, b), together)


def score(one: Identity, other: Identity) -> Score:
	"""The same whichever of the two is asked first. Another tax id is another party."""
	tax_ids = normal_tax_id(one.tax_id), normal_tax_id(other.tax_id)
	if all(tax_ids):
		is_same = tax_ids[0] == tax_ids[1] or same_without_country(*tax_ids)
		return Score(100, ("Tax ID",)) if is_same else Score(0)
	alike = likeness(one, other)
	found = {
		"Name": _of_name(alike),
		"E-mail": EMAIL if _emails(one) & _emails(other) else 0,
		"Phone": PHONE if _share_phone(one, other) else 0,
		"Domain": DOMAIN if _domains(one) & _domains(other) else 0,
		"Town": TOWN if _towns(one) & _towns(other) else 0,
	}
	if found["E-mail"]:
		found["Domain"] = 0
	named = bool(one.label and other.label)
	against = AGAINST if named and alike < UNLIKE else 0
	# Two kinds of party are rarely one, and two people of one name often are two.
	against += 15 if one.is_person != other.is_person else 0
	against += 18 if one.is_person and other.is_person and not (found["E-mail"] or found["Phone"]) else 0
	nameless = 45 if not named and (found["E-mail"] or found["Phone"]) else 0
	total = sum(found.values()) + nameless - against
	return Score(max(0, min(99, round(total))), tuple(sign for sign in SIGNS if found.get(sign)))


def _of_name(alike: float) -> float:
	if alike < ALIKE:
		return 0
	return NAME * (alike - ALIKE / 2) / (100 - ALIKE / 2) + (SAME_NAME if alike == 100 else 0)


def _emails(party: Identity) -> set[str]:
	return {normal_email(email) for email in party.emails} - {""}


def _domains(party: Identity) -> set[str]:
	return {mail_domain(email) for email in party.emails} - {""}


def _towns(party: Identity) -> set[str]:
	return {normal_text(town) for town in party.towns} - {""}


def _share_phone(one: Identity, other: Identity) -> bool:
	own, theirs = ([p for p in (phone_of(n, party.country) for n in party.phones) if p] for party in (one, other))
	return any(same_phone(a, b) for a in own for b in theirs)


def neighbours(keys: list[tuple[str, str]], window: int, begin: int = 4) -> Iterable[tuple[str, str]]:
	"""Pairs (name, name) of records that stand at most `window` places apart in a list of (key, name) sorted by key, and whose keys
	begin alike. As many as the list is long, times the window."""
	for place, (key, name) in enumerate(keys):
		for other_key, other in keys[place + 1 : place + 1 + window]:
			if key and other_key[:begin] == key[:begin]:
				yield name, other


def together(groups: dict[str, list[str]], most: int) -> Iterable[tuple[str, str]]:
	"""Pairs of names that share a key, {key: names}. A key of more than `most` is a switchboard or a shared mailbox: it says nothing."""
	for names in groups.values():
		listed = sorted(set(names))
		if len(listed) <= most:
			yield from ((a, b) for place, a in enumerate(listed) for b in listed[place + 1 :])
