#!/usr/bin/env bash
# Prints where a Chromium is, and installs Debian's first where there is none and apt-get can. Fails with one line
# when it cannot be had. HOTSPAN_CHROMIUM names another one.
set -euo pipefail

fail() {
  echo "No Chromium, and no tests in one: $1" >&2
  exit 1
}

find_one() {
  if [[ -n ${HOTSPAN_CHROMIUM:-} ]]; then
    [[ -x $HOTSPAN_CHROMIUM ]] || fail "HOTSPAN_CHROMIUM is $HOTSPAN_CHROMIUM, which is no program."
    echo "$HOTSPAN_CHROMIUM"
    return
  fi
  command -v chromium || command -v chromium-browser || command -v google-chrome
}

find_one && exit
command -v apt-get >/dev/null || fail 'there is none on the PATH, and no apt-get to install it.'
[[ $(id -u) == 0 ]] || fail 'there is none on the PATH, and only root can install it with apt-get.'
{
  apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium
} >/dev/null 2>&1 || fail 'apt-get could not install chromium.'
find_one || fail 'the chromium that apt-get has installed is not on the PATH.'
