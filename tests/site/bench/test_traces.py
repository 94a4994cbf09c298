"""What benchless answers in ERPNext's place is what this site's ERPNext answers.

Stories are compared while the portable tests tell them (tests/site/recorder/plugin.py); here is what they rest on.
"""

import pytest

from tests.site.recorder import plugin
from tests.site.recorder import site as measuring


@pytest.fixture
def like_recorded(site):
	"""Skips on a site with other masters: ERPNext would choose others there, which proves nothing."""
	other = plugin.other_masters()
	if other:
		pytest.skip(f"traces are compared on a fresh site only; this one has other {'; '.join(other)}")


def test_stories_are_compared_in_this_run(like_recorded, pytestconfig):
	"""Or the test run was not started by scripts/site_tests.py."""
	assert pytestconfig.getoption("--traces", None) is not None


@pytest.mark.usefixtures("like_recorded")
def test_shapes_are_those_recorded():
	recorded = plugin.kept(plugin.release())["shapes"]
	now = measuring.shapes()
	assert now.keys() == recorded.keys()
	assert not [line for name in now for line in plugin.difference("shape", name, recorded[name], now[name])]
