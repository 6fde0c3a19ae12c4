/** "process 2716", or the pod where nodes are pods */
export const ranAs = ({ pid, pod }: { pid?: number | undefined; pod?: string | undefined }): string =>
  pod === undefined ? `process ${pid}` : `pod ${pod}`;
