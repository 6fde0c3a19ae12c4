import { createFlinkRest } from '../src/client/flink/rest.js';

/** Whether all tasks of a job run, as the JobManager at a URL has it; undefined while they do not. @throws FlinchError FLINK_REST */
export async function jobRuns(url: string, job: string): Promise<true | undefined> {
  const rest = createFlinkRest(url);
  try {
    const found = (await rest.jobsOverview()).find(({ id }) => id === job);
    return (found !== undefined && found.running > 0 && found.running === found.total) || undefined;
  } finally {
    rest.close();
  }
}
