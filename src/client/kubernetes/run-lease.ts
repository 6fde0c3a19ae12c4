import type { V1Lease, V1MicroTime } from '@kubernetes/client-node';
import type { KubernetesPods } from './connection.js';
import { cameAbout, edit, ifThere } from './optimistic.js';

/** Who has a Lease, and the last sign of life. */
export interface HeldLease {
  holder: string;
  /** As written: only whether it changes says anything, as clocks differ. */
  renewed: string;
}

/** A Lease by which one of several keeps the others away. Calls throw a FlinchError KUBERNETES. */
export interface RunLease {
  /** Undefined where nobody has it. */
  held(): Promise<HeldLease | undefined>;
  /** Takes it if it still is as it was seen; undefined: nobody had it. @returns whether it did */
  take(by: string, seen: HeldLease | undefined): Promise<boolean>;
  /** Renews it. @returns false where somebody else has it, or nobody */
  renew(by: string): Promise<boolean>;
  /** What is written on it, by whoever had it last. */
  noted(): Promise<string | undefined>;
  /** Writes that, for whoever has it next; undefined takes it away. @returns false where somebody else has it, or nobody */
  note(by: string, text: string | undefined): Promise<boolean>;
  /** Gives it back; one of somebody else is left alone. What is written on it stays. */
  release(by: string): Promise<void>;
}

/** At most so much is written on one object (256 KiB, all annotations together). Bytes. */
export const LONGEST_NOTE = 240 * 1024;
const NOTE = 'flinch/faults';

export interface RunLeaseOptions {
  kubernetes: KubernetesPods;
  name: string;
  labels: Record<string, string>;
  /** Seconds, for people who look at it. */
  duration: number;
  /** Wall milliseconds. */
  now(): number;
}

export function openRunLease({ kubernetes, name, labels, duration, now }: RunLeaseOptions): RunLease {
  const { namespace } = kubernetes;
  // The API takes microseconds and nothing else; the library hands them on as they are.
  const at = (): V1MicroTime => new Date(now()).toISOString().replace('Z', '000Z') as unknown as V1MicroTime;
  /** As it was read or written here last: who holds it does not have to read it each time, as the server refuses what is based on an older one. */
  let last: { lease: V1Lease | undefined } | undefined;
  const get = async (): Promise<V1Lease | undefined> => {
    const lease = await ifThere(() =>
      kubernetes.leases('reading the lock', (api, options) => api.readNamespacedLease({ namespace, name }, options)),
    );
    last = { lease };
    return lease;
  };
  const known = async (): Promise<V1Lease | undefined> => last?.lease ?? (await get());
  const writing = async (write: () => Promise<V1Lease>): Promise<void> => {
    last = undefined;
    last = { lease: await write() };
  };
  const write = (body: V1Lease): Promise<void> =>
    writing(() =>
      kubernetes.leases('writing the lock', (api, options) =>
        api.replaceNamespacedLease({ namespace, name, body }, options),
      ),
    );
  const make = (body: V1Lease): Promise<void> =>
    writing(() =>
      kubernetes.leases('making the lock', (api, options) => api.createNamespacedLease({ namespace, body }, options)),
    );
  const put = (body: V1Lease) => cameAbout(() => write(body));
  const heldIn = (lease: V1Lease | undefined): HeldLease | undefined => {
    const { holderIdentity, renewTime } = lease?.spec ?? {};
    return holderIdentity ? { holder: holderIdentity, renewed: String(renewTime) } : undefined;
  };
  const specOf = (by: string) => ({
    holderIdentity: by,
    leaseDurationSeconds: duration,
    acquireTime: at(),
    renewTime: at(),
  });
  const giveBack = (lease: V1Lease | undefined) => put({ ...lease, spec: { ...lease?.spec, holderIdentity: '' } });
  const takeAway = (lease: V1Lease | undefined) => {
    const { uid, resourceVersion } = lease?.metadata ?? {};
    const body = { preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) } };
    return cameAbout(() =>
      kubernetes.leases('taking the lock away', (api, options) =>
        api.deleteNamespacedLease({ namespace, name, body }, options),
      ),
    );
  };
  return {
    held: async () => heldIn(await get()),
    async take(by, seen) {
      const lease = last ? last.lease : await get();
      if (lease === undefined) {
        const body = { metadata: { name, labels }, spec: specOf(by) };
        return cameAbout(() => make(body));
      }
      const has = heldIn(lease);
      if (has?.holder !== seen?.holder || has?.renewed !== seen?.renewed) return false;
      return put({ ...lease, spec: specOf(by) });
    },
    async renew(by) {
      for (const read of [known, get]) {
        const lease = await read();
        if (heldIn(lease)?.holder !== by) continue;
        if (await put({ ...lease, spec: { ...lease?.spec, renewTime: at() } })) return true;
      }
      return false;
    },
    noted: async () => (await known())?.metadata?.annotations?.[NOTE],
    async note(by, text) {
      let isOurs = false;
      await edit(
        name,
        known,
        (lease) => {
          isOurs = heldIn(lease)?.holder === by;
          const { [NOTE]: before, ...others } = lease.metadata?.annotations ?? {};
          if (!isOurs || before === text) return undefined;
          const annotations = { ...others, ...(text !== undefined && { [NOTE]: text }) };
          return { ...lease, metadata: { ...lease.metadata, annotations } };
        },
        write,
      );
      return isOurs;
    },
    async release(by) {
      for (const read of [known, get]) {
        const lease = await read();
        if (heldIn(lease)?.holder !== by) continue;
        if (await (lease?.metadata?.annotations?.[NOTE] === undefined ? takeAway(lease) : giveBack(lease))) return;
      }
    },
  };
}
