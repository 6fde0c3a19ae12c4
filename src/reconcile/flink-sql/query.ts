import type { FilterSpec } from '../filter-spec.js';
import type { IdentitySpec } from '../identity/spec.js';
import type { Multiplicity } from '../relation.js';
import { Columns } from './columns.js';
import { filterSql } from './filter-sql.js';
import { identitySql } from './identity-sql.js';

/** Tables of one topic at both isolation levels, and how its records are judged. */
export interface SideQuery {
  committed: string;
  uncommitted: string;
  identity: IdentitySpec;
  filter?: FilterSpec | undefined;
}

export interface BalanceQuery {
  source: SideQuery;
  sink: SideQuery;
  each: Multiplicity;
  /** Examples of each problem, and of records that have no identity or cannot be judged; at least 1. */
  examples: number;
}

/**
 * One statement, one job: the balance of two topics. Its rows are read by `readRows`.
 *
 * Every record goes through one hash aggregate by its place, which joins what the two isolation levels show of it, then
 * through one by its id. A record without an id has a key of its own there: `#`, side, what it is, and its place.
 * Both branches behind use every column, so that the planner sees one plan below them and runs it once.
 */
export function balanceSql({ source, sink, each, examples }: BalanceQuery): string {
  const places = PLACES.map((it) => `CAST(\`${it}\` AS STRING)`).join(', ');
  const kind = "IF(`key` LIKE '#%', SUBSTRING(`key` FROM 1 FOR 3), '=')";
  const firsts = `
UNION ALL
SELECT \`problem\`, \`key\`, \`s\`, \`f\`, \`k\`, \`u\`, \`x\`, \`w\`, CAST(1 AS BIGINT), ${places} FROM (
 SELECT *, RANK() OVER (PARTITION BY \`problem\` ORDER BY MOD(${BY}, ${PER_MILLISECOND})) AS \`rank\` FROM ids
 CROSS JOIN UNNEST(ARRAY[${problemSql(each)}, IF(\`u\` > 0 AND \`key\` NOT LIKE '#%', 'uncommittedOnly', '')]) AS \`it\`(\`problem\`) WHERE \`problem\` <> ''
) WHERE \`rank\` <= ${examples}`;
  return `WITH
${sideSql('S', source)},
${sideSql('K', sink)},
records AS (SELECT * FROM judgedS UNION ALL SELECT * FROM judgedK),
ids AS (SELECT \`key\`,
 SUM(IF(\`side\` = 'S' AND \`what\` <> 'd', \`c\`, 0)) AS \`s\`, SUM(IF(\`side\` = 'S' AND \`what\` = 'd', \`c\`, 0)) AS \`f\`,
 SUM(IF(\`side\` = 'K', \`c\`, 0)) AS \`k\`, SUM(IF(\`side\` = 'K', 1 - \`c\`, 0)) AS \`u\`,
 SUM(IF(\`side\` = 'S', 1 - \`c\`, 0)) AS \`x\`, SUM(CAST(IF(\`c\` > 1 OR \`r\` <> 1, 1, 0) AS BIGINT)) AS \`w\`,
 COALESCE(MIN(CASE WHEN \`side\` = 'S' AND \`what\` = 'y' AND \`c\` = 1 THEN \`place\` END), MIN(CASE WHEN \`side\` = 'S' AND (\`c\` = 1 OR \`what\` = 'n') THEN \`place\` END)) AS \`ps\`,
 MIN(CASE WHEN \`side\` = 'K' AND \`c\` = 1 THEN \`place\` END) AS \`pk\`, MAX(CASE WHEN \`side\` = 'K' AND \`c\` = 1 THEN \`place\` END) AS \`pr\`,
 MIN(CASE WHEN \`side\` = 'K' AND \`c\` = 0 THEN \`place\` END) AS \`pu\`
 FROM records GROUP BY \`key\`)
SELECT ${kind}, CAST(NULL AS STRING), \`s\`, \`f\`, \`k\`, \`u\`, SUM(\`x\`), SUM(\`w\`), COUNT(*), ${PLACES.map((it) => `CAST(MIN(\`${it}\`) AS STRING)`).join(', ')}
FROM ids GROUP BY ${kind}, \`s\`, \`f\`, \`k\`, \`u\`${firsts}`;
}

/** By whose place the first of each problem are found. */
const BY =
  "CASE WHEN `problem` = 'uncommittedOnly' THEN `pu` WHEN `problem` = 'lost' OR `key` LIKE '#S%' THEN `ps` ELSE COALESCE(`pk`, `pu`) END";

