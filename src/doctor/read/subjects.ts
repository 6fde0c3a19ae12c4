import { basename } from 'node:path';
import { type FlinkVersion, Settings } from '../settings.js';
import type { Subject } from '../subject.js';
import { deploymentSubject } from './deployment.js';
import { flatSettings } from './flat-settings.js';
import { nodeAt, settingsOf, textOf, unreadable, yamlMaps } from './yaml-settings.js';

/**
 * What a file configures: Flink's own configuration, by its name in the old form or else nested or flat YAML, or every
 * FlinkDeployment among its documents.
 * @param flink the version that the configuration is for; that of a FlinkDeployment is its own
 * @throws FlinchError CONFIG_UNREADABLE
 */
export function subjectsOf(file: string, text: string, flink?: FlinkVersion): Subject[] {
  if (basename(file) === 'flink-conf.yaml') return [configuration(file, new Settings(flatSettings(text), flink))];
  const found = yamlMaps(text, file).flatMap((yaml): Subject[] => {
    const kind = textOf(nodeAt(yaml.map, ['kind']));
    if (kind === 'FlinkDeployment') return [deploymentSubject(yaml, file)];
    return kind === '' ? [configuration(file, new Settings(settingsOf(yaml), flink))] : [];
  });
  if (found.length === 0) throw unreadable(file, 'there is no configuration of Flink in it');
  return found;
}

const configuration = (name: string, settings: Settings): Subject => ({
  kind: 'configuration',
  name,
  settings,
  facts: {},
});
