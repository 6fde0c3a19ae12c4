import type { Fault } from '../fault.js';
import type { PartitionOptions } from '../schema/network.js';
import { confirmApart, joinAgain, keepApart, type PolicyUndo, resolveApart } from './by-policy.js';
import { type LinksUndo, linksFault } from './links.js';

const links = linksFault<PartitionOptions>('partition');

/** Two sets of nodes lose each other: by dropping packets, or by policies that somebody else is to enforce. */
export const partition: Fault<PartitionOptions, LinksUndo | PolicyUndo> = {
  ...links,
  resolve: (options, context) =>
    options.via === undefined ? links.resolve(options, context) : resolveApart(options, context),
  inject: (undo, context) => (isPolicy(undo) ? keepApart(undo, context) : links.inject(undo, context)),
  hold: ({ duration }) => duration,
  confirm: async (undo, context) =>
    isPolicy(undo) ? confirmApart(undo, context) : ((await links.confirm?.(undo, context)) ?? []),
  heal: (undo, context) => (isPolicy(undo) ? joinAgain(undo, context) : links.heal(undo, context)),
};

const isPolicy = (undo: LinksUndo | PolicyUndo): undo is PolicyUndo => 'apart' in undo;
