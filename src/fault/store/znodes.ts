import type { StoredZnode } from '../../target/ports.js';

/** What nobody can read: neither an address nor a serialized object. In base64. */
export const UNREADABLE = Buffer.from('damaged by flinch').toString('base64');

export type ZnodeState = 'gone' | 'unreadable' | 'as it was' | 'written anew';

/** What has become of a node of the store. */
export function stateOf(was: StoredZnode, now: StoredZnode | undefined): ZnodeState {
  if (now === undefined) return 'gone';
  if (now.data === UNREADABLE) return 'unreadable';
  return now.data === was.data && now.owner === was.owner && now.written === was.written ? 'as it was' : 'written anew';
}

/** "/flink/flinch/jobs/7f/checkpoints/0000000000000000012" -> 12 */
const numberOf = (path: string): number => Number(path.split('/').at(-1));
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf('/'));

/** Whether Flink has recorded a later checkpoint of the same job, which it can read. */
export const isSuperseded = ({ path }: StoredZnode, all: readonly StoredZnode[]): boolean =>
  all.some(
    (other) =>
      folderOf(other.path) === folderOf(path) && other.data !== UNREADABLE && numberOf(other.path) > numberOf(path),
  );
