/**
 * Everything to the console: a node's output is one file, which the supervisor opens. The two classes of Kafka's consumer
 * tell when a position is out of range and what it is reset to; nothing else does.
 */
export const LOG4J2 = `rootLogger.level=INFO
rootLogger.appenderRef.console.ref=console
appender.console.type=CONSOLE
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{yyyy-MM-dd HH:mm:ss,SSS} %-5p %c{1} %m%n
logger.kafka.name=org.apache.kafka.clients
logger.kafka.level=WARN
logger.fetcher.name=org.apache.kafka.clients.consumer.internals.Fetcher
logger.fetcher.level=INFO
logger.positions.name=org.apache.kafka.clients.consumer.internals.SubscriptionState
logger.positions.level=INFO
`;

/** The same for ZooKeeper and Kafka, which log through log4j 1's format. */
export const LOG4J1 = `log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d{ISO8601} %-5p %c{1} %m%n
`;

/** key=value lines of a Java properties file. */
export const toProperties = (config: Readonly<Record<string, string>>): string =>
  Object.entries(config)
    .map(([key, value]) => `${key}=${value.replaceAll('\\', '\\\\')}\n`)
    .join('');
