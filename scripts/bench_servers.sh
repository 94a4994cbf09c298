# Start what a bench needs, for scripts that test on it. To be sourced by bash.
#
#   start_servers BENCH   starts MariaDB, Redis, web server and worker where they do not run yet, bound to
#                         loopback; 1 and a reason on stderr where that fails
#   stop_servers          ends those that start_servers started, and no others

STARTED=()

port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

wait_for_port() { # PORT SECONDS
	local tries=$(($2 * 5))
	while ! port_open "$1"; do
		((tries-- > 0)) || return 1
		sleep 0.2
	done
}

# One value of common_site_config.json; of a URL only its port.
setting() { # BENCH KEY DEFAULT
	python3 - "$1/sites/common_site_config.json" "$2" "$3" <<'PYTHON'
import json, sys
from pathlib import Path
from urllib.parse import urlsplit
file, key, default = sys.argv[1:]
value = str(json.loads(Path(file).read_text()).get(key) or default) if Path(file).exists() else default
print(urlsplit(value).port if "://" in value else value)
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
	local bench=$1 logs=$1/logs name port web python=$1/env/bin/python
	mkdir -p "$logs"
	port=$(setting "$bench" db_port 3306) || return 1
	port_open "$port" || start_database "$port" "$logs" || return 1
	for name in redis_cache redis_queue; do
		port=$(setting "$bench" "$name" redis://127.0.0.1:0) || return 1
		port_open "$port" || start_redis "$bench" "$name" "$port" "$logs" || return 1
	done
	web=$(setting "$bench" webserver_port 8000)
	if ! port_open "$web"; then
		launch web "$bench/sites" "$logs" "$python" -m gunicorn -b "127.0.0.1:$web" -w 1 --threads 4 -t 120 frappe.app:application
		wait_for_port "$web" 60 || echo "the web server did not open port $web: going on without it" >&2
	fi
	if [ "$(workers "$port")" = 0 ]; then
		launch worker "$bench/sites" "$logs" "$python" -m frappe.utils.bench_helper frappe worker --queue short,default,long
	fi
}

stop_servers() {
	local pid tries
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
