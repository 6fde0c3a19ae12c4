import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesLine } from '../support/kubernetes/flink.js';
import { belongingsOf } from '../support/kubernetes/node/belongings.js';
import { type Lab, ON_PODS, ONLY, type Subject, startSubject } from '../support/kubernetes/node/lab.js';
import { assertFew, toldRequests } from '../support/kubernetes/requests.js';

/** Scenarios of the ConfigMaps in which leaders are elected, and of who may write them. */
const NEEDS_LEASE = /config-map|lease|access/;
const ALL = readdirSync(ON_PODS).map((file) => file.replace(/\.yaml$/, ''));

interface Passing {
  line: KubernetesLine;
  zookeeper?: boolean;
  /** How its pods are reached. */
  reach: 'auto' | 'forward';
  /** All of them take twenty minutes: where nothing is said, each way to act on pods is tried once, on one line or the other. */
  tried: readonly string[];
}

/** Scenarios that a cluster passes: proven, healed, within few requests, and everything as it was. */
export function passesScenarios(lab: () => Lab, { line, zookeeper = false, reach, tried }: Passing): void {
  describe(`of Flink ${line}${zookeeper ? ', whose leaders are in ZooKeeper' : ''}`, () => {
    let subject: Subject;
    before(async () => {
      subject = await startSubject(lab(), { line, zookeeper });
    });
    after(() => subject?.end());

    for (const name of ONLY ?? tried) {
      if (!ALL.includes(name) || (zookeeper && NEEDS_LEASE.test(name))) continue;
      it(`passes ${name}: proven, healed, every record there once, and the cluster as it was`, async () => {
        const { node, flink, it_, where, journal, asItWas } = subject;
        const before = await belongingsOf(node, flink.namespace);
        const file = join(it_.cwd, `${name}.yaml`);
        // Twice the heartbeat timeout, as it is here.
        const text = readFileSync(join(ON_PODS, `${name}.yaml`), 'utf8').replace('duration: 60s', 'duration: 24s');
        writeFileSync(file, text);
        const asked = node.requests().length;
        const { code, stdout, stderr } = await it_.run('run', file, ...where, '--reach', reach);
        const requests = node.requests().slice(asked);
        if (process.env.FLINCH_TELL) process.stdout.write(`${stderr}\n${stdout}\n${toldRequests(requests)}\n`);
        assert.equal(code, 0, `${stdout}\n${stderr}`);
        assertFew(requests);
        const events = journal();
        for (const type of ['fault.effective', 'fault.healed'] as const)
          assert.ok(
            events.some((event) => event.type === type),
            type,
          );
        const checked = events.find((event) => event.type === 'cluster.checked');
        assert.ok(checked?.type === 'cluster.checked' && checked.clean, JSON.stringify(checked));
        await asItWas(before);
      });
    }
  });
}
