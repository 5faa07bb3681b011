#!/usr/bin/env bash
# Builds and starts the Storefront sample, and prints its address.
#   ./run.sh [--urls http://localhost:PORT] [--data FOLDER]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

args=("$@")
if [[ " $* " != *' --urls'* ]]; then
  port=5080
  # The next port that nobody listens on.
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  args+=(--urls "http://localhost:$port")
fi

[[ " $* " == *" --data"* ]] || args+=(--data "$PWD/artifacts/storefront")

dotnet build samples/Storefront -c Release --nologo -v quiet
exec dotnet run --project samples/Storefront -c Release --no-build -- "${args[@]}"
