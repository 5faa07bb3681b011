#!/usr/bin/env bash
# Builds with warnings as errors, checks the format and runs every test. The last line sums all projects.
#   ./test.sh [--project NAME] [--filter EXPRESSION]
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 1

project='' filter=()
while [ $# -gt 0 ]; do
  case $1 in
    --project) project=${2:?--project needs a name}; shift 2 ;;
    --filter) filter=(--filter "${2:?--filter needs an expression}"); shift 2 ;;
    *) echo "test.sh: unknown option '$1'; it takes --project NAME and --filter EXPRESSION" >&2; exit 2 ;;
  esac
done

fail() { echo "test.sh: $1" >&2; echo "0 passed, 1 failed, 0 skipped"; exit 1; }

# What some tests need and this machine lacks is installed where that is allowed; elsewhere these tests are skipped, and say so (in CI they fail).
lacking=()
command -v redis-server >/dev/null || lacking+=(redis-server)
command -v promtool >/dev/null || lacking+=(prometheus)
command -v chromium >/dev/null || command -v chromium-browser >/dev/null || command -v google-chrome >/dev/null || lacking+=(chromium)
if [ ${#lacking[@]} -gt 0 ] && [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
  echo "installing ${lacking[*]}"
  { apt-get update; DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "${lacking[@]}"; } >/dev/null 2>&1 || echo "test.sh: ${lacking[*]} could not be installed" >&2
fi

command -v dotnet >/dev/null || fail "the .NET SDK is not on the PATH"
dotnet build Larder.slnx -c Release -warnaserror --nologo -v quiet || fail "the build failed"
dotnet format Larder.slnx --verify-no-changes --no-restore || fail "the format is off: run 'dotnet format Larder.slnx'"

log=$(mktemp)
trap 'rm -f "$log"' EXIT
passed=0 failed=0 skipped=0
for test in tests/*/*.csproj; do
  grep -q '"xunit.v3"' "$test" || continue
  name=$(basename "$test" .csproj)
  [ -z "$project" ] || [ "$project" = "$name" ] || continue
  echo "== $name"
  dotnet test "$test" -c Release --no-build --nologo --logger 'console;verbosity=normal' "${filter[@]}" </dev/null >"$log" 2>&1
  code=$?
  grep -vE '^  Passed |^ *$|^Test Run|^A total of|^Test run for|^Starting test|xUnit.net VSTest Adapter|  (Discover|Start|Finish)(ing|ed): ' "$log"
  count() { sed -nE "s/^ *$1: *([0-9]+).*/\1/p" "$log" | tail -n 1; }
  p=$(count Passed) f=$(count Failed) s=$(count Skipped)
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
  # A run that died without counting its failures is a failure too.
  if [ $code -ne 0 ] && [ "${f:-0}" -eq 0 ]; then echo "$name ended with exit code $code" >&2; failed=$((failed + 1)); fi
done

[ $((passed + failed)) -gt 0 ] || { echo "test.sh: no test ran" >&2; failed=1; }
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
