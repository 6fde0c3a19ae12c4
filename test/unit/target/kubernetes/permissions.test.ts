import assert from 'node:assert/strict';
import type { Access } from '../../../../src/client/kubernetes/connection.js';
import { FAULT_SCHEMAS } from '../../../../src/fault/schemas.js';
import { granted, manifest, NEEDS, PERMISSIONS } from '../../../../src/target/kubernetes/permissions.js';

interface Rule {
  apiGroups: string[];
  resources: string[];
  verbs: string[];
}

describe('what Kubernetes has to allow', () => {
  it('is granted by the Role, all of it and nothing else', () => {
    const [, role, , clusterRole] = manifest('flink', { all: true }) as { rules: Rule[] }[];
    assert.ok(role && clusterRole);
    assert.deepEqual(
      clusterRole.rules.flatMap(({ resources }) => resources),
      ['nodes'],
    );
    const given = [...role.rules, ...clusterRole.rules].flatMap(
      ({ apiGroups: [group], resources: [resource], verbs }) => verbs.map((verb) => `${verb} ${resource}.${group}`),
    );
    const needed = PERMISSIONS.flatMap(({ verbs, resource, group }) =>
      verbs.map((verb) => `${verb} ${resource}.${group}`),
    );
    assert.deepEqual(given.sort(), [...new Set(needed)].sort());
  });

  it('is asked for verb by verb, and is there when every one is', async () => {
    const asked: Access[] = [];
    const may = async (access: Access) => {
      asked.push(access);
      return access.verb !== 'watch';
    };
    const some = PERMISSIONS.filter(({ need }) => need === 'always');
    const has = await granted({ may }, some);
    assert.deepEqual(
      has,
      some.map(({ verbs }) => !verbs.includes('watch')),
    );
    assert.ok(asked.some(({ resource, subresource }) => resource === 'pods' && subresource === 'log'));
  });

  it('is told for each fault that acts on pods by itself', () => {
    for (const need of NEEDS) {
      assert.ok(
        PERMISSIONS.some((permission) => permission.need === need),
        need,
      );
      if (need.endsWith('Pod')) assert.deepEqual(FAULT_SCHEMAS[need]?.requires, ['pods']);
    }
  });
});
