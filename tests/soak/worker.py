"""One of several processes that work on a site at the same moment, round after round; see tests/soak/__main__.py.

It hears jobs {"call", "args", "isolated", "look_at", "break"}, says {"ready": id of its connection}, waits for "go", calls
and commits as a request does, and says {"result"} or {"error", "message", "worded"}. A new connection for each job, as
each request has one; what was imported stays.
"""

import importlib
import os
import sys
import time
from multiprocessing import get_context
from multiprocessing.connection import Connection

import frappe

# Seconds after which a server that was restarted must be back.
BACK = 60


class Injected(Exception):
	"""A fault that was put in."""


class Worker:
	"""A process that is made again when it was killed: in no time, by a server that has all modules imported."""

	def __init__(self, site: str):
		self.site, self.process, self.pipe = site, None, None

	@staticmethod
	def prepare() -> None:
		"""Let new workers have what this process has imported by now."""
		apps = ("frappe", "erpnext", "crm_pipeline", "tests")
		names = [name for name in sys.modules if name.partition(".")[0] in apps and "__main__" not in name]
		get_context("forkserver").set_forkserver_preload(names)

	def start(self, job: dict) -> int | None:
		"""Give it a job; answers the id of its connection when it is ready, None when it can't be."""
		if not self.process or not self.process.is_alive():
			self.pipe, theirs = get_context("forkserver").Pipe()
			self.process = get_context("forkserver").Process(target=serve, args=(self.site, theirs), daemon=True)
			self.process.start()
			theirs.close()
		self._say(job)
		self.early = self._hear()
		return self.early.get("ready")

	def go(self) -> None:
		if "ready" in self.early:
			self._say("go")

	def answer(self) -> dict:
		return self._hear() if "ready" in self.early else self.early

	def _say(self, what) -> None:
		try:
			self.pipe.send(what)
		except OSError:
			pass

	def _hear(self) -> dict:
		try:
			return self.pipe.recv()
		except (EOFError, OSError):
			self.end()
			return {"error": "Killed", "message": "", "worded": True}

	def end(self) -> None:
		if self.process:
			self.process.kill()
			self.process.join()


def serve(site: str, pipe: Connection) -> None:
	os.chdir(os.environ["SITES_PATH"])
	while True:
		try:
			job = pipe.recv()
		except EOFError:
			return
		pipe.send(work(site, job, pipe))


def work(site: str, job: dict, pipe: Connection) -> dict:
	try:
		connect(site)
		if frappe.db.sql("SHOW VARIABLES LIKE 'innodb_snapshot_isolation'"):
			frappe.db.sql("SET SESSION innodb_snapshot_isolation = %s" % ("ON" if job["isolated"] else "OFF"))
		frappe.db.sql("SET SESSION innodb_lock_wait_timeout = 20")
		if job.get("look_at"):
			frappe.get_doc(*job["look_at"])
		pipe.send({"ready": frappe.db.sql("SELECT CONNECTION_ID()")[0][0]})
		pipe.recv()
		restore = broken(job.get("break"))
		try:
			answer = {"result": str(found(job["call"])(*job["args"]))}
			frappe.db.commit()
		finally:
			restore()
	except Exception as error:
		answer = {
			"error": type(error).__name__,
			"message": str(error)[:300],
			"worded": isinstance(error, frappe.ValidationError),
		}
	finally:
		close()
	return answer


def connect(site: str) -> None:
	"""Connect as a request does, once database and Redis answer."""
	until = time.monotonic() + BACK
	while True:
		try:
			frappe.init(site=site, sites_path=".")
			frappe.connect()
			break
		except Exception:
			if time.monotonic() > until:
				raise
			frappe.destroy()
			time.sleep(0.2)
	frappe.flags.mute_emails = True


def close() -> None:
	try:
		frappe.db.rollback()
	except Exception:
		pass
	frappe.destroy()


def found(path: str):
	module, name = path.rsplit(".", 1)
	return getattr(importlib.import_module(module), name)


def broken(path: str | None):
	"""Let a function fail in this call; answers how to mend it."""
	if not path:
		return lambda: None
	module, name = path.rsplit(".", 1)
	module = importlib.import_module(module)
	original = getattr(module, name)

	def fails(*args, **kwargs):
		raise Injected(path)

	setattr(module, name, fails)
	return lambda: setattr(module, name, original)


# ---- steps that are no endpoint


def submit(doctype: str, name: str) -> str:
	"""As the form does."""
	doc = frappe.get_doc(doctype, name)
	doc.submit()
	return doc.status


def cancel(doctype: str, name: str) -> str:
	doc = frappe.get_doc(doctype, name)
	doc.cancel()
	return name


def mend(refs: list) -> int:
	"""A job over many records."""
	from crm_pipeline.chain import jobs
	from crm_pipeline.orders import roll_up

	result = jobs.each(refs, roll_up.mend, "Soak")
	return len(result.failed)
