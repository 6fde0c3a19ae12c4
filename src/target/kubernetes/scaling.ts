import type { KubernetesPods } from '../../client/kubernetes/connection.js';
import { openScales } from '../../client/kubernetes/scales.js';
import type { ScaleControl } from '../ports.js';
import { type ControllerDeps, controllerOfRole } from './controllers.js';

export interface ScalingDeps extends ControllerDeps {
  kubernetes: KubernetesPods;
}

/** How many pods a role has. */
export const podScaling = ({ kubernetes, ...deps }: ScalingDeps): ScaleControl => ({
  ...openScales(kubernetes),
  of: (role) => controllerOfRole(deps, role),
});
