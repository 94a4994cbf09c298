"""What the demo draws on a terminal."""

from walk.screen import LEGEND, MARKS, Screen


def document(doctype: str, number: int) -> dict:
	return {"doctype": doctype, "name": f"{doctype.upper()}-{number}"}


def test_documents_of_one_kind_stand_side_by_side(capsys):
	chain = [document("Campaign", 1), *(document("Lead", n) for n in (1, 2, 3)), document("Deal", 1)]
	Screen().picture("chain", chain)
	lines = capsys.readouterr().out.splitlines()[2:]
	assert [len(line) - len(line.lstrip()) for line in lines] == [4, 6, 6, 6, 8]


def test_every_mark_of_the_ribbon_is_explained():
	assert all(mark in LEGEND for mark in MARKS.values())
