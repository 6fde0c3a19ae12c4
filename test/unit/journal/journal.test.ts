import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlinchError } from '../../../src/core/error.js';
import type { EventBody } from '../../../src/journal/events.js';
import { parseJournal, readJournal } from '../../../src/journal/reader.js';
import { JournalWriter } from '../../../src/journal/writer.js';
import { journalOf, leaderKill, textOf } from '../../support/journal-builder.js';

const clock = { mono: () => 12.34567, wall: () => 99, sleep: async () => {} };
const trouble: EventBody = { type: 'trouble', code: 'DEADLINE', message: 'late' };
const code = (expected: string, says: RegExp) => (error: unknown) =>
  error instanceof FlinchError && error.code === expected && says.test(error.message);

describe('journal', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'flinch-journal-'));
  });
  afterEach(() => rmSync(dir, { recursive: true, force: true }));

  it('has each event in the file when write returns, stamped and numbered', () => {
    const writer = JournalWriter.open(join(dir, 'j'), clock);
    writer.write(trouble);
    writer.write(trouble, { durable: true });
    const lines = readFileSync(join(dir, 'j'), 'utf8').trimEnd().split('\n');
    assert.deepEqual(JSON.parse(lines[1] as string), { seq: 1, mono: 12.346, wall: 99, ...trouble });
    writer.close();
    writer.close();
    assert.throws(() => writer.write(trouble), code('JOURNAL_WRITE', /closed/));
  });

  it('tells listeners, and a broken one breaks nothing', () => {
    const writer = JournalWriter.open(join(dir, 'j'), clock);
    const heard: number[] = [];
    writer.listen(() => {
      throw new Error('broken view');
    });
    const stop = writer.listen((event) => heard.push(event.seq));
    writer.write(trouble);
    stop();
    writer.write(trouble);
    assert.deepEqual(heard, [0]);
    writer.close();
  });

  it('never writes to a journal that is there, nor where it cannot', () => {
    writeFileSync(join(dir, 'j'), 'old');
    assert.throws(() => JournalWriter.open(join(dir, 'j'), clock), code('JOURNAL_WRITE', /cannot be created/));
    assert.throws(() => JournalWriter.open(join(dir, 'no', 'j'), clock), code('JOURNAL_WRITE', /no/));
    assert.equal(readFileSync(join(dir, 'j'), 'utf8'), 'old');
  });

  it('fails with a code on a full disk, and can still be closed', function () {
    if (!existsSync('/dev/full')) return this.skip();
    const writer = JournalWriter.onto('/dev/full', clock);
    assert.throws(() => writer.write(trouble), code('JOURNAL_WRITE', /ENOSPC/));
    assert.throws(() => writer.write(trouble), code('JOURNAL_WRITE', /ENOSPC/));
    assert.equal(writer.failure?.code, 'JOURNAL_WRITE');
    writer.close();
  });

  describe('read back', () => {
    const text = textOf(journalOf(leaderKill()).slice(0, 5));

    it('is what was written', () => {
      writeFileSync(join(dir, 'j'), text);
      assert.deepEqual(readJournal(join(dir, 'j')), { events: journalOf(leaderKill()).slice(0, 5), truncated: false });
    });

    it('drops a last line that was cut, wherever it was', () => {
      const whole = text.split('\n').slice(0, 4).join('\n').length + 1;
      for (const cut of [whole + 1, whole + 40, text.length - 1]) {
        const journal = parseJournal(text.slice(0, cut), 'j');
        assert.equal(journal.truncated, true, `cut at ${cut}`);
        assert.equal(journal.events.length, 4);
      }
    });

    it('keeps events of unknown types', () => {
      const journal = parseJournal(`${text}{"seq":5,"mono":1,"wall":1,"type":"from.the.future"}\n`, 'j');
      assert.equal(journal.events.length, 6);
    });

    for (const [name, bad, says] of [
      ['garbage', `${text}garbage\n${text}`, /line 6 is not JSON/],
      ['an event without a stamp', `${text}{"type":"run.ended"}\n`, /line 6 is not a journal event/],
      ['a lost line', text.split('\n').toSpliced(2, 1).join('\n'), /line 3 has sequence 3/],
      ['a newer format', text.replace('"journal":1', '"journal":2'), /format 2, this Flinch reads up to 1/],
      ['another beginning', text.split('\n').slice(1).join('\n').replace('"seq":1', '"seq":0'), /line 1|line 2/],
      ['nothing', '', /no whole line/],
    ] as const) {
      it(`refuses ${name}`, () => {
        assert.throws(() => parseJournal(bad, 'the-file'), code('RUN_UNREADABLE', says));
      });
    }

    it('says which file cannot be read', () => {
      assert.throws(() => readJournal(join(dir, 'none')), code('RUN_UNREADABLE', /ENOENT.*none/));
      assert.throws(() => readJournal(dir), code('RUN_UNREADABLE', /EISDIR/));
    });
  });
});
