"""Run tests of this checkout on a site of a bench.

	python -m scripts.site_tests --bench ~/frappe-bench [--site NAME] [--shards 2] -- tests/site [pytest arguments]
	python -m scripts.site_tests --bench ~/frappe-bench --soak -- [--races 1000 --faults 1000 ...]
	python -m scripts.site_tests --bench ~/frappe-bench --check

Everything runs with the bench's own Python and this checkout first on its path, so the code under test is
the one you are looking at, wherever the bench has the app from. The site's schema is brought up to it first.

Exit codes: pytest's own; 2 where preparing the site failed; 3 where there is no bench or site to test on.
"""

import argparse
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from scripts import site_copy

CHECKOUT = Path(__file__).resolve().parents[1]
APP = "crm_pipeline"
LISTS = ("requirements.txt", "requirements_bench.txt", "requirements_parallel.txt")
TOOLS = [tool for name in LISTS for tool in (CHECKOUT / "tests" / name).read_text(encoding="utf-8").split()]
# What the app itself needs: `bench get-app` installs it, a link to this checkout does not.
NEEDS = re.search(r"^dependencies = \[(.*)\]", (CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"), re.MULTILINE)
TOOLS += re.findall(r'"(.+?)"', NEEDS[1])

BROWSER = "tests/browser"

# Seconds.
PROBE, PREPARE, TESTS, SOAK = 60, 600, 4000, 36000

# For questions: keep the answer, print nothing.
QUIET = {"seconds": PROBE, "quiet": True}

# Asks a site, from inside the bench's Python, which apps it has.
ASK_SITE = """
import json, sys
import frappe
frappe.init(site=sys.argv[1], sites_path=".")
frappe.connect()
print(json.dumps(frappe.get_installed_apps()))
"""


# Prints those of the named packages that a Python lacks.
ASK_MISSING = """
import json, re, sys
from importlib import metadata
there = {re.sub("[-_.]+", "-", found.metadata["Name"]).lower() for found in metadata.distributions()}
print(json.dumps([tool for tool in sys.argv[1:] if re.match("[\\w-]+", tool)[0].lower() not in there]))
"""


class NoBench(Exception):
	"""There is nothing to test on; the message says what to do."""


def run(command: list[str], env: dict, cwd: Path, seconds: int, quiet: bool = False) -> subprocess.CompletedProcess:
	"""Run a command without input. After `seconds`, or when this script is ended, all that it started ends too.

	`quiet` keeps its output for the caller. Raises subprocess.TimeoutExpired.
	"""
	pipe = subprocess.PIPE if quiet else None
	with subprocess.Popen(
		command,
		env=env,
		cwd=cwd,
		stdin=subprocess.DEVNULL,
		stdout=pipe,
		stderr=pipe,
		text=True,
		start_new_session=True,
	) as process:
		try:
			output, errors = process.communicate(timeout=seconds)
		except BaseException:
			os.killpg(process.pid, signal.SIGKILL)
			raise
	return subprocess.CompletedProcess(command, process.returncode, output, errors)


def said_by(error: Exception) -> str:
	"""One line: what a program said last, else the error itself, without the arguments (there are passwords among them)."""
	if not isinstance(error, subprocess.CalledProcessError):
		return str(error)
	said = (error.stderr or "").strip().splitlines()
	return said[-1] if said else f"{error.cmd if isinstance(error.cmd, str) else error.cmd[0]} failed"


class Bench:
	def __init__(self, folder: Path):
		self.folder = folder
		self.sites = folder / "sites"
		self.python = folder / "env" / "bin" / "python"
		if not self.python.exists() or not self.sites.is_dir():
			raise NoBench(f"no bench at {folder}: name one with BENCH=..., or see `make bench-help`")
		self.env = {
			**{key: value for key, value in os.environ.items() if not key.startswith(("GIT_", "VIRTUAL_ENV"))},
			"PYTHONPATH": str(CHECKOUT),
			"SITES_PATH": str(self.sites),
			# A run starts hundreds of processes: one that has to compile the framework takes four times as long to start.
			"PYTHONPYCACHEPREFIX": os.environ.get("PYTHONPYCACHEPREFIX") or str(CHECKOUT / ".bytecode"),
		}
		self.env.pop("PYTHONDONTWRITEBYTECODE", None)

	def config(self) -> dict:
		file = self.sites / "common_site_config.json"
		return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}

	def run(self, *arguments: str, seconds: int, cwd: Path | None = None, quiet: bool = False):
		"""The bench's Python with these arguments; see `run`."""
		return run([str(self.python), *arguments], self.env, cwd or self.sites, seconds, quiet)

	def frappe(self, *arguments: str) -> None:
		"""One command of `bench`, by the bench's own Python."""
		command = " ".join(arguments)
		print(f"bench {command}", flush=True)
		if self.run("-m", "frappe.utils.bench_helper", "frappe", *arguments, seconds=PREPARE).returncode:
			raise RuntimeError(f"`bench {command}` failed, see above")

	def apps_of(self, site: str) -> list[str]:
		"""Apps installed on a site; empty where it can't be reached."""
		try:
			answer = self.run("-c", ASK_SITE, site, **QUIET)
		except subprocess.TimeoutExpired:
			return []
		return json.loads(answer.stdout.splitlines()[-1]) if answer.returncode == 0 and answer.stdout else []

	def find_site(self, wanted: str | None) -> tuple[str, list[str]]:
		"""The site to test on and its apps: the one asked for, the default one, the first with ERPNext."""
		there = sorted(p.parent.name for p in self.sites.glob("*/site_config.json"))
		default = self.config().get("default_site")
		for site in [wanted] if wanted else sorted(there, key=lambda name: (name != default, name)):
			apps = self.apps_of(site)
			if "erpnext" in apps:
				return site, apps
		if wanted:
			raise NoBench(f"site {wanted} can't be reached or has no ERPNext: is the bench running?")
		raise NoBench(f"no site of {self.folder} can be reached and has ERPNext: is the bench running?")

	def prepare_tools(self) -> None:
		"""pytest and its friends, and what the app needs, in the bench's environment; only what is missing is installed."""
		missing = json.loads(self.run("-c", ASK_MISSING, *TOOLS, **QUIET).stdout)
		if not missing:
			return
		print(f"installing into the bench: {', '.join(missing)}", flush=True)
		if self.run("-m", "pip", "--version", **QUIET).returncode == 0:
			done = self.run("-m", "pip", "install", "--quiet", *missing, seconds=PREPARE)
		elif shutil.which("uv"):
			command = ["uv", "pip", "install", "--quiet", "--python", str(self.python), *missing]
			done = run(command, self.env, self.sites, PREPARE)
		else:
			raise RuntimeError(f"please install into the bench's environment: {' '.join(missing)}")
		if done.returncode:
			raise RuntimeError(f"could not install {' '.join(missing)} into the bench's environment")

	def link_app(self) -> None:
		"""Make the bench know the app where it does not yet; one that is there from elsewhere is left alone."""
		link = self.folder / "apps" / APP
		if not link.exists():
			link.unlink(missing_ok=True)
			link.symlink_to(CHECKOUT)
			print(f"linked {link} to this checkout", flush=True)
		listed = self.sites / "apps.txt"
		apps = listed.read_text(encoding="utf-8").split()
		if APP not in apps:
			listed.write_text("\n".join([*apps, APP]) + "\n", encoding="utf-8")
		# The bench's servers and workers import the app without our PYTHONPATH.
		if self.run("-I", "-c", f"import {APP}", **QUIET).returncode:
			libraries = self.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))", **QUIET).stdout.strip()
			Path(libraries, f"{APP}.pth").write_text(f"{link}\n", encoding="utf-8")

	def flush_cache(self) -> None:
		"""Forget the cached list of apps: with an old one, install-app installs no DocTypes and says nothing."""
		url = self.config().get("redis_cache")
		if url:
			code = "import redis, sys; redis.Redis.from_url(sys.argv[1], socket_timeout=10).flushall()"
			self.run("-c", code, url, seconds=PROBE)

	def prepare(self, site: str, apps: list[str]) -> None:
		self.prepare_tools()
		self.link_app()
		self.flush_cache()
		if APP in apps:
			self.frappe("--site", site, "migrate")
		else:
			self.frappe("--site", site, "install-app", APP)

	def build_assets(self) -> None:
		"""The scripts and styles that a browser loads, from this checkout; a bench that has the app from elsewhere keeps its own."""
		app, builder = self.folder / "apps" / APP, self.folder / "apps" / "frappe"
		if app.resolve() != CHECKOUT:
			print(f"scripts and styles of {app.resolve()} are tested: the bench has the app from there", flush=True)
		elif not shutil.which("node"):
			print("scripts and styles are tested as they were built last: there is no node to build them", flush=True)
		elif run(
			["node", "esbuild", "--production", "--apps", APP],
			{**self.env, "FRAPPE_BENCH_ROOT": str(self.folder)},
			builder,
			PREPARE,
			quiet=True,
		).returncode:
			raise RuntimeError(f"`node esbuild --production --apps {APP}` failed in {builder}")

	def shards(self, site: str, number: int, stack: contextlib.ExitStack) -> list[str]:
		"""`number` sites alike to test on at the same time: the site and copies of it, which end with `stack`."""
		if number < 2:
			return [site]
		if not site_copy.can_copy(self.sites):
			print(
				"one shard: common_site_config.json has no root_login and root_password to copy the site with",
				flush=True,
			)
			return [site]
		names = [f"{APP.replace('_', '-')}-{os.getpid()}-{shard}.localhost" for shard in range(2, number + 1)]
		copies = []
		for name in names:
			try:
				copies.append(stack.enter_context(site_copy.copy_of(self.sites, site, name)))
			except (OSError, subprocess.CalledProcessError) as error:
				print(
					f"{len(copies) + 1} of {number} shards: the site could not be copied: {said_by(error)}", flush=True
				)
				break
		return [site, *copies]

	def test(self, sites: list[str], arguments: list[str]) -> int:
		site = sites[0]
		self.env["CRM_SITE"], self.env["CRM_SITES"] = site, ",".join(sites)
		self.env["CRM_URL"] = f"http://{site}:{self.config().get('webserver_port', 8000)}"
		logs = self.folder / "logs"
		logs.mkdir(exist_ok=True)
		kind = "browser" if BROWSER in "".join(arguments[:1]) else "site"
		report = f"--junitxml={logs / f'{APP}-{kind}.xml'}"
		recorder = ("-p", "tests.site.recorder.plugin")
		# A process that died would be started again as another one, which has no site. The tests' own order has the
		# longest files first.
		together = ("-n", str(len(sites)), "--dist", "loadfile", "--no-loadscope-reorder", "--max-worker-restart", "0")
		shards = together if len(sites) > 1 else ()
		options = ("-m", "pytest", "-p", "no:cacheprovider", *recorder, report, *shards)
		return self.run(*options, *arguments, seconds=TESTS, cwd=CHECKOUT).returncode

	def soak(self, site: str, arguments: list[str]) -> int:
		"""Races and faults for as long as they take; see tests/soak."""
		command = ("-W", "ignore", "-m", "tests.soak", "--site", site)
		return self.run(*command, *arguments, seconds=SOAK, cwd=CHECKOUT).returncode


