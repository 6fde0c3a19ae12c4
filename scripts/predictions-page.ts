import { COSTS } from '../src/predict/cost.js';
import type { Formula } from '../src/predict/formula.js';
import { START, WORK } from '../src/predict/limits.js';
import { MODEL } from '../src/predict/model.js';
import { table } from './markdown.js';

const seconds = (ms: number): string => `${ms / 1000} s`;

const formulas = table(
  ['phase', 'since', 'of', 'takes', 'known from'],
  MODEL.map(({ phase, since, of, takes, source }: Formula) => [
    `\`${phase}\``,
    since === 'effective' ? 'the fault' : `\`${since}\``,
    of,
    takes,
    source,
  ]),
);

const work = table(
  ['what', 'at most'],
  [
    ['the next leader, where somebody stands by', seconds(WORK.election)],
    ["the new leader's schedulers (`jobGraphRecovered`)", seconds(WORK.jobGraph)],
    ['TaskManagers find the new leader, and offer their slots', seconds(WORK.offers)],
    ['slots that are there are given out', seconds(WORK.slots)],
    ['deployment', seconds(WORK.deploy)],
    ['state', seconds(WORK.restore)],
    ['a checkpoint that nobody has seen before', seconds(WORK.checkpoint)],
    ['a process says goodbye', seconds(WORK.goodbye)],
    ['a look has seen it', seconds(WORK.seen)],
    ...Object.entries(START).map(([role, ms]) => [`a ${role} is started, and takes its part`, seconds(ms)]),
  ],
);

const costs = table(
  ['made smaller', 'costs'],
  Object.entries(COSTS).map(([key, cost]) => [`\`${key}\``, cost]),
);

/** The generated parts of docs/predictions.md, by their names. */
export const predictionBlocks = (): Record<string, string> => ({ model: formulas, work, costs });
