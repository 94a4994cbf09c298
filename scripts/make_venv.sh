#!/bin/sh
# make_venv.sh FOLDER REQUIREMENT...: a virtual environment with those requirements (pip's own arguments).
# An interrupted run is simply started again: pip finishes what is missing.
set -eu
folder=$1
shift
if ! "$folder/bin/python" -m pip --version >/dev/null 2>&1; then
	python=$(sh "$(dirname "$0")/find_python.sh")
	rm -rf "$folder"
	"$python" -m venv "$folder"
fi
if ! "$folder/bin/python" -m pip install --quiet --disable-pip-version-check "$@"; then
	echo "pip could not install into $folder: see its message above; with no network, try again when there is one." >&2
	exit 1
fi
