"""The rules of Desk's JavaScript, called from Python.

`public/js/core/` holds what decides without a browser; QuickJS from the package registry runs it, so that these tests need no
Node. Arguments and answers go as JSON; `Js("(value) => ...")` passes a function. NaN and undefined come back as None.
"""

import json
import re
from functools import cache
from pathlib import Path

import pytest

quickjs = pytest.importorskip("quickjs", reason="needs QuickJS: pip install -r tests/requirements.txt")

FOLDER = Path(__file__).parents[2] / "crm_pipeline" / "public" / "js" / "core"

IMPORT = re.compile(r'^import \{([^}]*)\} from "\./(\w+)";$', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:async )?function (\w+)|const (\w+)|class (\w+))", re.MULTILINE)


class Js(str):
	"""An argument that is JavaScript already."""


def module_source(name: str) -> str:
	"""A module as an expression that is the object of what it exports."""
	text = (FOLDER / f"{name}.js").read_text(encoding="utf-8")
	exported = [next(filter(None, match.groups())) for match in EXPORT.finditer(text)]
	imports = "".join(
		f"const {{{names.replace(' as ', ': ')}}} = {module_source(other)};\n" for names, other in IMPORT.findall(text)
	)
	body = EXPORT.sub("", IMPORT.sub("", text))
	assert not re.search(r"^(import|export)\b", body, re.MULTILINE), f"{name}.js: a form that these tests do not read"
	return f"(() => {{ {imports}{body}\nreturn {{{', '.join(exported)}}}; }})()"


class Module:
	"""What a module exports, as functions: `module("filters").filled({"a": ""})`."""

	def __init__(self, name: str):
		self.context = quickjs.Context()
		self.context.eval(f"globalThis.module = {module_source(name)}; undefined")

	def __getattr__(self, function: str):
		def call(*args):
			return self.run(f"module.{function}({', '.join(map(written, args))})")

		return call

	def run(self, expression: str):
		"""Any expression with `module` in it."""
		found = self.context.eval(f"JSON.stringify({expression})")
		return None if found is None else json.loads(found)


def written(value) -> str:
	return value if isinstance(value, Js) else json.dumps(value)


@cache
def module(name: str) -> Module:
	return Module(name)
