import { passesOn } from '../../support/main-scenario.js';

passesOn('1.20', '1.20.3');
