/** The Kubernetes target's front: everything that other rooms may use of it. */

export {
  forbiddenAt,
  type KubernetesCluster,
  lackingOnPods,
  openKubernetesCluster,
} from './cluster.js';
export { type Known, REACHES, type Reach } from './find.js';
export { type Keeper, sendKeeper } from './keeper.js';
export { type ClusterLock, notedBy, runHasDied, takeClusterLock } from './lock.js';
export { NEEDS, type Need, PERMISSIONS, type Permission } from './needs.js';
export { CLUSTER_WIDE, granted, manifest, type NamedBinding, OF_OPERATOR, told } from './permissions.js';
export { type KubernetesPlace, placeName, placeNamespace } from './place.js';
export { REPORT_FOLDER, runnerManifest, SCENARIO_FOLDER } from './runner.js';
