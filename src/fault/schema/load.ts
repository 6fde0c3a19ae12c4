import { z } from 'zod';
import { SHARE } from '../../core/units.js';
import { quantity } from '../../scenario/values.js';
import { howLong } from './how-long.js';

export const surgeOptions = z
  .strictObject({
    times: z
      .int({ error: 'is not a whole number; write e.g. 5' })
      .min(2)
      .max(100)
      .meta({ description: 'How many times the usual rate is written.', examples: [5] }),
    duration: howLong('How long.', '10s'),
  })
  .meta({
    description:
      'The workload writes many times its rate for a while, to every lane as ever. Healed by writing at the usual rate.',
  });
export type SurgeOptions = z.output<typeof surgeOptions>;

export const skewOptions = z
  .strictObject({
    share: quantity(SHARE, { from: '1%', to: '99%' }, '90%').meta({
      description:
        'How many of all records one partition gets, which is chosen by the seed; the others share the rest.',
      examples: ['90%'],
    }),
    duration: howLong('How long.', '10s'),
  })
  .meta({
    description:
      'One partition of the input gets most of the records for a while, at the same rate as ever. Healed by giving all the same.',
  });
export type SkewOptions = z.output<typeof skewOptions>;

export const poisonOptions = z.strictObject({ duration: howLong('How long the job fails of it.', '10s') }).meta({
  description:
    'A record that the job cannot read is written into its input, so that the job fails of it again and again. Healed by starting the job again from its latest checkpoint, passing over what it cannot read.',
});
export type PoisonOptions = z.output<typeof poisonOptions>;

export const deleteRecordsOptions = z
  .strictObject({
    of: z
      .enum(['input'])
      .meta({ description: 'Whose records: those of the topic that the job reads.', examples: ['input'] }),
  })
  .meta({
    description:
      'Everything that the input of the job holds at that moment is deleted. What the job has not read by then is lost, and stays so.',
  });
export type DeleteRecordsOptions = z.output<typeof deleteRecordsOptions>;
