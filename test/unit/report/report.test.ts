import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FlinchError } from '../../../src/core/error.js';
import type { JournalEvent } from '../../../src/journal/events.js';
import { judge } from '../../../src/judge/judge.js';
import { consoleSummary } from '../../../src/report/console.js';
import { html, printable } from '../../../src/report/html/markup.js';
import { htmlReport } from '../../../src/report/html.js';
import { junitReport } from '../../../src/report/junit.js';
import { phasesToDraw } from '../../../src/report/phases.js';
import { reportsOf, writeReports } from '../../../src/report/rebuild.js';
import {
  edited,
  journalOf,
  leaderKill,
  plus,
  standbyKill,
  textOf,
  WALL,
  without,
  withRead,
} from '../../support/journal-builder.js';

const GOLDEN = new URL('../../support/golden/', import.meta.url).pathname;
const place = { lane: 0, sequence: 11_001, partition: 0, offset: 12_001, time: WALL + 11_001 };

/** A run with something of everything: duplicates, a loss, exceptions, logs, hostile text. */
function rich(): JournalEvent[] {
  const lanes = [
    {
      lane: 0,
      seen: [[1, 15_000]] as [number, number][],
      repeated: [[11_001, 14_200, 2]] as [number, number, number][],
    },
    {
      lane: 1,
      seen: [
        [1, 11_999],
        [12_010, 15_000],
      ] as [number, number][],
      repeated: [],
    },
  ];
  const damaged = withRead(journalOf(leaderKill({ every: 1000 })), { lanes, examples: [place] });
  const entry = { at: WALL + 14_900, name: 'org.apache.flink.FlinkException', task: 'src (1/2)', message: 'gone <b>&' };
  const shown = plus(damaged, 15_000, {
    type: 'observed.exceptions',
    node: 'jobmanager-2',
    start: 515_000,
    end: 515_010,
    entries: [entry],
  });
  return plus(shown, 39_000, {
    type: 'node.log',
    node: 'jobmanager-2',
    lines: ['<script>alert(1)</script>', 'bell \u0007, lone \ud800'],
  });
}

/** Whether the tags of a document nest; void elements aside. */
function nests(text: string, voids: ReadonlySet<string>): boolean {
  const open: string[] = [];
  for (const [, close, name, self] of text.matchAll(/<(\/?)([a-z][\w-]*)(?:"[^"]*"|[^">])*?(\/?)>/gi)) {
    if (self || voids.has(name as string)) continue;
    if (!close) open.push(name as string);
    else if (open.pop() !== name) return false;
  }
  return open.length === 0;
}

