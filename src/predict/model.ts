import type { Formula } from './formula.js';
import { CONFIG_MAPS } from './formulas/config-maps.js';
import { DETECTION } from './formulas/detection.js';
import { OUTPUT } from './formulas/output.js';
import { AGAIN_AND_AGAIN, RESTART, TASKS } from './formulas/restart.js';
import { TAKEOVER } from './formulas/takeover.js';

/** The whole model: of the lines of one phase the first that holds counts. */
export const MODEL: readonly Formula[] = [
  ...CONFIG_MAPS,
  ...DETECTION,
  ...TAKEOVER,
  ...RESTART,
  ...AGAIN_AND_AGAIN,
  ...TASKS,
  ...OUTPUT,
];
