"""What benchless knows of native DocTypes is what this site has. Stories are compared while the portable tests tell
them, see tests/site/recorder/plugin.py."""

import erpnext

from tests.site.recorder import plugin
from tests.site.recorder import site as measuring


def test_shapes_are_those_recorded(site):
	recorded = plugin.kept(erpnext.__version__.partition(".")[0])["shapes"]
	now = measuring.shapes()
	assert now.keys() == recorded.keys()
	assert not [line for name in now for line in plugin.difference("shape", name, recorded[name], now[name])]
