# Start what a bench needs, for scripts that test on it. To be sourced by bash.
#
#   start_servers BENCH   starts MariaDB, Redis, web server and worker where they do not run yet, bound to
#                         loopback; 1 and a reason on stderr where that fails
#   stop_servers          ends those that start_servers started, and no others

STARTED=()

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

wait_for_port() { # PORT SECONDS: for the server launched last; 1 when it ended or takes too long
	local tries=$(($2 * 5))
	while ! port_open "$1"; do
		((tries-- > 0)) && kill -0 "${STARTED[-1]}" 2>/dev/null || return 1
		sleep 0.2
	done
}

# One value of common_site_config.json; of a URL its port, or 'elsewhere' where that is another machine's.
setting() { # BENCH KEY DEFAULT
	python3 - "$1/sites/common_site_config.json" "$2" "$3" <<'PYTHON'
import json, sys
from pathlib import Path
from urllib.parse import urlsplit
file, key, default = sys.argv[1:]
value = str(json.loads(Path(file).read_text()).get(key) or default) if Path(file).exists() else default
url = urlsplit(value)
here = url.hostname in ("localhost", "127.0.0.1", "::1")
print(value if "://" not in value else url.port if here else "elsewhere")
PYTHON
}

launch() { # NAME FOLDER LOGS COMMAND...
	local name=$1 folder=$2 log="$3/ci-$1.log"
	shift 3
	(cd "$folder" && exec setsid "$@") >"$log" 2>&1 </dev/null &
	STARTED+=("$!")
	echo "started $name (pid $!, $log)"
}

start_database() { # PORT LOGS
	local server as_user=()
	server=$(PATH="$PATH:/usr/sbin:/usr/libexec" command -v mariadbd || PATH="$PATH:/usr/sbin" command -v mysqld) || {
		echo "MariaDB is not installed" >&2
		return 1
	}
	if [ "$(id -u)" = 0 ]; then
		mkdir -p /run/mysqld && chown mysql /run/mysqld
		as_user=(--user=mysql)
	fi
	launch database / "$2" "$server" "${as_user[@]}" --port="$1" --bind-address=127.0.0.1
	wait_for_port "$1" 60 || {
		echo "MariaDB did not open port $1, see $2/ci-database.log" >&2
		return 1
	}
}

start_redis() { # BENCH NAME PORT LOGS
	[ -f "$1/config/$2.conf" ] && command -v redis-server >/dev/null || {
		echo "no redis-server or no $1/config/$2.conf" >&2
		return 1
	}
	launch "$2" "$1/config" "$4" redis-server "$1/config/$2.conf" --port "$3" --bind 127.0.0.1 --daemonize no
	wait_for_port "$3" 20 || {
		echo "Redis did not open port $3, see $4/ci-$2.log" >&2
		return 1
	}
}

workers() { # PORT
	redis-cli -h 127.0.0.1 -p "$1" scard rq:workers 2>/dev/null || echo 0
}

start_servers() { # BENCH
	local bench=$1 logs=$1/logs python=$1/env/bin/python cache queue web database
	mkdir -p "$logs"
	database=$(setting "$bench" db_port 3306) || return 1
	cache=$(setting "$bench" redis_cache redis://127.0.0.1:13000) || return 1
	queue=$(setting "$bench" redis_queue redis://127.0.0.1:11000) || return 1
	web=$(setting "$bench" webserver_port 8000) || return 1
	case $(setting "$bench" db_host localhost) in
	localhost | 127.0.0.1 | ::1) port_open "$database" || start_database "$database" "$logs" || return 1 ;;
	esac
	[ "$cache" = elsewhere ] || port_open "$cache" || start_redis "$bench" redis_cache "$cache" "$logs" || return 1
	[ "$queue" = elsewhere ] || port_open "$queue" || start_redis "$bench" redis_queue "$queue" "$logs" || return 1
	# The web server and the worker run the code of this checkout too.
	if ! port_open "$web"; then
		PYTHONPATH=$PWD launch web "$bench/sites" "$logs" \
			"$python" -m gunicorn -b "127.0.0.1:$web" -w 1 --threads 4 -t 120 'frappe.app:application_with_statics()'
		wait_for_port "$web" 60 || echo "the web server did not open port $web: going on without it" >&2
	fi
	if [ "$queue" != elsewhere ] && [ "$(workers "$queue")" = 0 ]; then
		PYTHONPATH=$PWD launch worker "$bench/sites" "$logs" \
			"$python" -m frappe.utils.bench_helper frappe worker --queue short,default,long
	fi
}

stop_servers() {
	local i pid tries
	# Youngest first, so that the worker and the web server still find database and Redis.
	for ((i = ${#STARTED[@]} - 1; i >= 0; i--)); do
		pid=${STARTED[i]}
		kill "$pid" 2>/dev/null || continue
		for ((tries = 0; tries < 100; tries++)); do
			kill -0 "$pid" 2>/dev/null || break
			sleep 0.2
		done
		kill -9 "$pid" 2>/dev/null || true
	done
	STARTED=()
}
