#!/usr/bin/env bash
# Ranks traces with all processors of one machine: each process takes the traces whose id falls into its shard.
#
#   examples/fleet/rank.sh 16 traces-*.jsonl.gz > summary.json
#
# HOTSPAN is the command; by default "npx hotspan". Each process reads all files, and takes what is its own.
set -euo pipefail

hotspan=${HOTSPAN:-npx hotspan}
shards=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

export hotspan shards folder
seq "$shards" | xargs -P "$(nproc)" -I{} bash -c \
  '$hotspan report "$@" --shard {}/$shards --json > "$folder/{}.json"' rank "$@"
$hotspan report "$folder"/*.json --json