describe('report', () => {
  const findings = judge(rich());
  const page = htmlReport(rich(), findings);
  const junit = junitReport(findings);

  it('is what it was, byte for byte (FLINCH_GOLDEN=write to accept a change)', () => {
    const { files } = reportsOf({ events: rich(), truncated: false });
    for (const [name, text] of Object.entries(files)) {
      if (process.env.FLINCH_GOLDEN === 'write') {
        mkdirSync(GOLDEN, { recursive: true });
        writeFileSync(join(GOLDEN, `${name}.golden`), text);
      }
      assert.ok(text === readFileSync(join(GOLDEN, `${name}.golden`), 'utf8'), `${name} differs from its golden file`);
    }
  });

  describe('on disk', () => {
    let dir: string;
    beforeEach(() => {
      dir = mkdtempSync(join(tmpdir(), 'flinch-report-'));
      writeFileSync(join(dir, 'journal.ndjson'), textOf(rich()));
    });
    afterEach(() => rmSync(dir, { recursive: true, force: true }));
    const read = () => ['result.json', 'junit.xml', 'report.html'].map((name) => readFileSync(join(dir, name), 'utf8'));

    it('is the same each time, in every time zone, and leaves nothing else', () => {
      const zone = process.env.TZ;
      try {
        process.env.TZ = 'Pacific/Auckland';
        writeReports(dir);
        const first = read();
        process.env.TZ = 'America/New_York';
        writeReports(dir);
        assert.deepEqual(read(), first);
      } finally {
        if (zone === undefined) delete process.env.TZ;
        else process.env.TZ = zone;
      }
      assert.deepEqual(readdirSync(dir).sort(), ['journal.ndjson', 'junit.xml', 'report.html', 'result.json']);
    });

    it('is made of a run that crashed in the middle of a line', () => {
      const text = textOf(rich());
      writeFileSync(join(dir, 'journal.ndjson'), text.slice(0, text.length / 2));
      assert.equal(writeReports(dir).exitCode, 2);
      assert.match(read()[2] as string, /Inconclusive.*the journal is cut/s);
    });

    it('fails with a code when it cannot be written or read', () => {
      mkdirSync(join(dir, 'junit.xml'));
      const is = (code: string) => (error: unknown) => error instanceof FlinchError && error.code === code;
      assert.throws(() => writeReports(dir), is('JOURNAL_WRITE'));
      assert.ok(readdirSync(dir).every((name) => !name.endsWith('.tmp')));
      rmSync(join(dir, 'journal.ndjson'));
      assert.throws(() => writeReports(dir), is('RUN_UNREADABLE'));
    });
  });

  it('says the verdict first, and needs nothing from elsewhere', () => {
    assert.match(
      page.slice(page.indexOf('<main>'), page.indexOf('<section')),
      /<h1>Failed<\/h1><p>Missed: lost, duplicated/,
    );
    assert.doesNotMatch(page, /<script|<link|<img|src=|url\(|@import|https?:\/\/(?!10\.)/i);
    assert.ok(nests(page.slice(page.indexOf('<html')), new Set(['meta', 'br'])), 'tags nest');
    const drawings = [
      ...page.matchAll(/<svg[^>]*aria-labelledby="([^"]+)"[^>]*><title id="[^"]+">[^<]+<\/title><desc/g),
    ];
    assert.equal(drawings.length, 3, 'timeline, throughput and lag, each with a title and a description');
    assert.doesNotMatch(page, /NaN|undefined|Infinity|\[object/);
  });

  it('escapes what nodes wrote', () => {
    assert.match(page, /&lt;script&gt;alert\(1\)/);
    assert.equal(
      html`<a b="${'"<&\''}">${[1, html`<i>`]}${undefined}${false}</a>`.text,
      '<a b="&quot;&lt;&amp;&#39;">1<i></a>',
    );
    assert.equal(
      printable('a\u0000\u001b[31m\ufffe\ud800b\r\n\u{1f600}\u0085'),
      'a\ufffd\ufffd[31m\ufffd\ufffdb\n\u{1f600}\ufffd',
    );
  });

  it('draws every phase of few faults, and the main ones of many', () => {
    const source = '';
    const fault = {
      phases: [
        ...(['detected', 'deployed', 'tasksRunning'] as const).map((name) => ({
          name,
          state: 'reached' as const,
          source,
          text: '',
        })),
        { name: 'backoffOver' as const, state: 'not-impacted' as const, source, text: '' },
      ],
    };
    const drawn = (faults: number) => phasesToDraw(fault, faults).map(({ name }) => name);
    assert.deepEqual(drawn(3), ['detected', 'deployed', 'tasksRunning']);
    assert.deepEqual(drawn(4), ['tasksRunning']);
  });

  it('gives JUnit one case per objective', () => {
    assert.ok(nests(junit.slice(junit.indexOf('<testsuites')), new Set()));
    assert.match(junit, /tests="4" failures="2" errors="0"/);
    assert.equal(junit.match(/<testcase /g)?.length, 4);
    assert.match(junit, /<failure type="failed" message="10 acknowledged records/);
    const open = junitReport(judge(without(journalOf(leaderKill()), 'run.ended')));
    assert.match(open, /tests="4" failures="0" errors="4"/);
    const bare = edited(journalOf(leaderKill()), (e) =>
      e.type === 'run.started' ? { ...e, scenario: { ...e.scenario, objectives: [], name: 'a\u0007<b>' } } : e,
    );
    assert.match(
      junitReport(judge(bare)),
      /tests="1" failures="0" errors="1"/,
      'a run without objectives is not green',
    );
    assert.match(junitReport(judge(bare)), /<testsuite name="a\ufffd&lt;b&gt;"/);
  });

  it('gives a result that is JSON and whole', () => {
    const { files } = reportsOf({ events: rich(), truncated: false });
    assert.deepEqual(JSON.parse(files['result.json'] as string), findings);
  });

  it('sums up for a terminal', () => {
    const text = consoleSummary(findings, 'reports/x/report.html');
    assert.match(text, /^FAILED {2}kill-leader-jobmanager\nMissed: lost, duplicated/);
    assert.match(text, /tasksRunning +1[12]\.\d\d s to 1[23]\.\d\d s/);
    assert.match(text, /first duplicated: lane 0, sequence 11001, partition 0, offset 12001/);
    assert.match(text, /Report: reports\/x\/report\.html\n$/);
    assert.match(consoleSummary(judge(journalOf(standbyKill())), 'r'), /measured not impacted/);
    const hostile = { ...findings, headline: 'red \u001b[31m\nline' };
    assert.ok(!consoleSummary(hostile, 'r').includes('\u001b'));
  });

  it('makes a page of any journal, however little there is', () => {
    const events = rich();
    for (let n = 0; n < events.length; n += 41) {
      const some = events.slice(0, n);
      assert.match(htmlReport(some, judge(some)), /<h1>Inconclusive<\/h1>/);
    }
  });
});
