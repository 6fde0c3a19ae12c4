import { passesOn } from '../../support/main-scenario.js';

// Nobody else runs this line: its class-data archives would cost more than they save.
passesOn('2.3', '2.3.0', { FLINCH_CLASS_DATA: 'read' });
