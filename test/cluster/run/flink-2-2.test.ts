import { passesOn } from '../../support/main-scenario.js';

passesOn('2.2', '2.2.0');
