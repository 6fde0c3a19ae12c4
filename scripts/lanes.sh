# Sourced by the scripts that run tests on real clusters and brokers.
# Two files with clusters at a time: they mostly wait for time-outs, but two clusters are as many as two cores carry. What
# needs brokers alone, stand-ins or nothing runs beside them with what they leave of the CPU.
# On a machine that is slow or busy all is done one at a time, as bounds on recovery would not hold.
tests=.compiled/test
mocha() { node node_modules/mocha/bin/mocha.js --config test/real.mocharc.json "$@"; }

# A fixed loop: about a second on an idle core of 2.5 GHz. Slow is what never gets it done in three: a shared machine may
# stand still for half a minute and be itself again.
loop='const t = performance.now(); let x = 0; for (let i = 0; i < 1e9; i++) x = (x + i) | 0; console.log(Math.round(performance.now() - t))'
is_slow() {
  local took
  for _ in 1 2 3 4 5 6 7 8; do
    took=$(node -e "$loop")
    [ "$took" -gt 3000 ] || break
  done
  [ "$took" -gt 3000 ] || [ "$(nproc)" -lt 2 ] || return 1
  echo "this machine is slow now (a loop of 1 s took $took ms, again and again): one file at a time"
}

# run_lanes: the files of `alone`, then those of `clusters` two at a time (the longest should be first in it), beside those
# of `light`. What the light ones say comes last.
run_lanes() {
  local failed=0 said beside
  if is_slow; then
    mocha "${alone[@]}" "${clusters[@]}" "${light[@]}"
    return
  fi
  [ ${#alone[@]} -eq 0 ] || mocha "${alone[@]}" || failed=1
  said=$(mktemp)
  nice -n 5 node node_modules/mocha/bin/mocha.js --config test/real.mocharc.json "${light[@]}" >"$said" 2>&1 &
  beside=$!
  trap 'rm -f "$said"; kill "$beside" 2>/dev/null' EXIT
  mocha --parallel --jobs 2 "${clusters[@]}" || failed=1
  wait "$beside" || failed=1
  trap - EXIT
  cat "$said"
  rm -f "$said"
  return "$failed"
}
