import { readdirSync, readFileSync } from 'node:fs'
import { instant } from '../cells.ts'
import { SinkFault } from '../sink-fault.ts'
import { ROW_BYTES_MAX } from '../tables.ts'
import type { Pool, Session } from './pool.ts'

/** A step of the tables' history. It may be run again, and by two at once. */
export interface Migration {
  version: number
  /** A node that does not know it must not use the tables any more. */
  breaking: boolean
  statements: readonly string[]
}

/** What a packet holds besides a row. */
const PACKET_SPARE_BYTES = 500_000
/** What changes a large table may take so long, in milliseconds. */
const STATEMENT_MS = 600_000
/** Table, column or index that is there already, or gone already. */
const DONE_ALREADY = new Set([1050, 1060, 1061, 1091])

const FOLDER = new URL('./migrations/', import.meta.url)

let known: readonly Migration[] | undefined

/** Every migration that this version knows, oldest first. */
export function knownMigrations(): readonly Migration[] {
  known ??= readdirSync(FOLDER)
    .filter((name) => name.endsWith('.sql'))
    .sort()
    .map((name) => readMigration(name, readFileSync(new URL(name, FOLDER), 'utf8')))
  return known
}

/** A file is `0001-what.sql`; the line `-- breaking` marks one that older nodes cannot live with. */
export function readMigration(name: string, sql: string): Migration {
  const breaking = /^-- breaking$/m.test(sql)
  const statements = sql
    .replace(/^--.*$/gm, '')
    .split(/;\s*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
  return { version: Number.parseInt(name, 10), breaking, statements }
}

/** Who uses the tables, and under which names. */
export interface Owner {
  cluster: string
  tablePrefix: string
  /** Milliseconds, for the record of when a migration was made. */
  now: number
}

/** Brings the tables to the newest version that is known here. Throws a `SinkFault`. */
export async function migrate(pool: Pool, owner: Owner, migrations: readonly Migration[]): Promise<void> {
  await pool.use(async (session) => {
    await checkPacket(session)
    const found = await versionsFound(session, owner)
    check(found, owner, migrations)
    const newest = Math.max(0, ...found.map(({ version }) => version))
    const missing = migrations.filter(({ version }) => version > newest)
    if (missing.length === 0) return tryToWrite(session, owner)
    await session.query(VERSIONS_TABLE.replace('{prefix}', owner.tablePrefix))
    for (const migration of missing) {
      for (const statement of migration.statements) await runOnce(session, statement, owner)
      await record(session, migration, owner)
    }
    // Another cluster may have come first meanwhile.
    check(await versionsFound(session, owner), owner, migrations)
  })
}

const VERSIONS_TABLE = `CREATE TABLE IF NOT EXISTS \`{prefix}schema\` (
  \`version\` BIGINT NOT NULL,
  \`breaking\` BIGINT NOT NULL,
  \`cluster\` VARCHAR(255) NOT NULL,
  \`applied_at\` DATETIME(6) NOT NULL,
  PRIMARY KEY (\`version\`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`

interface Found {
  version: number
  breaking: boolean
  cluster: string
}

async function versionsFound(session: Session, { tablePrefix }: Owner): Promise<Found[]> {
  const tables = await session.execute(
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ?',
    [`${tablePrefix}schema`],
  )
  if (tables.length === 0) return []
  const rows = await session.query(`SELECT version, breaking, cluster FROM \`${tablePrefix}schema\` ORDER BY version`)
  return rows.map(({ version, breaking, cluster }) => ({
    version: Number(version),
    breaking: Number(breaking) !== 0,
    cluster: String(cluster),
  }))
}

function check(found: readonly Found[], { cluster, tablePrefix }: Owner, migrations: readonly Migration[]): void {
  const other = found.find((version) => version.cluster !== cluster)
  if (other) {
    const message = `the tables ${tablePrefix}… there hold the rows of the cluster ${other.cluster}; choose another prefix or database`
    throw new SinkFault('other-cluster', message)
  }
  const newest = Math.max(0, ...migrations.map(({ version }) => version))
  const newer = found.find(({ version, breaking }) => breaking && version > newest)
  if (newer) {
    const message = `a newer version of Cronclave brought the tables there to version ${newer.version}, which this one (${newest}) cannot use; upgrade this node`
    throw new SinkFault('schema-too-new', message)
  }
}

async function checkPacket(session: Session): Promise<void> {
  const [row] = await session.query('SELECT @@max_allowed_packet AS bytes')
  const bytes = Number(row?.['bytes'])
  const wanted = ROW_BYTES_MAX + PACKET_SPARE_BYTES
  if (Number.isNaN(bytes) || bytes >= wanted) return
  throw new SinkFault('packet-too-small', `max_allowed_packet is ${bytes} there; rows need ${wanted} at least`)
}

async function runOnce(session: Session, statement: string, { tablePrefix }: Owner): Promise<void> {
  try {
    await session.query(statement.replaceAll('{prefix}', tablePrefix), STATEMENT_MS)
  } catch (error) {
    if (!DONE_ALREADY.has((error as { errno?: number }).errno ?? 0)) throw error
  }
}

/** What is only read tells nothing of a server that takes no changes. */
async function tryToWrite(session: Session, { tablePrefix }: Owner): Promise<void> {
  await session.query('START TRANSACTION')
  await session.query(`INSERT INTO \`${tablePrefix}gaps\` VALUES (-1, -1, -1, -1, 0, '1970-01-01 00:00:00.000000')`)
  await session.query('ROLLBACK')
}

async function record(session: Session, { version, breaking }: Migration, owner: Owner): Promise<void> {
  await session.execute(
    `INSERT INTO \`${owner.tablePrefix}schema\` (version, breaking, cluster, applied_at) VALUES (?, ?, ?, ?)
     ON DUPLICATE KEY UPDATE breaking = breaking`,
    [String(version), breaking ? '1' : '0', owner.cluster, instant(owner.now)],
  )
}
