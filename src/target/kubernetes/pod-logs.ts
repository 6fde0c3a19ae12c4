import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import type { Pod } from '../../client/kubernetes/pod.js';
import type { PodView } from './pods.js';
import type { Seats } from './seats.js';

export interface PodLogsOptions {
  kubernetes: KubernetesPods;
  view: PodView;
  seats: Seats;
  nodes: readonly string[];
  /** Of the files. */
  folder: string;
  /** Wall milliseconds: what was said before is of no interest. */
  since: number;
}

/** The logs of pods as files, a node each, while they are written: what a pod said is gone with it. */
export interface PodLogs {
  file(node: string): string;
  close(): void;
}

export function followPods({ kubernetes, view, seats, nodes, folder, since }: PodLogsOptions): PodLogs {
  const file = (node: string): string => join(folder, `${node}.log`);
  const followed = new Map<string, () => void>();
  mkdirSync(folder, { recursive: true });
  for (const node of nodes) writeFileSync(file(node), '');

  const follow = (node: string, pod: Pod): void => {
    const { container } = pod;
    if (!container?.running || followed.has(container.id)) return;
    const place = { pod: pod.name, container: container.name, since };
    const write = (chunk: Buffer) => appendFileSync(file(node), chunk);
    followed.set(
      container.id,
      kubernetes.followLog(place, write, () => {}),
    );
  };
  const look = (): void => {
    for (const node of nodes) {
      const pod = seats.podOf(node);
      if (pod) follow(node, pod);
    }
  };
  look();
  const end = view.onChange(look);
  return {
    file,
    close() {
      end();
      for (const stop of followed.values()) stop();
    },
  };
}
