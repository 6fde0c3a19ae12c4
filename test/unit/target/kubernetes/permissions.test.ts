import assert from 'node:assert/strict';
import { type Access, rulesIn } from '../../../../src/client/kubernetes/rules.js';
import { FAULT_SCHEMAS } from '../../../../src/fault/schemas.js';
import { NEEDS, PERMISSIONS } from '../../../../src/target/kubernetes/needs.js';
import { granted, manifest, type NamedBinding } from '../../../../src/target/kubernetes/permissions.js';

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
    const needed = PERMISSIONS.flatMap(({ verbs, resource, group, named, ofOperator }) =>
      named || ofOperator ? [] : verbs.map((verb) => `${verb} ${resource}.${group}`),
    );
    assert.deepEqual(given.sort(), [...new Set(needed)].sort());
  });

  it('is for these RoleBindings and their Roles alone, where it would be power over all', () => {
    const rulesWith = (...bindings: NamedBinding[]) => {
      const [, role] = manifest('flink', { bindings }) as { rules: (Rule & { resourceNames?: string[] })[] }[];
      return (role?.rules ?? []).filter(({ resourceNames }) => resourceNames);
    };
    assert.deepEqual(rulesWith(), []);
    const apiGroups = ['rbac.authorization.k8s.io'];
    assert.deepEqual(
      rulesWith(
        { name: 'leaders', role: { kind: 'Role', name: 'ha' } },
        { name: 'more', role: { kind: 'Role', name: 'ha' } },
        { name: 'edits', role: { kind: 'ClusterRole', name: 'edit' } },
      ),
      [
        { apiGroups, resources: ['rolebindings'], resourceNames: ['leaders', 'more', 'edits'], verbs: ['update'] },
        { apiGroups, resources: ['roles'], resourceNames: ['ha'], verbs: ['bind'] },
        { apiGroups, resources: ['clusterroles'], resourceNames: ['edit'], verbs: ['bind'] },
      ],
    );
  });

  it('is for the operator in its own namespace, where that is named, and asked for there', async () => {
    const objects = manifest('flink', { operatorNamespace: 'operators' }).slice(-2);
    const [role, binding] = objects as [{ metadata: object; rules: Rule[] }, { metadata: object; subjects: object[] }];
    const metadata = { name: 'flinch-flink', namespace: 'operators' };
    assert.deepEqual([role.metadata, binding.metadata], [metadata, metadata]);
    assert.deepEqual(role.rules, [{ apiGroups: [''], resources: ['pods'], verbs: ['delete', 'list'] }]);
    assert.deepEqual(binding.subjects, [{ kind: 'ServiceAccount', name: 'flinch', namespace: 'flink' }]);
    const asking = (has: boolean) => {
      const asked: string[] = [];
      const client = {
        may: async ({ verb }: Access) => asked.push(verb) > 0 && has,
        rules: async () => () => false,
      };
      return { client, asked };
    };
    const [here, there] = [asking(false), asking(true)];
    const needed = PERMISSIONS.filter(({ need }) => need === 'deleteOperator' || need === 'deletePod');
    const has = await granted({ here: here.client, there: there.client }, needed);
    assert.deepEqual(
      needed.map(({ need }, i) => [need, has[i]]),
      [
        ['deletePod', false],
        ['deleteOperator', true],
      ],
    );
    assert.deepEqual([here.asked, there.asked], [['delete'], ['delete', 'list']]);
    assert.deepEqual(await granted({ here: there.client }, needed), [true, false]);
  });

  it('is asked for at once where roles tell of it, and by itself where they do not', async () => {
    const asked: Access[] = [];
    const may = async (access: Access) => {
      asked.push(access);
      return false;
    };
    const [, { rules }] = manifest('flink') as [object, { rules: Rule[] }];
    const client = { may, rules: async () => rulesIn({ resourceRules: rules }) };
    const has = await granted({ here: client, there: client }, PERMISSIONS);
    assert.deepEqual(
      has,
      PERMISSIONS.map(({ clusterWide, named }) => !clusterWide && !named),
    );
    assert.deepEqual(new Set(asked.map(({ resource }) => resource)), new Set(['nodes', 'rolebindings', 'roles']));
  });

  it('is not there for some names alone, in another group, or for another part of it', () => {
    const rule = (more: object) =>
      rulesIn({
        resourceRules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'], ...more }],
      });
    const access: Access = { verb: 'get', group: '', resource: 'pods' };
    const log = { ...access, subresource: 'log' };
    assert.deepEqual([rule({})(access), rule({})(log)], [true, false]);
    assert.deepEqual([rule({ resources: ['*'] })(log), rule({ resources: ['*/log'] })(log)], [true, true]);
    for (const less of [{ resourceNames: ['one'] }, { apiGroups: ['apps'] }, { verbs: ['list'] }])
      assert.equal(rule(less)(access), false, JSON.stringify(less));
    assert.equal(rule({ resources: ['*'], verbs: ['*'], apiGroups: ['*'] })({ ...access, clusterWide: true }), false);
  });

  it('is asked for verb by verb where that is meant, and is there when every one is', async () => {
    const asked: Access[] = [];
    const may = async (access: Access) => {
      asked.push(access);
      return access.verb !== 'watch';
    };
    const some = PERMISSIONS.filter(({ need }) => need === 'always');
    const has = await granted({ here: { may, rules: () => assert.fail('not each') } }, some, { each: true });
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
