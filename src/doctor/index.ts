export { examine, type Finding } from './examine.js';
export { subjectsOf } from './read/subjects.js';
export { type Rule, SEVERITIES, type Severity } from './rule.js';
export { RULES } from './rules.js';
export { flinkVersion } from './settings.js';
export { asJson } from './show/json.js';
export { asSarif } from './show/sarif.js';
export { asText } from './show/text.js';
