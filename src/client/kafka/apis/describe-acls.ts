import type { Api } from './api.js';

/** Resource types, pattern types and permissions as the protocol numbers them. */
export const TRANSACTIONAL_ID = 5;
const ANY = 1;
const PREFIXED = 4;
const DENY = 2;

export interface AclBinding {
  /** A name or, when `prefixed`, the beginning of one; the name `*` stands for all. */
  name: string;
  prefixed: boolean;
  deny: boolean;
}

/** Every access-control entry for one type of resource. Needs Describe on the cluster. */
export const describeAcls: Api<{ resourceType: number }, { error: number; bindings: AclBinding[] }> = {
  name: 'DescribeAcls',
  key: 29,
  min: 1,
  max: 1,
  encode: (writer, _version, { resourceType }) => {
    writer.int8(resourceType).string(null).int8(ANY); // any name, any pattern
    writer.string(null).string(null).int8(ANY).int8(ANY); // any principal, host, operation, permission
  },
  decode: (reader) => {
    reader.int32(); // throttle time
    const error = reader.int16();
    reader.string(); // error message
    const bindings = reader.array((r) => {
      r.int8(); // resource type
      const [name, prefixed] = [r.string() ?? '', r.int8() === PREFIXED];
      return r.array((acl): AclBinding => {
        acl.string(); // principal
        acl.string(); // host
        acl.int8(); // operation
        return { name, prefixed, deny: acl.int8() === DENY };
      });
    });
    return { error, bindings: bindings.flat() };
  },
};
