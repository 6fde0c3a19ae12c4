import type { DeploymentRecord } from './events.js';

/** "STABLE, JobManagers READY, job RUNNING" */
export function deploymentText(deployment: DeploymentRecord | null): string {
  if (deployment === null) return 'there is no FlinkDeployment any more';
  const { lifecycle = 'nothing said', jobManagers, job, error } = deployment;
  return [lifecycle, jobManagers && `JobManagers ${jobManagers}`, job && `job ${job}`, error]
    .filter(Boolean)
    .join(', ');
}
