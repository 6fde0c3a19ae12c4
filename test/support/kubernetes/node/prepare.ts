import { operatorJars } from '../operator/operator.js';
import { nodeImages } from './images.js';
import { missingForImages } from './prerequisites.js';

/** Makes the images of pods, so that no test's time goes into it. Where something is missing the tests say what. */
const onProgress = (text: string): void => void process.stderr.write(`${text}\n`);
const missing = await missingForImages();
onProgress(missing.length > 0 ? `no node: ${missing.join('; ')}` : 'images for pods, made unless they are there');
if (missing.length === 0) {
  await nodeImages(onProgress);
  await operatorJars(onProgress);
}
