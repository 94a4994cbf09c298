#!/bin/sh
# Print the path of a Python 3.10 or newer that can make virtual environments, or say in one line what to do.
if [ -n "${PYTHON:-}" ]; then
	set -- "$PYTHON"
	this="PYTHON=$PYTHON is not a Python that can be found"
else
	set -- python3 python3.14 python3.13 python3.12 python3.11 python3.10
	version=$(python3 --version 2>/dev/null)
	this="this machine has ${version:-none}"
fi
for name in "$@"; do
	if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then
		command -v "$name"
		exit 0
	fi
done
echo "CRM Pipeline needs Python 3.10 or newer with the venv module, but $this: install it (Debian, Ubuntu: apt install python3 python3-venv) or name one with PYTHON=/path/to/python3" >&2
exit 1
