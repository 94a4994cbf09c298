# ruff: noqa: F811
"""A long list of which every tenth row is broken: the numbers add up, and the rest comes in as soon as it is mended."""

import frappe

from crm_pipeline import api
from tests.site.portable.test_desk_import import imported, of, run  # noqa: F401

ROWS, EVERY = 600, 10


def test_every_tenth_row_is_broken_and_comes_in_once_it_is_mended(imported):
	mails = [f"p{n}@TAG.example" if n % EVERY else "nobody@" for n in range(1, ROWS + 1)]
	text = "Company,E-mail\n" + "".join(f"Firm {n:03} TAG,{mail}\n" for n, mail in enumerate(mails, start=1))
	doc = imported(text)
	found = api.preview_import(doc.name)
	assert (found["rows"], found["usable"], found["rejected"]) == (ROWS, 540, 60)
	run(doc)
	assert (doc.status, doc.rows_total, doc.rows_stored, doc.rows_already, doc.rows_rejected) == (
		"Done",
		600,
		540,
		0,
		60,
	)
	rejected = frappe.get_doc("File", {"file_url": doc.rejected_file}).get_content()
	rows = [line.split(",") for line in rejected.strip().splitlines()[1:]]
	assert [int(row[2]) for row in rows] == [n + 1 for n in range(EVERY, ROWS + 1, EVERY)]
	for row in rows:
		rejected = rejected.replace(f"{row[0]},nobody@", f"{row[0]},m{row[2]}@{imported.tag}.example")
	mended = run(imported(rejected.encode(), name="mended.csv"))
	assert (mended.status, mended.rows_total, mended.rows_stored, mended.rows_rejected) == ("Done", 60, 60, 0)
	assert len(of(imported.tag)) == len({lead.prospect_name for lead in of(imported.tag)}) == ROWS
