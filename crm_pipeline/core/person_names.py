"""Names of people: how they are addressed before, degrees behind, and which part comes first."""

import re

# Before the name of a person, where first and last name follow; and what stands behind such a title only.
TITLES = frozenset(
	"dr prof professor mr mrs ms mx miss herr frau dipl mme mlle monsieur madame sra srta dott dottssa dhr mevr shri smt"
	" mag mgr ir sir rev".split()
)
SUBJECTS = frozenset("ing med jur rer nat phil pol oec".split())
# Behind the name of a person; the second ones are names as well, and degrees behind a comma only.
DEGREES = frozenset("phd mba msc bsc mphil dphil llb llm esq cpa cfa dds csc drsc".split())
BEHIND_COMMA = DEGREES | frozenset("md ma ba jd mag".split())
# They tell father and son apart.
GENERATIONS = frozenset("jr sr ii iii iv".split())
# With what a last name of several words begins.
PARTICLES = frozenset("van von de del della di da dos la le al el bin ter ten zu zur st".split())


def stem(pieces: list[list[str]]) -> list[str]:
	"""Words by which people are told apart, first name first; `pieces` are the words of what stands between commas."""
	pieces = [words for words in pieces if words]
	behind = [words for words in pieces[1:] if set(words) <= BEHIND_COMMA | GENERATIONS]
	last, *first = [words for words in pieces if words not in behind] or [[]]
	words = _untitled([word for piece in (*first, last, *behind) for word in piece])
	kept = [word for word in words if word not in (BEHIND_COMMA if [word] in behind else DEGREES)]
	words = kept if len(kept) > 1 else words
	generation = [word for word in words[1:] if word in GENERATIONS]
	return [*(word for place, word in enumerate(words) if not place or word not in GENERATIONS), *generation]


def _untitled(words: list[str]) -> list[str]:
	"""Words of a person's name without how they are addressed: 'Herr Dr. Hans Huber' -> ['hans', 'huber']."""
	begin = 0
	while begin < len(words) and (words[begin] in TITLES or (begin and words[begin] in SUBJECTS)):
		begin += 1
	return words[begin:] if len(words) - begin > 1 else words


def first_and_last(name: str) -> tuple[str, str]:
	"""A name as it was typed, in two: 'Müller, Hans' -> ('Hans', 'Müller'), 'Dr. Hans Müller' -> ('Dr. Hans', 'Müller')."""
	pieces = [piece.strip() for piece in name.split(",")]
	named = [piece for piece in pieces if piece and not _stands_behind(piece)]
	if len(named) == 2 and pieces[:2] == named and _is_last_name(named[0]):
		return named[1], ", ".join([named[0], *filter(None, pieces[2:])])
	words = name.split()
	begin = 0
	while begin < len(words) and _is_title(_letters(words[begin]), bool(begin)):
		begin += 1
	begin = begin + 1 if len(words) - begin > 1 else 1
	return " ".join(words[:begin]), " ".join(words[begin:])


def _is_title(letters: list[str], follows: bool) -> bool:
	"""'Dr.-Ing.' is one; a subject alone is a first name as well."""
	return bool(letters) and (follows or letters[0] in TITLES) and set(letters) <= TITLES | SUBJECTS


def _is_last_name(text: str) -> bool:
	words = _letters(text)
	return len(text.split()) == 1 or words[0] in PARTICLES


def _stands_behind(text: str) -> bool:
	return {"".join(_letters(word)) for word in text.split()} <= BEHIND_COMMA | GENERATIONS


def _letters(word: str) -> list[str]:
	return re.findall(r"\w+", word.casefold().replace("'", ""))
