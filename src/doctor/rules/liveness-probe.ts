import { writeDuration } from '../../core/units.js';
import { takeover } from '../ha.js';
import type { Rule } from '../rule.js';

export const livenessProbe: Rule = {
  code: 'liveness-probe',
  severity: 'warning',
  title: 'The liveness probe is faster than a takeover',
  why: 'While nobody leads, the REST endpoint of a healthy standby answers 503. A probe that asks it gives up before the takeover is over, the kubelet ends the standby as well, and the outage is that of a whole start; with every JobManager probed alike it may never end.',
  fix: 'let periodSeconds x failureThreshold exceed the takeover, or probe the RPC port (tcpSocket) instead of REST',
  examples: {
    bad: {
      as: 'deployment',
      text: 'kind: FlinkDeployment\nspec:\n  flinkVersion: v1_20\n  flinkConfiguration:\n    high-availability.type: kubernetes\n  jobManager:\n    replicas: 2\n    podTemplate:\n      spec:\n        containers:\n          - name: flink-main-container\n            livenessProbe: { httpGet: { path: /overview, port: 8081 }, periodSeconds: 5, failureThreshold: 2 }\n',
    },
    good: {
      as: 'deployment',
      text: 'kind: FlinkDeployment\nspec:\n  flinkVersion: v1_20\n  flinkConfiguration:\n    high-availability.type: kubernetes\n  jobManager:\n    replicas: 2\n    podTemplate:\n      spec:\n        containers:\n          - name: flink-main-container\n            livenessProbe: { httpGet: { path: /overview, port: 8081 }, periodSeconds: 10, failureThreshold: 6 }\n',
    },
  },
  check({ settings, facts }) {
    const { livenessProbe: probe } = facts;
    const takes = takeover(settings, facts);
    if (probe === undefined || takes === undefined) return [];
    const patience = probe.period * probe.failureThreshold;
    if (patience > takes) return [];
    const what = `the probe ends a JobManager after ${writeDuration(patience)}, and a takeover takes up to ${writeDuration(takes)}`;
    return [{ what }];
  },
};
