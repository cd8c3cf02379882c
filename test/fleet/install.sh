#!/usr/bin/env bash
# Builds the parts of a fleet with Go and installs those of PyPI, once, and prints the folder that holds them: in
# HOTSPAN_CACHE_DIR, by default ~/.cache/hotspan, outside of the repository.
#
#   bin/otelcol, bin/prometheus, bin/promtool, bin/docker-compose, bin/check-dashboard,
#   venv/bin/python with chDB and PySpark
#
# Fails with one line when a part cannot be had.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
parts=${HOTSPAN_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/hotspan}/fleet-1
# A first build took 8 minutes on two cores, with 2 GB of modules and packages to fetch.
limit=${HOTSPAN_BUILD_SECONDS:-1800}

fail() {
  echo "No parts of a fleet, and no tests with them: $1" >&2
  exit 1
}

# Made aside and then moved, so that what was broken off is not taken for a part.
part() {
  local name=$1 make=$2
  [[ ! -e $parts/$name ]] || return 0
  local aside
  aside=$(mktemp -d "$parts/build-XXXXXX")
  if ! (cd "$aside" && "$make") >"$aside/log" 2>&1; then
    local reason
    reason=$(tail -n 3 "$aside/log" | tr '\n\t' '  ')
    [[ $SECONDS -lt $limit ]] || reason="it took longer than $limit seconds."
    rm -rf "$aside"
    fail "$name cannot be built: $reason"
  fi
  mv "$aside/made" "$parts/$name"
  rm -rf "$aside"
}

within_limit() {
  timeout $((limit > SECONDS ? limit - SECONDS : 1)) "$@"
}

# The file exporter of 0.165.0 has a dependency that proxies do not have.
collector() {
  within_limit go run go.opentelemetry.io/collector/cmd/builder@v0.161.0 \
    --config "$here/collector.yaml" --skip-strict-versioning &&
    mv otelcol/otelcol made
}

# `go install` refuses these, as their go.mod excludes modules: hence a module of our own.
from_module() {
  go mod init hotspan.dev/test/fleet &&
    within_limit go get "$1@$2" &&
    within_limit go build -tags netgo,remove_all_sd -o made "${3:-$1}"
}
# Without the tag it takes the service discovery of every cloud along. Its pages are left out: they need npm.
prometheus() { from_module github.com/prometheus/prometheus/cmd/prometheus v0.316.0; }
promtool() { from_module github.com/prometheus/prometheus/cmd/promtool v0.316.0; }
compose() { from_module github.com/docker/compose/v2/cmd v2.40.3; }

# The twin of what dashboard.js is made with. The one of npm cannot check.
check_dashboard() {
  cp "$here/check-dashboard/main.go" . &&
    from_module github.com/grafana/grafana-foundation-sdk/go v0.0.22 .
}

# A venv cannot be moved: the last thing that is made is a file that says it is whole.
python() {
  within_limit python3 -m venv --clear "$parts/venv" &&
    within_limit "$parts/venv/bin/pip" install --quiet --requirement "$here/requirements.txt" &&
    touch made
}

command -v go >/dev/null || fail 'Go is not installed.'
command -v java >/dev/null || fail 'Java, which Spark runs in, is not installed.'
command -v python3 >/dev/null || fail 'Python is not installed.'
mkdir -p "$parts/bin"
part bin/otelcol collector
part bin/prometheus prometheus
part bin/promtool promtool
part bin/docker-compose compose
part bin/check-dashboard check_dashboard
part venv.whole python
echo "$parts"
