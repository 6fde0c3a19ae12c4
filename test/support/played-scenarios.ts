import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { readJournal } from '../../src/journal/reader.js';
import type { FaultFinding, Findings, Phase } from '../../src/judge/findings.js';
import { decideIsolation, lackingOf } from '../../src/target/local/index.js';
import type { Capability } from '../../src/target/ports.js';
import { type Flinch, flinch, SCENARIOS } from './flinch.js';
import { withDisturbances } from './machine-watch.js';

/** Scenarios that were run in one go, all of them green. */
export interface Played {
  it_(): Flinch;
  /** Of those that could be run here. */
  names(): readonly string[];
  findings(name: string): Findings;
  faultsOf(name: string): FaultFinding[];
}

/** What was proven of a fault, as text. */
export const proof = ({ evidence }: FaultFinding, of: FaultFinding['evidence'][number]['of']): string =>
  evidence
    .filter((it) => it.of === of)
    .flatMap(({ lines }) => lines)
    .join('; ');
export const phase = (fault: FaultFinding, name: string): Phase | undefined =>
  fault.phases.find((it) => it.name === name);

/** Inconclusive: what has failed is never excused. */
const UNSURE = 2;
/** How often a scenario is asked for. */
const TRIES = 2;

/** Of each run that did not pass: its verdict, why, and the objectives; first, as what is told of a failure may be cut. */
const whatFailed = (findings: ReadonlyMap<string, Findings>): string =>
  [...findings]
    .filter(([, { verdict }]) => verdict !== 'passed')
    .map(([name, { verdict, reasons, objectives }]) =>
      [`${name}: ${verdict}`, ...reasons, ...objectives.map((it) => `${it.name}: ${it.verdict}, ${it.text}`)].join(
        '; ',
      ),
    )
    .join('\n');

/**
 * Runs them before the tests of a suite, which is skipped where nodes have no network of their own.
 * @param needs what some of them need, by name; left out where it is not there
 */
export function playScenarios(all: readonly string[], needs: Readonly<Record<string, Capability>> = {}): Played {
  let it_: Flinch;
  let names = all;
  const findings = new Map<string, Findings>();
  // Behind the moment at which it began: one name may end like another.
  const nameOf = (dir: string): string => {
    const scenario = basename(dir).replace(/^\d+-\d+-/, '');
    return names.find((name) => basename(name) === scenario) ?? dir;
  };
  const readAll = () => {
    for (const dir of it_.runs()) {
      findings.set(nameOf(dir), JSON.parse(readFileSync(join(dir, 'result.json'), 'utf8')) as Findings);
    }
  };
  before(async function () {
    const decision = await decideIsolation();
    if (decision.isolation === 'none') this.skip();
    const lacking = lackingOf(decision);
    names = all.filter((name) => {
      const need = needs[name];
      return need === undefined || lacking[need] === undefined;
    });
    it_ = flinch();
    let asked = names;
    for (let tries = 1; ; tries++) {
      const { value, disturbances } = await withDisturbances(() =>
        it_.run('run', ...asked.map((name) => `${SCENARIOS}${name}.yaml`)),
      );
      readAll();
      const { code, stdout, stderr } = value;
      if (code === 0) break;
      const told = `${whatFailed(findings)}\n${stdout}\n${stderr}`;
      // What a machine that is taken away does to timeouts is none of Flinch's doing: it is asked once more.
      const excused = disturbances > 0 && code === UNSURE;
      if (!excused || tries === TRIES) assert.fail(told);
      process.stderr.write(`the machine was not itself; once more: ${whatFailed(findings)}\n`);
      asked = names.filter((name) => findings.get(name)?.verdict !== 'passed');
      for (const dir of it_.runs()) if (asked.includes(nameOf(dir))) rmSync(dir, { recursive: true });
    }
    assert.deepEqual([...findings.keys()].sort(), [...names].sort());
  });
  after(() => {
    if (it_) rmSync(it_.cwd, { recursive: true, force: true });
  });
  const found = (name: string): Findings => {
    const one = findings.get(name);
    assert.ok(one, `${name} was not run`);
    return one;
  };
  return { it_: () => it_, names: () => names, findings: found, faultsOf: (name) => found(name).faults };
}

/** That every ledger is empty, and that no node ended of which no fault was meant, but as these scenarios expect. */
export function assertNothingLeft(it_: Flinch, endings: Readonly<Record<string, RegExp>> = {}): void {
  for (const dir of it_.runs()) {
    const ledger = join(dir, 'ledger');
    const states = readdirSync(ledger).map((file) => JSON.parse(readFileSync(join(ledger, file), 'utf8')).state);
    assert.ok(states.length > 0 && states.every((state) => state === 'healed'), `${states}`);
    const exits = readJournal(join(dir, 'journal.ndjson')).events.filter(
      (event) => event.type === 'trouble' && event.code === 'NODE_EXITED',
    );
    const ended = exits.map((event) => (event.type === 'trouble' ? event.message : ''));
    const [, expected] = Object.entries(endings).find(([name]) => dir.endsWith(name)) ?? [];
    if (!expected) assert.deepEqual(ended, []);
    else for (const message of ended) assert.match(message, expected);
  }
}
