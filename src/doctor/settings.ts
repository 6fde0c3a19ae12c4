import { FLINK_ALIASES, FLINK_RECOVERY_DEFAULTS, RENAMED_IN_1_20 } from '../client/flink/recovery-settings.js';
import { flinkDuration } from '../core/flink-values.js';

/** A value as it is written, and where; lines and columns from 1. */
export interface Setting {
  key: string;
  value: string;
  line?: number;
  column?: number;
}

/** A version of Flink as far as it is known, e.g. 1.20 or 1.20.3. */
export interface FlinkVersion {
  text: string;
  /** Its numbers; the patch is undefined where only the minor version is known. */
  major: number;
  minor: number;
  patch: number | undefined;
}

/** Undefined for what does not begin with two numbers. "v1_20", as the operator writes it, is 1.20. */
export function flinkVersion(text: string): FlinkVersion | undefined {
  const match = /^v?(\d+)[._](\d+)(?:[._](\d+))?/.exec(text);
  if (!match) return undefined;
  const [, major, minor, patch] = match;
  const numbers = [major, minor, ...(patch === undefined ? [] : [patch])];
  return {
    text: numbers.join('.'),
    major: Number(major),
    minor: Number(minor),
    patch: patch === undefined ? undefined : Number(patch),
  };
}

/** Flink's settings as somebody wrote them, with what Flink takes where nothing is written. */
export class Settings {
  readonly flink: FlinkVersion | undefined;
  /** In the order in which they are written. */
  readonly all: readonly Setting[];
  readonly #byKey: ReadonlyMap<string, Setting>;

  constructor(all: readonly Setting[], flink?: FlinkVersion) {
    this.all = all;
    this.flink = flink;
    // Of a key that is written twice the last one counts; without a value it is as if it were not there.
    const byKey = new Map(all.map((setting) => [setting.key, setting]));
    this.#byKey = new Map([...byKey].filter(([, { value }]) => value !== ''));
  }

  /** What is written for a key, or for an older name of it. */
  asked(key: string): Setting | undefined {
    const older = Object.entries(FLINK_ALIASES).filter(([, now]) => now === key);
    return this.#byKey.get(key) ?? older.map(([name]) => this.#byKey.get(name)).find((it) => it !== undefined);
  }

  /** What Flink takes: what is written, or its default. Undefined where it has none that is known here. */
  value(key: string): string | undefined {
    return this.asked(key)?.value ?? FLINK_RECOVERY_DEFAULTS[key];
  }

  /** A text with each key as it is written here, or as a Flink that is older than its new name calls it. */
  inOwnWords(text: string): string {
    const { major = 2, minor = 0 } = this.flink ?? {};
    const old = major === 1 && minor < 20;
    return Object.entries(FLINK_ALIASES).reduce((told, [older, now]) => {
      const own = this.#byKey.has(older) || (old && RENAMED_IN_1_20.has(older) && !this.#byKey.has(now));
      return own
        ? told.replaceAll(new RegExp(`(?<![\\w.-])${now.replaceAll('.', '\\.')}(?![\\w.-]*\\w)`, 'g'), older)
        : told;
    }, text);
  }

  /** In milliseconds. Undefined where that is no duration, or not set. */
  duration(key: string): number | undefined {
    return flinkDuration(this.value(key) ?? '');
  }

  number(key: string): number | undefined {
    const text = this.value(key)?.trim() ?? '';
    return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
  }
}
