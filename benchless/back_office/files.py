"""The recorded data: traces/both for what 15 and 16 answer alike, traces/15 and traces/16 for the rest.

Four files in each: `shapes` {DocType: shape}, `seed` {DocType: rows}, `exchanges` {id: exchange} and
`stories` {story: [ids of its exchanges]} (see `told`).
"""

import functools
import json
import os
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "traces"
KINDS = ("shapes", "seed", "exchanges", "stories")
BEGINNING = "*"
VERSIONS = ("15", "16")

# What the recorder has just found on a site takes the place of the files.
measured: dict[str, dict] = {}


def version() -> str:
	"""Which ERPNext answers: 15, unless BENCHLESS_TRACES says 16."""
	chosen = os.environ.get("BENCHLESS_TRACES") or VERSIONS[0]
	if chosen not in VERSIONS:
		raise ValueError(f"There are traces of ERPNext {' and '.join(VERSIONS)}, not of {chosen}")
	return chosen


@functools.cache
def load(kind: str, of_version: str) -> dict:
	"""Everything of one kind that a version answers with."""
	return measured.get(kind) or read("both", kind) | read(of_version, kind)


def read(folder: str, kind: str) -> dict:
	path = FOLDER / folder / f"{kind}.json"
	return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def told(stories: dict, exchanges: dict, story: str) -> list[dict] | None:
	"""The exchanges of a story; None when it was not recorded. Most begin as the one that is called "*" here."""
	found = stories.get(story)
	if found and found[0] == BEGINNING:
		found = [*stories[BEGINNING], *found[1:]]
	return None if found is None else [exchanges[identity] for identity in found]


def compact(value) -> str:
	return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
