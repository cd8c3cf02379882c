#!/usr/bin/env bash
# Builds a Jaeger server with Go, once, and prints where it is. The program is kept outside of the
# repository: in HOTSPAN_CACHE_DIR, by default ~/.cache/hotspan. Fails with one line when it cannot be had.
#
# Jaeger 2 cannot be installed by its tag, because its module path has no /v2. Release 2.20.0, which
# docker-compose.yml starts, is tried by its commit. Proxies that keep only tagged versions do not have it;
# then the newest tagged version is built, v1.76.0, which holds Jaeger 2.13.0 too. `go install` refuses
# that one, as its go.mod replaces a module: hence the module of our own in server/.
set -euo pipefail

release=798e4b0fcf22609e381df764a01461affd813e1e
module=$(dirname "$(realpath "$0")")/server
cache=${HOTSPAN_CACHE_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/hotspan}
# A first build took 5 minutes on two cores, with 1 GB of modules to fetch.
limit=${HOTSPAN_BUILD_SECONDS:-1500}

fail() {
  echo "No Jaeger server, and no tests with one: $1" >&2
  exit 1
}

# Built aside and then moved, so that what was broken off is not taken for a program.
build() {
  local folder=$cache/$1
  shift
  if [[ ! -x $folder/jaeger ]]; then
    mkdir -p "$cache"
    local aside
    aside=$(mktemp -d "$cache/build-XXXXXX")
    if ! GOBIN=$aside timeout "$limit" "$@" 2>"$aside/log"; then
      reason=$(tail -n 3 "$aside/log" | tr '\n\t' '  ')
      [[ $SECONDS -lt $limit ]] || reason="the build took longer than $limit seconds."
      rm -rf "$aside"
      return 1
    fi
    rm -rf "$folder" "$aside/log"
    mv "$aside" "$folder"
  fi
  echo "$folder/jaeger"
}

command -v go >/dev/null || fail 'Go is not installed.'
build jaeger-2.20.0 go install "github.com/jaegertracing/jaeger/cmd/jaeger@$release" && exit
echo "Jaeger 2.20.0 cannot be installed, 2.13.0 is built: $reason" >&2
build jaeger-2.13.0 go -C "$module" install github.com/jaegertracing/jaeger/cmd/jaeger && exit
fail "$reason"
