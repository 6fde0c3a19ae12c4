#!/usr/bin/env bash
# The quick tests on the other supported lines of Node; npm's node-<os>-<cpu> packages carry the binaries.
set -euo pipefail
cd "$(dirname "$0")/.."
package=node-$(node -p 'process.platform')-$(node -p 'process.arch')
for line in 22 24; do
  home=node_modules/.cache/node-$line
  mkdir -p "$home"
  npm install --silent --no-save --ignore-scripts --prefix "$home" "$package@$line"
  binary=$PWD/$home/node_modules/$package/bin/node
  echo "Node $("$binary" --version)"
  bash scripts/test-quick.sh "{unit,property}" "$binary"
done
