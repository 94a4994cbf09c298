#!/bin/sh
# Print the path of a Python 3.10 or newer that can make virtual environments, or say what to do.
for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python3.10; do
	if "$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 10))' >/dev/null 2>&1; then
		command -v "$name"
		exit 0
	fi
done
echo "CRM Pipeline's tests need Python 3.10 or newer with the venv module; this machine has: $(python3 --version 2>&1)." >&2
echo "Install one (Debian, Ubuntu: apt install python3 python3-venv) or name it: make test PYTHON=/path/to/python3" >&2
exit 1
