import { docsOf, type Finding } from '../examine.js';
import type { Rule } from '../rule.js';

/** SARIF 2.1.0, which code hosts and editors show beside the lines. Its levels are our severities. */
export function asSarif(findings: readonly Finding[], rules: readonly Rule[], version: string): string {
  const driver = {
    name: 'flinch doctor',
    version,
    rules: rules.map(({ code, title, why, fix, severity }) => ({
      id: code,
      shortDescription: { text: title },
      fullDescription: { text: why },
      help: { text: `${fix}. See ${docsOf(code)}.` },
      defaultConfiguration: { level: severity },
    })),
  };
  const results = findings.map(({ rule, severity, what, fix, file, line, column }) => ({
    ruleId: rule,
    ruleIndex: rules.findIndex(({ code }) => code === rule),
    level: severity,
    message: { text: `${what}; ${fix}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: uriOf(file) },
          ...(line !== undefined && { region: { startLine: line, startColumn: column ?? 1 } }),
        },
      },
    ],
  }));
  return `${JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver }, results }] }, null, 2)}\n`;
}

/** A relative reference as it is, each part of the path on its own. */
const uriOf = (file: string): string => file.split('/').map(encodeURIComponent).join('/');
