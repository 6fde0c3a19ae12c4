import assert from 'node:assert/strict';
import { type Attempt, type Decision, decide, lackingOf, type Probe } from '../../../src/target/local/isolation.js';

const linux: Probe = { platform: 'linux', root: false, missing: [], settings: {} };
const fine: Attempt = { stderr: '' };

/** What a decision takes away, on a machine with libfaketime. */
function taken(decision: Decision) {
  const { pods, ...lacking } = lackingOf(decision, '/lib/faketime.so');
  // Nodes on this machine are no pods, however they are kept apart.
  assert.match(pods ?? '', /those of the target kubernetes are pods/);
  return lacking;
}

describe('how nodes are kept apart', () => {
  const cases: [string, Partial<Probe>, string, RegExp, RegExp][] = [
    [
      'user namespaces set to 0',
      { user: { failed: 'unshare', stderr: 'unshare: unshare failed: No space left on device' } },
      'none',
      /set to 0/,
      /sysctl -w user\.max_user_namespaces=\d+/,
    ],
    [
      "Debian's switch",
      {
        settings: { 'user.max_user_namespaces': '9000', 'kernel.unprivileged_userns_clone': '0' },
        user: { failed: 'unshare', stderr: 'unshare: unshare failed: Operation not permitted' },
      },
      'none',
      /Debian/,
      /kernel\.unprivileged_userns_clone=1/,
    ],
    [
      "Ubuntu's AppArmor rule: the unshare succeeds and the first mount fails",
      {
        settings: { 'kernel.apparmor_restrict_unprivileged_userns': '1' },
        user: { failed: 'mount', stderr: 'mount: /run: permission denied.' },
      },
      'none',
      /AppArmor/,
      /kernel\.apparmor_restrict_unprivileged_userns=0/,
    ],
    [
      "a container's seccomp profile",
      { user: { failed: 'unshare', stderr: 'unshare: unshare failed: Operation not permitted' } },
      'none',
      /seccomp/,
      /--security-opt seccomp=unconfined/,
    ],
    [
      'a mount that is refused for another reason',
      { user: { failed: 'mount', stderr: 'mount: /run: permission denied.' } },
      'none',
      /may not mount.*permission denied/,
      /security-opt/,
    ],
    [
      'a kernel without bridges',
      { user: { failed: 'bridge', stderr: 'Error: Unknown device type.' } },
      'none',
      /bridge device \(Error: Unknown device type/,
      /modprobe bridge/,
    ],
    [
      'real root without user namespaces',
      {
        root: true,
        user: { failed: 'unshare', stderr: 'unshare: unshare failed: No space left on device' },
        plain: fine,
      },
      'namespace',
      /set to 0/,
      /max_user_namespaces/,
    ],
    ['no iproute2', { missing: ['ip'] }, 'none', /not found on the PATH: ip/, /apt install .*iproute2/],
    ['macOS', { platform: 'darwin' }, 'none', /macOS has no namespaces/, /Linux/],
    ['something never seen', { user: { failed: 'unshare', stderr: 'odd' } }, 'none', /\(odd\)/, /unshare/],
  ];
  for (const [name, probe, isolation, reason, allow] of cases) {
    it(`${name}: ${isolation}, with the reason and the line that would allow more`, () => {
      const decision = decide({ ...linux, ...probe });
      assert.equal(decision.isolation, isolation);
      assert.match(decision.reason ?? '', reason);
      assert.match(decision.allow ?? '', allow);
      if (isolation === 'none') {
        for (const capability of ['network', 'latency', 'disk', 'readOnlyDisk', 'storedFiles'] as const)
          assert.match(taken(decision)[capability] ?? '', reason);
      }
    });
  }

  for (const [name, said, why] of [
    ['nft is not there', 'sh: 1: nft: not found', /nft.*was not found; to allow it: apt install nftables/],
    [
      'the kernel has no filter on bridges',
      'Error: Could not process rule: x\n',
      /\(Error: Could not process rule: x\)/,
    ],
  ] as const) {
    it(`lacks only the network when ${name}, in every form, and says so`, () => {
      const failed: Attempt = { failed: 'unshare', stderr: 'No space left on device' };
      for (const attempts of [
        { user: { ...fine, noFilter: said } },
        { user: failed, plain: { ...fine, noFilter: said } },
      ]) {
        const decision = decide({ ...linux, ...attempts });
        assert.notEqual(decision.isolation, 'none');
        assert.deepEqual(Object.keys(taken(decision)), ['network']);
        assert.match(taken(decision).network ?? '', why);
      }
    });
  }

  for (const [name, said, why] of [
    ['iptables is not there', 'sh: 1: iptables: not found', /were not found; to allow it: apt install iptables perl/],
    ['the kernel has no queue', 'iptables: No chain/target/match by that name.\n', /queued here \(iptables: No chain/],
  ] as const) {
    it(`lacks only late packets when ${name}, and says so`, () => {
      const decision = decide({ ...linux, user: { ...fine, noQueue: said } });
      assert.deepEqual(Object.keys(taken(decision)), ['latency']);
      assert.match(taken(decision).latency ?? '', why);
    });
  }

  it('takes a user namespace where one works, for root too, and then lacks nothing', () => {
    for (const root of [false, true]) {
      const decision = decide({ ...linux, root, settings: { 'kernel.unprivileged_userns_clone': '0' }, user: fine });
      assert.deepEqual(decision, { isolation: 'user-namespace' });
      assert.deepEqual(taken(decision), {});
    }
  });
});
