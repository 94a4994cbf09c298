#!/bin/sh
# make_venv.sh FOLDER REQUIREMENT...: a virtual environment with those requirements (pip's own arguments).
# An interrupted run is simply started again: pip finishes what is missing. Every fault ends in one line.
set -eu
folder=$1
shift
stop() {
	echo "$1" >&2
	exit 1
}

# One set-up at a time; a lock whose owner is gone is nobody's.
lock=$folder.lock
owner() { cat "$lock/owner" 2>/dev/null || true; }
alive() { # PROCESS: whether it runs; one that has ended and waits for its parent (a zombie) does not
	kill -0 "$1" 2>/dev/null || return 1
	case $(grep State: "/proc/$1/status" 2>/dev/null || ps -o stat= -p "$1" 2>/dev/null) in *Z*) return 1 ;; esac
}
if [ -d "$lock" ]; then
	# Whoever has just made it is about to write its number.
	[ -n "$(owner)" ] || sleep 1
	alive "$(owner)" || rm -rf "$lock"
fi
if ! mkdir "$lock" 2>/dev/null; then
	[ -d "$lock" ] && stop "Another set-up of $folder is running (process $(owner)): wait for it, or remove $lock if it is not."
	stop "Can't write beside $folder: make the folder writable, or copy the checkout to one that is."
fi
trap 'rm -rf "$lock"' EXIT
trap 'exit 130' INT TERM HUP
echo $$ >"$lock/owner"

log=$lock/log
# What went wrong by its own words; a full disk takes no log either.
reason() {
	said=$( (grep -i error "$log" || tail -n 1 "$log") 2>/dev/null | tail -n 1)
	echo "${said:-no reason was given; is there room on the disk?}"
}
if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
	python=$(sh "$(dirname "$0")/find_python.sh")
	rm -rf "$folder"
	"$python" -m venv "$folder" >"$log" 2>&1 || stop "Python could not make $folder: $(reason)"
fi
if ! "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@" >"$log" 2>&1; then
	if grep -qiE "certificate|SSLError" "$log"; then
		stop "The certificate of the package index is not trusted here: name the one to trust (PIP_CERT=/path/to/ca.pem) and start again."
	fi
	if grep -qiE "connection|resolve|proxy|timed out|unreachable" "$log"; then
		stop "No package index can be reached: connect to the network (or set PIP_INDEX_URL) and start again. What is installed stays."
	fi
	stop "pip could not install into $folder: $(reason)"
fi
