import { SinkFault } from '../sink-fault.ts'
import type { Pool } from './pool.ts'

/**
 * Makes sure that the tables hold the rows of this cluster, before anything in them is taken for its own: in those of
 * another one the same number is somebody else's namespace.
 */
export async function checkOwner(pool: Pool, tablePrefix: string, cluster: string): Promise<void> {
  const rows = await pool.use((session) => session.query(`SELECT DISTINCT cluster FROM \`${tablePrefix}schema\``))
  const owners = rows.map((row) => String(row['cluster']))
  if (owners.length > 0 && owners.every((owner) => owner === cluster)) return
  const whose = owners.find((owner) => owner !== cluster)
  throw new SinkFault(
    'other-cluster',
    whose === undefined
      ? `the tables ${tablePrefix}… there are not finished`
      : `the tables ${tablePrefix}… there hold the rows of the cluster ${whose}`,
  )
}
