# ruff: noqa: F811
"""An import of somebody who reads Chinese: no sentence of ours in English, wherever it was made."""

import re
from functools import cache
from pathlib import Path

import frappe
import pytest
from babel.messages.pofile import read_po
from frappe.translate import get_user_lang

from crm_pipeline import api
from crm_pipeline.importer.field_labels import labels
from crm_pipeline.importer.import_fields import FIELDS
from tests.site.bench.test_moving_in import moved  # noqa: F401
from tests.site.portable.test_desk_import import imported, run  # noqa: F401

LEAD, DEAL = "Sales Lead", "Sales Opportunity"
# What is no sentence: names of forms, and what a file itself holds.
NAMES = re.compile(r"CSV|JSON|XLSX|CRM|TAG|won|D[0-9a-f]{6}|[\w.]+@[\w.]*|[A-Z]+-[\w-]+")
ENGLISH = re.compile(r"[A-Za-z]{3,}")

LEADS = (
	"公司,邮箱,电话,状态,国家,创建日期,金额,负责人,区域\n"
	"甲 TAG,坏,,,,,,,\n"
	"乙 TAG,,坏,,,,,,\n"
	"丙 TAG,,,怪,,,,,\n"
	"丁 TAG,,,,月球,,,,\n"
	"戊 TAG,,,,,2999-01-01,,,\n"
	"己 TAG,,,,,3.4,,,\n"
	"庚 TAG,,,,,,很多,,\n"
	"辛 TAG,,,,,,,无人,\n"
	"壬 TAG,,,,,,,,无处\n"
	",,,,,,5,,\n"
	"癸 TAG,,,\n"
	'"子" TAG,,,,,,,,\n'
	"丑 TAG,x@TAG.example,,,,,,,\n"
	"寅 TAG,x@TAG.example,,,,,,,\n"
	"卯 TAG,,,,,1850-01-01,,,\n"
	f"{'长' * 150},,,,,,,,\n"
)
DEALS = (
	"编号,标题,阶段,客户,产品,数量,币种,预计成交日期,成交日期,创建日期,负责人\n"
	",甲 TAG,proposal,,,,,,,,\n"
	"1,乙 TAG,怪,,,,,,,,\n"
	"2,丙 TAG,proposal,无,,,,,,,\n"
	"3,丁 TAG,proposal,,无,0,,,,,\n"
	"4,戊 TAG,proposal,,,,蛋,,,,\n"
	"5,己 TAG,won,,,,,,,,\n"
	"6,庚 TAG,proposal,,,,,2999-01-01,,,\n"
	"7,辛 TAG,won,,,,,,2024-01-01,2024-02-01,\n"
	"8,壬 TAG,proposal,,,,,,,,无人\n"
	"9,癸 TAG,proposal,,,,,,,,\n"
	"9,癸 TAG,proposal,,,,,,,,\n"
)


@cache
def catalogues() -> dict[str, str]:
	"""The translations of this checkout, and those of the framework's and ERPNext's files: a bench need not have compiled
	them."""
	found = {}
	for app in ("frappe", "erpnext", "crm_pipeline"):
		path = Path(frappe.get_app_path(app, "locale", "zh.po"))
		if path.exists():
			with path.open("rb") as file:
				catalogue = read_po(file)
			found |= {
				message.id: message.string
				for message in catalogue
				if isinstance(message.id, str) and message.id and message.string and not message.context
			}
	return found


@pytest.fixture
def chinese(as_user, monkeypatch):
	"""The manager reads Chinese, as a request of theirs does; the translations are those of the files."""
	every, written = frappe.translate.get_all_translations, catalogues()
	monkeypatch.setattr(
		frappe.translate, "get_all_translations", lambda lang: every(lang) | (written if lang == "zh" else {})
	)
	as_user("manager")
	user, before = frappe.session.user, frappe.local.lang
	was = frappe.db.get_value("User", user, "language")
	frappe.db.set_value("User", user, "language", "zh")
	frappe.clear_document_cache("User", user)
	assert get_user_lang(user) == "zh"
	frappe.local.lang = "zh"
	yield user
	frappe.local.lang = before
	frappe.db.rollback()
	frappe.db.set_value("User", user, "language", was)
	frappe.db.commit()


def english(*texts) -> list[str]:
	return [text for text in texts if ENGLISH.search(NAMES.sub("", text))]


@pytest.mark.parametrize(("document_type", "text"), [(LEAD, LEADS), (DEAL, DEALS)])
def test_preview_and_rejected_rows_speak_chinese(imported, chinese, document_type, text):
	doc = imported(text, document_type, pipeline="Standard Sales", encoding="")
	found = api.preview_import(doc.name)
	reasons = [line["reasons"] for line in found["lines"]]
	assert len(reasons) >= 8 and english(*reasons) == []
	# A worker speaks the site's language; the file is for whoever started it.
	frappe.local.lang = "en"
	doc = run(doc)
	content = frappe.get_doc("File", {"file_url": doc.rejected_file}).get_content()
	rows = content.strip().splitlines()[1:]
	assert doc.rows_rejected == found["rejected"] == len(rows)
	assert english(*(row.rpartition(",")[2] for row in rows)) == []
	assert frappe.local.lang == "en", "the worker's next job speaks its own language"


def test_a_file_of_one_byte_texts_has_its_chinese_reasons_in_full(imported, chinese):
	doc = run(imported("公司,邮箱\nM\xfcller TAG,坏\n".encode("gb18030", "replace"), encoding="GB18030"))
	content = frappe.get_doc("File", {"file_url": doc.rejected_file}).get_content()
	assert "不是电子邮箱地址" in content
	mended = content.replace("坏", "x@TAG.example").encode("utf-8-sig").replace(b"\xef\xbb\xbf" * 2, b"\xef\xbb\xbf")
	doc = run(imported(mended.replace(b"TAG", imported.tag.encode()), encoding="GB18030"))
	assert (doc.rows_stored, doc.rows_rejected) == (1, 0), "it says by its mark what it is written in"


def test_what_stops_an_import_as_a_whole_is_said_in_chinese(imported, chinese):
	doc = imported("标题,编号\n甲 TAG,1\n", DEAL, pipeline="Standard Sales")
	with pytest.raises(frappe.ValidationError) as error:
		api.preview_import(doc.name)
	assert english(str(error.value)) == []
	doc.columns[0].field = "nonsense"
	with pytest.raises(frappe.ValidationError) as error:
		doc.save()
	assert english(re.sub("nonsense|<[^>]+>", "", str(error.value))) == []


def test_a_field_is_found_by_its_chinese_label(chinese):
	for table, fields in FIELDS.items():
		said = [frappe._(labels()[field]) for field in fields]
		assert (table, english(*said)) == (table, [])
		assert (table, sorted(set(said))) == (table, sorted(said)), "two fields of one name"


def test_a_rehearsal_speaks_chinese(moved, chinese, as_user):
	as_user("Administrator")
	found = api.preview_import(moved.doc.name)
	records = re.compile(rf"{moved.tag}|\S*{moved.tag.lower()}\S*|ERPNext|Deleted Customer|Lead: ")
	said = [*found["notices"], *(line["reasons"] for line in found["lines"])]
	said += [frappe._(table["title"]) for table in found["tables"]]
	assert len(said) > 5 and english(*(records.sub("", text) for text in said)) == []
