import { isMap, isSeq, type YAMLMap } from 'yaml';
import { flinkVersion, Settings } from '../settings.js';
import type { Facts, LivenessProbe, Subject } from '../subject.js';
import { nodeAt, settingsOf, textOf, type YamlMap } from './yaml-settings.js';

const MAIN = 'flink-main-container';
/** Of Kubernetes, where a probe does not say. Seconds, and times. */
const PERIOD = 10;
const THRESHOLD = 3;

/** The cluster that a FlinkDeployment of the Kubernetes operator describes. */
export function deploymentSubject(yaml: YamlMap, file: string): Subject {
  const spec = nodeAt(yaml.map, ['spec']);
  const at = (...path: string[]): unknown => (isMap(spec) ? nodeAt(spec as YAMLMap, path) : undefined);
  const configuration = at('flinkConfiguration');
  const settings = isMap(configuration) ? settingsOf(yaml, configuration as YAMLMap) : [];
  const upgradeMode = textOf(at('job', 'upgradeMode'));
  const probe = probeOf(at('jobManager', 'podTemplate')) ?? probeOf(at('podTemplate'));
  const taskManagers = wholeNumber(at('taskManager', 'replicas'));
  const facts: Facts = {
    jobManagers: wholeNumber(at('jobManager', 'replicas')) ?? 1,
    ...(taskManagers === undefined ? {} : { taskManagers }),
    ...(upgradeMode === '' ? {} : { upgradeMode }),
    ...(probe && { livenessProbe: probe }),
  };
  return {
    kind: 'deployment',
    name: file,
    settings: new Settings(settings, flinkVersion(textOf(at('flinkVersion')))),
    facts,
  };
}

function wholeNumber(node: unknown): number | undefined {
  const text = textOf(node);
  return /^\d+$/.test(text) ? Number(text) : undefined;
}

/** Of a probe that asks over HTTP: a port that is open answers while nobody leads. */
function probeOf(template: unknown): LivenessProbe | undefined {
  const containers = isMap(template) ? nodeAt(template as YAMLMap, ['spec', 'containers']) : undefined;
  if (!isSeq(containers)) return undefined;
  const main = containers.items.find((it) => isMap(it) && textOf(nodeAt(it as YAMLMap, ['name'])) === MAIN);
  const probe = isMap(main) ? nodeAt(main as YAMLMap, ['livenessProbe']) : undefined;
  if (!isMap(probe) || nodeAt(probe as YAMLMap, ['httpGet']) === undefined) return undefined;
  const seconds = (key: string, usual: number): number => wholeNumber(nodeAt(probe as YAMLMap, [key])) ?? usual;
  return {
    initialDelay: 1000 * seconds('initialDelaySeconds', 0),
    period: 1000 * seconds('periodSeconds', PERIOD),
    failureThreshold: seconds('failureThreshold', THRESHOLD),
  };
}
