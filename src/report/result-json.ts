import type { Findings } from '../judge/findings.js';

/** `result.json`: the findings as they are. Its format has a version; see judge/findings.ts. */
export const resultJson = (findings: Findings): string => `${JSON.stringify(findings, null, 2)}\n`;