def main() -> int:
	parser = argparse.ArgumentParser(description="Run tests of this checkout on a site of a bench.")
	parser.add_argument("--bench", type=Path, default=Path.home() / "frappe-bench")
	parser.add_argument("--site", help="default: CRM_SITE, the bench's default site, or its first one with ERPNext")
	parser.add_argument("--check", action="store_true", help="only print the site that would be tested")
	parser.add_argument("--prepared", action="store_true", help="the site's schema was brought up to date a moment ago")
	parser.add_argument("--shards", type=int, default=1, help="sites to test on at the same time: copies of the one")
	parser.add_argument(
		"--soak", action="store_true", help="races and faults instead of tests; arguments go to tests.soak"
	)
	split = sys.argv.index("--") if "--" in sys.argv else len(sys.argv)
	options = parser.parse_args(sys.argv[1:split])
	arguments = sys.argv[split + 1 :] or ([] if options.soak else ["tests/site"])
	signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
	try:
		bench = Bench(options.bench.expanduser().resolve())
		site, apps = bench.find_site(options.site or os.environ.get("CRM_SITE"))
		if options.check:
			print(site)
			return 0
		print(f"testing {CHECKOUT} on site {site} of {bench.folder}", flush=True)
		if not options.prepared:
			bench.prepare(site, apps)
		if BROWSER in "".join(arguments[:1]):
			bench.build_assets()
		if options.soak:
			return bench.soak(site, arguments)
		with contextlib.ExitStack() as copies:
			return bench.test(bench.shards(site, options.shards, copies), arguments)
	except NoBench as error:
		print(f"site tests: {error}", file=sys.stderr)
		return 3
	except subprocess.TimeoutExpired as error:
		print(f"site tests: stopped after {error.timeout:.0f} seconds: {error.cmd[1:]}", file=sys.stderr)
		return 2
	except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
		print(f"site tests: {error}", file=sys.stderr)
		return 2


if __name__ == "__main__":
	sys.exit(main())
