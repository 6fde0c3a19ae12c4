import type { Command } from 'commander';

/** The options of a command by which it speaks to brokers; kafka-options.ts makes sense of them. */
export const withKafkaOptions = (command: Command): Command =>
  command
    .option('--tls', 'speak TLS to the brokers')
    .option('--ca <file>', 'certificates to trust, as PEM')
    .option('--cert <file>', "the client's certificate, as PEM")
    .option('--key <file>', 'the key of the certificate, as PEM')
    .option(
      '--sasl <mechanism>',
      'PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; secrets come from FLINCH_KAFKA_PASSWORD or FLINCH_KAFKA_TOKEN',
    )
    .option('--username <name>', 'for SASL');
