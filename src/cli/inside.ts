import { FlinchError } from '../core/error.js';
import { takeHandedOver } from '../target/local/index.js';
import type { HealOrder } from './heal-here.js';
import type { PlanOrder } from './plan-here.js';
import type { RunOrder } from './run-here.js';
import { exitWith } from './tell-error.js';

/** What the process outside of the namespaces asks of the one inside. */
export type Order = ({ verb: 'run' } & RunOrder) | ({ verb: 'heal' } & HealOrder) | ({ verb: 'plan' } & PlanOrder);

/** Does what was handed over; the same for a process that stays outside. */
export async function carryOut(order: Order): Promise<number> {
  switch (order.verb) {
    case 'run':
      return (await import('./run-here.js')).runHere(order);
    case 'heal':
      return (await import('./heal-here.js')).healHere(order);
    case 'plan':
      return (await import('./plan-here.js')).planHere(order);
  }
}

export async function runInside(): Promise<void> {
  await exitWith(async () => {
    const order = takeHandedOver<Order>();
    if (!order) throw new FlinchError('INTERNAL', { what: 'nothing was handed over to the process inside' });
    return carryOut(order);
  });
}
