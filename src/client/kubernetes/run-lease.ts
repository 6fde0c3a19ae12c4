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
  const get = (): Promise<V1Lease | undefined> =>
    ifThere(() =>
      kubernetes.leases('reading the lock', (api, options) => api.readNamespacedLease({ namespace, name }, options)),
    );
  /** As it was written here last: who renews it every few seconds does not have to read it each time. */
  let mine: V1Lease | undefined;
  const write = async (body: V1Lease): Promise<void> => {
    mine = undefined;
    mine = await kubernetes.leases('writing the lock', (api, options) =>
      api.replaceNamespacedLease({ namespace, name, body }, options),
    );
  };
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
  return {
    held: async () => heldIn(await get()),
    async take(by, seen) {
      const lease = await get();
      if (lease === undefined) {
        const body = { metadata: { name, labels }, spec: specOf(by) };
        return cameAbout(() =>
          kubernetes.leases('making the lock', (api, options) =>
            api.createNamespacedLease({ namespace, body }, options),
          ),
        );
      }
      const has = heldIn(lease);
      if (has?.holder !== seen?.holder || has?.renewed !== seen?.renewed) return false;
      return put({ ...lease, spec: specOf(by) });
    },
    async renew(by) {
      const renewed = (lease: V1Lease | undefined) => put({ ...lease, spec: { ...lease?.spec, renewTime: at() } });
      if (heldIn(mine)?.holder === by && (await renewed(mine))) return true;
      const lease = await get();
      return heldIn(lease)?.holder === by && renewed(lease);
    },
    noted: async () => (mine ?? (await get()))?.metadata?.annotations?.[NOTE],
    async note(by, text) {
      let isOurs = false;
      await edit(
        name,
        get,
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
      const lease = await get();
      if (heldIn(lease)?.holder !== by) return;
      if (lease?.metadata?.annotations?.[NOTE] !== undefined) {
        await put({ ...lease, spec: { ...lease.spec, holderIdentity: '' } });
        return;
      }
      const { uid, resourceVersion } = lease?.metadata ?? {};
      const body = { preconditions: { ...(uid && { uid }), ...(resourceVersion && { resourceVersion }) } };
      await cameAbout(() =>
        kubernetes.leases('taking the lock away', (api, options) =>
          api.deleteNamespacedLease({ namespace, name, body }, options),
        ),
      );
    },
  };
}
