import assert from 'node:assert/strict';
import { Progress } from '../../../src/reconcile/window/progress.js';

describe('the progress of a job, by what comes out', () => {
  it('is the furthest record of each partition that came out, whatever is lost on the way', () => {
    const progress = new Progress(100);
    for (let offset = 0; offset < 10; offset++) progress.source(`a${offset}`, 0, offset);
    for (let offset = 0; offset < 5; offset++) progress.source(`b${offset}`, 1, offset);
    assert.equal(progress.lag, 15);
    progress.sink('a3');
    progress.sink('b4');
    assert.equal(progress.lag, 6);
    assert.equal(progress.missing(0, 10), 9);
    assert.equal(progress.missing(0, 3), 3);
    progress.sink('a1');
    assert.equal(progress.lag, 6, 'a late one is no step back');
    assert.equal(progress.missing(0, 3), 2);
  });

  it('has passed an offset when something at or behind it came out, or nothing is left below it', () => {
    const progress = new Progress(100);
    progress.source('a', 0, 0);
    progress.source('b', 0, 7);
    progress.reached(0, 8);
    assert.equal(progress.hasPassed(0, 8), false);
    progress.sink('b');
    assert.equal(progress.hasPassed(0, 8), true, 'the last one came out; the one before it is lost');
    assert.equal(progress.hasPassed(0, 9), false, 'what is there was not looked at yet');
    progress.reached(0, 12);
    assert.equal(progress.hasPassed(0, 9), true, 'only markers are there');
    progress.source('c', 0, 12);
    progress.reached(0, 13);
    assert.equal(progress.hasPassed(0, 12), true);
    assert.equal(progress.hasPassed(0, 13), false);
    assert.equal(progress.hasPassed(1, 0), false, 'a partition that nobody looked at');
  });

  it('has not passed what is still there of a partition where nothing ever came out', () => {
    const progress = new Progress(100);
    progress.source('a', 0, 5);
    progress.reached(0, 6);
    assert.equal(progress.hasPassed(0, 6), false);
    assert.equal(progress.cameFromBehind(0, 5), false);
    progress.sink('a');
    assert.equal(progress.cameFromBehind(0, 5), true);
    assert.equal(progress.cameFromBehind(0, 6), false);
  });

  it('knows a record that was seen at the sink first, for a while', () => {
    const progress = new Progress(100);
    progress.sink('a');
    progress.source('a', 0, 0);
    assert.equal(progress.lag, 0);
    progress.sink('b');
    for (let look = 0; look < 30; look++) progress.looked();
    progress.source('b', 0, 1);
    assert.equal(progress.lag, 1, 'by now it may be another one with the same id');
  });

  it('takes records with one id in the order in which they went in', () => {
    const progress = new Progress(100);
    for (let offset = 0; offset < 4; offset++) progress.source('same', offset % 2, offset);
    progress.sink('same');
    progress.sink('same');
    assert.equal(progress.cameFromBehind(0, 0) && progress.cameFromBehind(1, 1), true);
    assert.equal(progress.cameFromBehind(0, 1) || progress.cameFromBehind(1, 2), false);
    assert.equal(progress.lag, 2);
    progress.sink('same');
    progress.sink('same');
    progress.sink('same');
    assert.equal(progress.lag, 0);
  });

  it('forgets the oldest of too many, and then knows only of the newer ones', () => {
    const progress = new Progress(3);
    for (let offset = 0; offset < 6; offset++) progress.source(`a${offset}`, 0, offset);
    progress.reached(0, 6);
    progress.sink('a1');
    assert.equal(progress.lag, 6);
    assert.equal(progress.hasPassed(0, 2), false, 'what was forgotten may not have come out');
    progress.sink('a4');
    assert.equal(progress.lag, 1);
    assert.equal(progress.hasPassed(0, 5), true);
  });
});
