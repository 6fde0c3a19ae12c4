import { passesOn } from '../../support/main-scenario.js';

passesOn('2.3', '2.3.0');
