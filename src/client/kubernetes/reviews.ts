import type { KubernetesPods } from './connection.js';
import type { Access } from './rules.js';

/** Who asks: a user, what all of its groups have, or both. */
export interface Asking {
  user?: string;
  groups: readonly string[];
}

/** What a server says of somebody's permission. */
export interface Review {
  allowed: boolean;
  /** In the server's own words: which binding allows it. */
  reason: string;
}

/** Whether somebody else may do something in the namespace. @throws FlinchError KUBERNETES */
export async function review(kubernetes: KubernetesPods, { user, groups }: Asking, access: Access): Promise<Review> {
  const { namespace } = kubernetes;
  const { verb, group, resource, subresource } = access;
  const resourceAttributes = { namespace, verb, group, resource, ...(subresource !== undefined && { subresource }) };
  const spec = { ...(user !== undefined && { user }), groups: [...groups], resourceAttributes };
  // Of the namespace: a Role can allow it.
  const { status } = await kubernetes.reviews('asking what others may do', (api, options) =>
    api.createNamespacedLocalSubjectAccessReview({ namespace, body: { metadata: { namespace }, spec } }, options),
  );
  return { allowed: status?.allowed === true, reason: status?.reason ?? '' };
}
