"""The column mapping: everything that can be wrong with it is one clear line, before any file is opened."""

import json

import pytest

from crm_pipeline.importer.mapping import InputError, StageMap, parse_mapping, read_mapping
from tests.unit.importing import SHIPPED, shipped


def test_the_shipped_mapping_says_what_the_export_means():
	mapping = read_mapping(SHIPPED)
	assert mapping.files["opportunities"].columns["opportunity_id"] == "external_id"
	assert mapping.aliases["product"] == {"gtxpro": "GTX Pro"}
	assert mapping.stages["engaging"] == StageMap("needs_analysis", "engaged_on")
	assert mapping.stages["won"] == StageMap("won")
	assert str(mapping.created_on()) == "2017-12-31"


def changed(path: str, value) -> dict:
	"""The shipped mapping with one key, given as a path with slashes, set to `value`."""
	data = json.loads(SHIPPED.read_text(encoding="utf-8"))
	*parents, last = path.split("/")
	target = data
	for key in parents:
		target = target[key]
	target[last] = value
	return data


@pytest.mark.parametrize(
	("path", "value", "message"),
	[
		("colour", "red", 'unknown key "colour"'),
		("stage", {}, 'unknown key "stage"'),
		("files", None, '"files" must be an object'),
		("files/products/columns", None, '"columns" of products must be an object'),
		("files", {}, "names no file"),
		("files", [], "must be an object"),
		("files/invoices", {"file": "x.csv", "columns": {}}, 'unknown table "invoices"'),
		("files/products/file", "../products.csv", "inside the folder"),
		("files/products/file", "/etc/passwd", "inside the folder"),
		("files/products/columns/series", "colour", 'column "series" goes to unknown field "colour"'),
		("files/products/columns/series", "price", 'two columns go to field "price"'),
		("files/products/columns", {"series": "group"}, 'no column goes to field "product"'),
		("files/products/sheet", 1, 'unknown key of products "sheet"'),
		("encoding", "klingon", "klingon"),
		("delimiter", ";;", "one character"),
		("delimiter", 7, "must be a text"),
		("date_format", "%d-%m", "does not describe"),
		("date_format", "day", "does not describe"),
		("decimal", "'", "a point or a comma"),
		("pipeline", "", '"pipeline" is missing'),
		("stages", {}, '"stages" is missing'),
		("stages/Won", 3, "must be an object"),
		("stages/Won", {"stage": ""}, "must say which"),
		("stages/Engaging", {"stage": "x", "entered_on": "closed_on"}, '"entered_on" of stage "Engaging"'),
		("aliases/colour", {"a": "b"}, "colour"),
		("aliases/product", {"a": 1}, "texts to texts"),
		("defaults/colour", "red", 'unknown default "colour"'),
		("defaults/stock_items", "yes", "true or false"),
		("defaults/created_on", "31.12.2017", "must be a date"),
	],
)
def test_what_is_wrong_is_named(path, value, message):
	with pytest.raises(InputError) as error:
		parse_mapping(changed(path, value))
	assert message in str(error.value)
	assert "\n" not in str(error.value)


def test_several_columns_may_be_details():
	assert list(shipped().files["accounts"].columns.values()).count("details") == 3


def test_opportunities_are_optional_and_so_is_the_pipeline_then():
	mapping = parse_mapping({"files": {"products": {"file": "p.csv", "columns": {"p": "product"}}}})
	assert (mapping.encoding, mapping.delimiter, mapping.pipeline) == ("utf-8-sig", ",", "")


@pytest.mark.parametrize(
	("content", "message"),
	[
		(b"{", "Expecting"),
		(b'{"files": 1, "files": 2}', '"files" is there twice'),
		(b"[]", "must be an object"),
		(b'{"files": "\xff"}', "UTF-8"),
	],
)
def test_a_file_that_is_no_mapping(tmp_path, content, message):
	path = tmp_path / "mapping.json"
	path.write_bytes(content)
	with pytest.raises(InputError, match=message):
		read_mapping(path)


def test_a_mapping_that_is_not_there(tmp_path):
	with pytest.raises(InputError, match="there is no such file"):
		read_mapping(tmp_path / "none.json")
