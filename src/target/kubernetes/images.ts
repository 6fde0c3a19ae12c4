import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import { openLeftoverTemplates } from '../../client/kubernetes/leftover-templates.js';
import { openPodTemplates } from '../../client/kubernetes/pod-templates.js';
import type { ImageControl } from '../ports.js';
import { type ControllerDeps, controllerOfRole } from './controllers.js';
import { MAIN } from './find.js';

export interface ImageDeps extends ControllerDeps {
  kubernetes: KubernetesPods;
}

/** What the pods of a role run. */
export const podImages = ({ kubernetes, ...deps }: ImageDeps): ImageControl => ({
  ...openPodTemplates(kubernetes, MAIN),
  ...openLeftoverTemplates(kubernetes),
  of: (role) => controllerOfRole(deps, role),
  async madeWith(image) {
    const pods = (await deps.view.fresh()).filter((pod) => pod.image === image);
    return pods.map(({ name, uid, grace, waits }) => ({ name, uid, grace, ...(waits !== undefined && { waits }) }));
  },
});
