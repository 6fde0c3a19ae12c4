/** How many subjects of one kind a sentence names. */
const NAMED = 5;

/** Why something could not be had, the same reason told once with all that it concerns. */
export class Reasons {
  readonly #byMessage = new Map<string, { kind: string; subjects: Set<string | number> }>();

  add(kind: string, subject: string | number, message: string): void {
    const key = `${kind}\n${message}`;
    const entry = this.#byMessage.get(key) ?? { kind, subjects: new Set() };
    this.#byMessage.set(key, entry);
    entry.subjects.add(subject);
  }

  /** One line; undefined when there is nothing to tell. */
  text(): string | undefined {
    const sentences = [...this.#byMessage].map(([key, { kind, subjects }]) => {
      const named = [...subjects].slice(0, NAMED).join(', ');
      const more = subjects.size > NAMED ? ` and ${subjects.size - NAMED} more` : '';
      return `${kind} ${named}${more}: ${key.slice(kind.length + 1)}`;
    });
    return sentences.length === 0 ? undefined : sentences.join('; ');
  }
}
