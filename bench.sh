#!/usr/bin/env bash
# The quick table of ratios, or with --full the BenchmarkDotNet suites.
#   ./bench.sh [--json] [--only PART] [--redis [HOST:PORT]] [-p:PeersDir=DIR]
#   ./bench.sh --full [BenchmarkDotNet options]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

mode=ratios build=() args=()
for arg in "$@"; do
  case $arg in
    --full) mode=full ;;
    -p:*) build+=("$arg") ;;
    *) args+=("$arg") ;;
  esac
done

project=bench/Larder.Benchmarks
dotnet build "$project" -c Release --nologo -v quiet "${build[@]}" >&2
exec dotnet run --project "$project" -c Release --no-build "${build[@]}" -- "$mode" "${args[@]}"
