#!/usr/bin/env bash
# Builds and starts the Storefront sample, and prints its address.
#   ./run.sh [--redis HOST:PORT] [--urls http://localhost:PORT] [--data FOLDER]
# Several may run beside each other; over one Redis they show what that is for.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

args=("$@")
if [[ " $* " != *' --urls'* ]]; then
  port=5080
  # The next port that nobody listens on.
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  args+=(--urls "http://localhost:$port")
fi

# What one instance keeps is under its port; prices stand for a database, and are everybody's.
if [[ " $* " != *' --data'* ]]; then
  address='https?://[^ ]*:([0-9]+)'
  [[ "${args[*]}" =~ $address ]]
  args+=(--data "$PWD/artifacts/storefront/${BASH_REMATCH[1]:-5080}" --shared "$PWD/artifacts/storefront/shared")
fi

# The dashboard is mapped without a policy in Development only.
export ASPNETCORE_ENVIRONMENT=${ASPNETCORE_ENVIRONMENT:-Development}
dotnet build samples/Storefront -c Release --nologo -v quiet
exec dotnet run --project samples/Storefront -c Release --no-build -- "${args[@]}"
