import { NOT_STOPPED, type Objective, OPERATIONS, type Scenario } from '../core/scenario.js';
import { crossChecks } from './checks.js';
import { type Complaint, complaints, explainIssue } from './explain.js';
import { inOrder } from './fault-schema.js';
import { guardsOf } from './guards-schema.js';
import type { Mistake } from './mistake.js';
import { salvage } from './salvage.js';
import { type Described, scenarioSchema } from './schema.js';
import { showPath } from './show.js';
import { type Finding, type Parsed, parseYaml } from './yaml-text.js';

/** What one text says: the scenario where it has no mistake, and where its name stands. */
export interface Reading {
  scenario?: Scenario;
  mistakes: Mistake[];
  name?: { text: string; line: number; column: number };
}

/** Reads one scenario's text. Never throws; `file` is only for the mistakes. */
export function readText(text: string, file: string): Reading {
  const parsed = parseYaml(text);
  if (!parsed.readable) return { mistakes: toMistakes(parsed.findings, file) };
  if (typeof parsed.value !== 'object' || parsed.value === null || Array.isArray(parsed.value)) {
    const what = parsed.value === null ? 'the file is empty' : 'this is not a map of keys';
    const position = parsed.place({ path: [], atKey: false });
    const finding = { position, path: [], sentence: `${what}; begin with a line such as scenario: kill-leader` };
    return { mistakes: toMistakes([...parsed.findings, finding], file) };
  }
  const result = scenarioSchema.safeParse(parsed.value, { error: explainIssue, reportInput: true });
  const parts = salvage(parsed.value);
  const found = [...complaints(result.error?.issues ?? []), ...crossChecks(parts)];
  const mistakes = toMistakes([...parsed.findings, ...found.map((c) => placed(c, parsed))], file);
  const name =
    parts.name === undefined ? undefined : { text: parts.name, ...parsed.place({ path: ['scenario'], atKey: false }) };
  return {
    mistakes,
    ...(name ? { name } : {}),
    ...(result.success && mistakes.length === 0 ? { scenario: toScenario(result.data, parts.objectives) } : {}),
  };
}

const placed = (complaint: Complaint, parsed: Parsed): Finding => ({
  path: complaint.path,
  sentence: complaint.sentence,
  position: parsed.place(complaint),
});

function toMistakes(findings: readonly Finding[], file: string): Mistake[] {
  const seen = new Set<string>();
  return findings
    .map(({ path, position, sentence }) => ({ path: path === 'yaml' ? path : showPath(path), position, sentence }))
    .filter(({ path, position: { line, column } }) => {
      // A key that is wrong in itself is unknown as well; the first finding says more.
      const place = `${line}:${column} ${path}`;
      return !seen.has(place) && seen.add(place);
    })
    .sort((a, b) => a.position.line - b.position.line || a.position.column - b.position.column)
    .map(({ path, position, sentence }) => ({ code: 'SCENARIO_INVALID', file, ...position, path, sentence }));
}

function toScenario(described: Described, objectives: Scenario['objectives']): Scenario {
  const { scenario: name, title = name, cluster, workload, steadyState, faults, seed, allow, stop } = described;
  const attached = 'attach' in workload;
  const guards = described.guards || attached ? { guards: guardsOf(described.guards, attached) } : {};
  const rest = {
    ...(seed === undefined ? {} : { seed }),
    ...(allow ? { allow } : {}),
    ...guards,
    ...(stop ? { stop } : {}),
  };
  // Held like any other, so that every report shows whether it was.
  const notStopped: Objective = { name: NOT_STOPPED, unit: 'count', atMost: 0, text: 'not held' };
  const asExpected: Objective = { name: OPERATIONS, unit: 'count', atMost: 0, text: 'as expected' };
  const planned = inOrder(faults, cluster);
  const operates = planned.some(({ options }) => 'expect' in options);
  const judged = [...objectives, ...(operates ? [asExpected] : []), ...(stop ? [notStopped] : [])];
  return { name, title, cluster, workload, steadyState, faults: planned, ...rest, objectives: judged };
}
