/** Tells the inner process that it is one. */
export const INSIDE = 'FLINCH_INSIDE';

/** Whether this process is the one that was re-executed inside the namespaces. */
export const insideNamespace = (): boolean => process.env[INSIDE] !== undefined;

/** Whether the namespaces are this process's own: only then may it mount and make links in them. */
export const ownsNamespace = (): boolean => insideNamespace() && process.pid === 1;
