import type { WireReader, WireWriter } from '../protocol/wire.js';

/** One request of the protocol: the versions this reader speaks, and how. */
export interface Api<Request, Response> {
  name: string;
  key: number;
  min: number;
  max: number;
  /** First version with compact lengths, tagged fields and the newer headers; none unless told. */
  flexibleFrom?: number;
  encode(writer: WireWriter, version: number, request: Request): void;
  decode(reader: WireReader, version: number): Response;
}

export type IsolationLevel = 'read_uncommitted' | 'read_committed';
export const isolationByte = (isolation: IsolationLevel): number => (isolation === 'read_committed' ? 1 : 0);
