import { FlinchError } from '../core/error.js';
import type { Scenario } from '../core/scenario.js';
import { requiresOf } from '../fault/schemas.js';
import { refuseLacking } from '../run/safety/guards.js';
import type { LoadedScenario } from '../scenario/index.js';
import { lackingOnPods } from '../target/kubernetes/index.js';
import type { KubernetesChoice } from './kubernetes-options.js';

const BESIDE = ['process', 'network', 'disk'] as const;
/** Whether one of its faults is done from beside the pods. */
export const isBeside = (scenario: Scenario | undefined): boolean =>
  scenario?.faults.some((fault) => {
    const requires = requiresOf(fault);
    return BESIDE.some((capability) => requires.includes(capability));
  }) ?? false;

/**
 * Refuses what cannot be done on any cluster in pods, or not with these options; none is asked.
 * @throws FlinchError CAPABILITY_MISSING, USAGE
 */
export function refuseOnPods(scenarios: readonly LoadedScenario[], choice: KubernetesChoice): void {
  const { handImage, operatorNamespace } = choice;
  const place = {
    ...(handImage !== undefined && { handImage }),
    ...(operatorNamespace !== undefined && { operatorNamespace }),
  };
  for (const { scenario } of scenarios) {
    refuseLacking(scenario, lackingOnPods(place), requiresOf);
    refuseElsewhere(scenario);
    refuseUnreachable(scenario, choice);
  }
}

/** Roles that are no pods of a Flink cluster. */
const ELSEWHERE = /^(zookeeper|broker|gateway)(\.|$)/;

/** @throws FlinchError CAPABILITY_MISSING where a fault means nodes that are not among the pods */
function refuseElsewhere({ faults }: Scenario): void {
  const refused = faults.flatMap(({ kind, options }, index) => {
    const meant = [options.node, options.between, options.and].flat().filter((it) => ELSEWHERE.test(String(it)));
    return meant.length === 0 ? [] : [`fault ${index + 1} (${kind}) means ${meant.join(', ')}`];
  });
  if (refused.length === 0) return;
  throw new FlinchError('CAPABILITY_MISSING', {
    what: 'on Kubernetes faults befall JobManagers and TaskManagers, and no others yet',
    on: refused.join('\n'),
    todo: 'use the local target for these',
  });
}

/** @throws FlinchError USAGE */
function refuseUnreachable({ name, workload }: Scenario, { brokers, gateway }: KubernetesChoice): void {
  const attached = workload.job === 'attached';
  const missing = [
    ...(brokers === undefined && !(attached && workload.attach.brokers) ? ['--brokers'] : []),
    ...(gateway === undefined && !attached ? ['--gateway'] : []),
  ];
  if (missing.length === 0) return;
  throw new FlinchError('USAGE', {
    what: `${name} ${attached ? 'reads the topics of a job' : 'submits a job of its own'}, and Kubernetes does not tell where`,
    todo: `add ${missing.join(' and ')}${attached ? '' : ', or attach to a job that runs'}`,
  });
}
