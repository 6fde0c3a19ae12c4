/** The Kubernetes target's front: everything that other rooms may use of it. */

export {
  type KubernetesCluster,
  type KubernetesPlace,
  lackingOnPods,
  openKubernetesCluster,
} from './cluster.js';
export { REACHES, type Reach } from './find.js';
