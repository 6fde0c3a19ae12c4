import assert from 'node:assert/strict';
import { keepingAwayFrom, markKey, policyName } from '../../../../src/target/kubernetes/policy-rules.js';
import { hasCode } from '../../../support/has-code.js';

describe('a NetworkPolicy that keeps pods away from others', () => {
  const spec = keepingAwayFrom('cut-1', 'between', ['10.0.0.4', 'fd00::4', '10.0.0.5']);

  it('selects those of one side by their mark, in both directions', () => {
    assert.deepEqual(spec.podSelector, { matchLabels: { 'flinch/cut-1': 'between' } });
    assert.deepEqual(spec.policyTypes, ['Ingress', 'Egress']);
    assert.deepEqual(spec.ingress?.[0]?._from, spec.egress?.[0]?.to);
    assert.deepEqual([spec.ingress?.length, spec.egress?.length], [1, 1]);
    assert.deepEqual([spec.ingress?.[0]?.ports, spec.egress?.[0]?.ports], [undefined, undefined]);
  });

  it('allows every pod but those of the other side, and every address but theirs', () => {
    assert.deepEqual(spec.egress?.[0]?.to, [
      {
        namespaceSelector: {},
        podSelector: { matchExpressions: [{ key: 'flinch/cut-1', operator: 'NotIn', values: ['and'] }] },
      },
      { ipBlock: { cidr: '0.0.0.0/0', except: ['10.0.0.4/32', '10.0.0.5/32'] } },
      { ipBlock: { cidr: '::/0', except: ['fd00::4/128'] } },
    ]);
  });

  it('has a name and a label that are made of its id, which is nothing else', () => {
    assert.deepEqual(
      [policyName('cut-1', 'and'), markKey('cut-1'), keepingAwayFrom('cut-1', 'and', []).podSelector?.matchLabels],
      ['flinch-cut-1-and', 'flinch/cut-1', { 'flinch/cut-1': 'and' }],
    );
    for (const id of ['', 'Cut', 'a/b', `a${'b'.repeat(50)}`])
      assert.throws(() => markKey(id), hasCode('INTERNAL', /./));
    assert.throws(() => keepingAwayFrom('cut-1', 'and', ['10.0.0.4/8']), hasCode('INTERNAL', /no address/));
  });
});