/** Which problem an id has, beside records that are not committed: as `MultisetCounter` finds it, which has the say. */
const problemSql = ({ least, most }: Multiplicity): string =>
  `CASE WHEN \`key\` LIKE '#_n%' OR \`key\` LIKE '#_!%' THEN SUBSTRING(\`key\` FROM 1 FOR 3)
 WHEN \`key\` LIKE '#%' THEN ''
 WHEN \`s\` * ${least} > \`k\` THEN 'lost'
 WHEN \`s\` = 0 AND \`k\` > 0 THEN IF(\`f\` > 0, 'shouldHaveBeenFiltered', 'unexpected')
 ${Number.isFinite(most) ? `WHEN \`k\` > \`s\` * ${most} THEN 'duplicated' ` : ''}ELSE '' END`;

/** Of the ids at the source, at the sink, the last one there, and of those that are not committed. */
const PLACES = ['ps', 'pk', 'pr', 'pu'] as const;
/**
 * A place is one number that sorts by time, partition and offset: (milliseconds + 1) * 10^25 + partition * 10^19 +
 * offset. Times outside of 1970 to 2286, and partitions from a million on, have none.
 */
const PER_MILLISECOND = "CAST('10000000000000000000000000' AS DECIMAL(26, 0))";
const PER_PARTITION = "CAST('10000000000000000000' AS DECIMAL(20, 0))";
const PLACE = `CASE WHEN \`ms\` BETWEEN -1 AND 9999999999998 AND \`p\` < 1000000 THEN CAST(\`ms\` + 1 AS DECIMAL(13, 0)) * ${PER_MILLISECOND} + CAST(\`p\` AS DECIMAL(6, 0)) * ${PER_PARTITION} + CAST(\`o\` AS DECIMAL(19, 0)) END`;
const MILLIS =
  'EXTRACT(EPOCH FROM CAST(`ts` AS TIMESTAMP(3))) * 1000 + EXTRACT(MILLISECOND FROM CAST(`ts` AS TIMESTAMP(3)))';

/**
 * The records of one topic: `c` is 1 when read_committed shows them, `r` when read_uncommitted does. `what` is `y` with
 * an identity, `d` when the filter drops them, `n` without what it takes to judge them, `!` when SQL cannot judge them.
 */
function sideSql(side: 'S' | 'K', { committed, uncommitted, identity, filter }: SideQuery): string {
  const columns = new Columns();
  const id = identitySql(identity, columns);
  const passes = filter ? filterSql(filter, columns) : "'y'";
  const list = columns.list();
  const names = ['`p`', '`o`', '`ms`', ...list.map(({ name }) => `\`${name}\``)].join(', ');
  const scan = (table: string, c: number) =>
    `SELECT \`p\`, \`o\`, ${MILLIS} AS \`ms\`,\n ${list.map(({ name, expression }) => `${expression} AS \`${name}\``).join(',\n ')},\n CAST(${c} AS BIGINT) AS \`c\`, CAST(${1 - c} AS BIGINT) AS \`r\` FROM \`${table}\``;
  return `seen${side} AS (SELECT ${names}, SUM(\`c\`) AS \`c\`, SUM(\`r\`) AS \`r\` FROM (
${scan(committed, 1)}
UNION ALL
${scan(uncommitted, 0)}
) GROUP BY ${names}),
told${side} AS (SELECT \`p\`, \`o\`, \`c\`, \`r\`, ${PLACE} AS \`place\`,
 ${id} AS \`id\`,
 ${passes} AS \`passes\` FROM seen${side}),
sorted${side} AS (SELECT *, CASE WHEN \`place\` IS NULL THEN '!' WHEN \`passes\` = 'u' THEN 'n' WHEN \`passes\` = 'o' OR \`id\` LIKE '!%' THEN '!' WHEN \`passes\` = 'n' THEN 'd' WHEN \`id\` IS NULL THEN 'n' ELSE 'y' END AS \`what\` FROM told${side}),
judged${side} AS (SELECT '${side}' AS \`side\`, \`what\`, \`c\`, \`r\`, \`place\`,
 CASE WHEN \`what\` IN ('y', 'd') AND \`id\` IS NOT NULL THEN \`id\` ELSE '#${side}' || \`what\` || CAST(\`p\` AS STRING) || ':' || CAST(\`o\` AS STRING) || COALESCE(\`id\`, '') END AS \`key\` FROM sorted${side})`;
}
