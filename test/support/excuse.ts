/** Objectives on data: no machine explains a record that is lost, there twice, unexpected or wrong. */
const DATA = ['lost', 'duplicated', 'unexpected', 'reordered', 'wrongState'];

const FAILED = new RegExp(`^\\s*failed\\s+(?:${DATA.join('|')})\\b`, 'm');

/** Whether Flinch's own summary, somewhere in what a test file said, tells that an objective on data failed. */
export const tellsOfData = (said: string): boolean => FAILED.test(said);
