import type { V1ResourceRule, V1SubjectRulesReviewStatus } from '@kubernetes/client-node';

/** Something that one may be allowed to do in the namespace. */
export interface Access {
  verb: string;
  /** Of the API; empty for the core one. */
  group: string;
  resource: string;
  subresource?: string;
  /** Of things that are in no namespace. */
  clusterWide?: boolean;
}

/**
 * What an API server says that one may do in a namespace, in one answer. It tells of what is allowed by roles alone: what it does
 * not tell of may be allowed all the same, and nothing of what is in no namespace.
 */
export type Rules = (access: Access) => boolean;

export function rulesIn({ resourceRules }: Pick<V1SubjectRulesReviewStatus, 'resourceRules'>): Rules {
  // One that is for some names is not for all.
  const rules = resourceRules.filter(({ resourceNames }) => (resourceNames ?? []).length === 0);
  return ({ verb, group, resource, subresource, clusterWide }) => {
    const names = subresource === undefined ? [resource, '*'] : [`${resource}/${subresource}`, `*/${subresource}`, '*'];
    const has = ({ apiGroups = [], resources = [], verbs }: V1ResourceRule): boolean =>
      holds(apiGroups, group, '*') && holds(resources, ...names) && holds(verbs, verb, '*');
    return !clusterWide && rules.some(has);
  };
}

const holds = (list: readonly string[], ...any: string[]): boolean => any.some((one) => list.includes(one));
