import { writeFileSync } from 'node:fs';
import { KERNEL_FILE, kernelModule } from './kernel-module.js';

writeFileSync(KERNEL_FILE, await kernelModule());
