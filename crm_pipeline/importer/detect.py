"""What a text file is written in: its encoding and what stands between its cells. Guessed where a mapping names none."""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Collection
from itertools import islice
from pathlib import Path

MARKS = (
	(codecs.BOM_UTF8, "utf-8-sig"),
	(codecs.BOM_UTF32_LE, "utf-32"),
	(codecs.BOM_UTF32_BE, "utf-32"),
	(codecs.BOM_UTF16_LE, "utf-16"),
	(codecs.BOM_UTF16_BE, "utf-16"),
)
BLOCK = 1 << 20
SAMPLE = 200_000
DELIMITERS = (",", ";", "\t", "|")
# Rows that a guess goes by.
ROWS = 60

# What western and other exports are written in, the usual ones first.
OTHERS = ("cp1252", "cp1251", "cp1250", "cp1253", "cp1254", "shift_jis", "big5", "euc_kr", "cp1255", "cp1256", "cp874")


def mark_of(path: Path) -> str | None:
	"""The encoding that a file's byte order mark tells; it is right whatever a mapping says."""
	with open(path, "rb") as file:
		head = file.read(4)
	return next((name for mark, name in MARKS if head.startswith(mark)), None)


def encoding_of(path: Path) -> str:
	"""The encoding of a text file: by its mark, as UTF-8 where all of it is, else by what its bytes look like."""
	if marked := mark_of(path):
		return marked
	with open(path, "rb") as file:
		head = file.read(4096)
		if wide := _wide(head):
			return wide
		file.seek(0)
		sample = _foreign_lines(file)
	return "utf-8-sig" if sample is None else _by_its_bytes(sample)


def _wide(head: bytes) -> str | None:
	"""UTF-16 without a mark: text of one byte holds no zeros, and one byte of each line break here is zero."""
	pairs = [head[place : place + 2] for place in range(0, len(head) - 1, 2)]
	little, big = pairs.count(b"\n\0"), pairs.count(b"\0\n")
	if little == big:
		return None
	return "utf-16-le" if little > big else "utf-16-be"


def _foreign_lines(file) -> bytes | None:
	"""None where the whole file is UTF-8, else the first lines with bytes that are no ASCII."""
	decoder, is_utf8, found, size = codecs.getincrementaldecoder("utf-8")(), True, [], 0
	while block := file.readlines(BLOCK):
		text = b"".join(block)
		if is_utf8:
			try:
				decoder.decode(text)
			except UnicodeDecodeError:
				is_utf8 = False
		for line in block if size < SAMPLE else ():
			if not line.isascii():
				found.append(line)
				size += len(line)
		if not is_utf8 and size >= SAMPLE:
			break
	if is_utf8:
		try:
			decoder.decode(b"", final=True)
			return None
		except UnicodeDecodeError:
			pass
	return b"".join(found)[: SAMPLE * 2]


def _by_its_bytes(sample: bytes) -> str:
	if _is_chinese(sample):
		return "cp949" if _is_korean(sample) else "gb18030"
	return _asked(sample) or "cp1252"


def _is_chinese(sample: bytes) -> bool:
	"""GBK: bytes beyond ASCII stand in pairs, and most pairs are the common characters of GB 2312, level 1, and signs."""
	try:
		sample.decode("gb18030")
	except UnicodeDecodeError as error:
		# The sample may end within a character.
		if error.start < len(sample) - 4:
			return False
	runs = re.findall(rb"[\x80-\xff]+", sample)
	pairs = [run[i : i + 2] for run in runs for i in range(0, len(run) - 1, 2)]
	common = sum(1 for pair in pairs if (0xB0 <= pair[0] <= 0xD7 or 0xA1 <= pair[0] <= 0xA9) and pair[1] >= 0xA1)
	odd = sum(len(run) % 2 for run in runs)
	return bool(pairs) and common >= 0.6 * len(pairs) and odd <= 0.2 * len(runs)


def _is_korean(sample: bytes) -> bool:
	"""Hangul begins with B0 to C8, where GB 2312 has little more than half of its common characters; of a dozen
	different ones in a Chinese text, some are behind it."""
	pairs = {run[i : i + 2] for run in re.findall(rb"[\x80-\xff]+", sample) for i in range(0, len(run) - 1, 2)}
	letters = [pair for pair in pairs if 0xB0 <= pair[0] <= 0xF7]
	return len(letters) >= 12 and sum(pair[0] <= 0xC8 for pair in letters) >= 0.97 * len(letters)


def _asked(sample: bytes) -> str | None:
	"""What the detector of the framework's environment says, where there is one."""
	try:
		from charset_normalizer import from_bytes
	except ImportError:
		return None
	best = from_bytes(sample[:SAMPLE], cp_isolation=list(OTHERS)).best()
	return best.encoding if best else None


def delimiter_of(lines: list[str], wanted: Collection[str] = ()) -> str:
	"""What stands between the cells of these lines: what gives the columns that a mapping names, else what cuts most
	rows into the same number of cells."""
	best, score = DELIMITERS[0], (0, 0.0, 0)
	for delimiter in DELIMITERS:
		rows = _cut(lines, delimiter)
		widths = Counter(len(row) for row in rows if len(row) > 1)
		if not widths:
			continue
		width, count = widths.most_common(1)[0]
		known = max((len(set(wanted) & {cell.strip() for cell in row}) for row in rows[:20]), default=0)
		found = (known, count / len(rows), width)
		if found > score:
			best, score = delimiter, found
	return best


def escapes(lines: list[str], delimiter: str) -> bool:
	"""Whether quotes within quoted cells are written \\" rather than "": then more rows have the width of the others."""
	if not any('\\"' in line for line in lines):
		return False
	counts = []
	for escape in (False, True):
		rows = _cut(lines, delimiter, escape)
		width = len(rows[0]) if rows else 0
		counts.append(sum(len(row) == width for row in rows))
	return counts[1] > counts[0]


def _cut(lines: list[str], delimiter: str, escape: bool = False) -> list[list[str]]:
	"""The rows of these lines, each line by itself where they can't be read together; broken ones are left out."""
	more = {"escapechar": "\\", "doublequote": False} if escape else {}
	try:
		return [row for row in islice(csv.reader(lines, delimiter=delimiter, strict=True, **more), ROWS) if any(row)]
	except csv.Error:
		pass
	found = []
	for line in lines[:ROWS]:
		try:
			found += [row for row in csv.reader([line], delimiter=delimiter, strict=True, **more) if any(row)]
		except csv.Error:
			continue
	return found
