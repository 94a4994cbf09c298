"""`--first-values`: of a portable test that asks ERPNext nothing, a bench tells its first values only.

`make test` tells all of them, by the same code. What MariaDB and Frappe could answer otherwise is the path that a test
takes, and each path is still told on the bench; so is whatever ERPNext was asked by (the recorded stories).
"""

from benchless.back_office import files

# Here each value is another endpoint, another reader or another table.
EACH = ("test_api_rights.py", "test_programs.py", "test_report_columns.py", "test_visibility.py")


def add_option(parser) -> None:
	parser.addoption("--first-values", action="store_true", help=__doc__.partition("\n")[0])


def leave_out(config, items: list) -> None:
	"""Takes the repeats out of `items`."""
	kept, repeats, told = [], [], set()
	stories = set().union(*(files.load("stories", version) for version in files.VERSIONS))
	for item in items:
		test = (item.path, item.originalname)
		again = test in told and item.path.parent.name == "portable" and item.path.name not in EACH
		told.add(test)
		(repeats if again and f"{item.path.name}::{item.name}" not in stories else kept).append(item)
	items[:] = kept
	config.hook.pytest_deselected(items=repeats)
