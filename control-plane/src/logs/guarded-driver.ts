import { guardedLookup } from '../dispatch/connector.ts'
import { type EgressPolicy, EgressRefused } from '../dispatch/egress.ts'
import { type MysqlDriverDeps, mysqlDriver } from './mysql/mysql.ts'
import type { SinkDriver } from './sink-desk.ts'
import type { SinkConnection } from './sink.ts'

/** Connects to databases that the egress policy lets this node connect to, as it judges every other address. */
export function guardedDriver({
  egress,
  ...deps
}: Pick<MysqlDriverDeps, 'clock' | 'cluster'> & { egress: Pick<EgressPolicy, 'judge' | 'checkUrl'> }): SinkDriver {
  const refuse = (address: string, port: number) => {
    const verdict = egress.judge(address, port)
    return verdict.allowed ? undefined : new EgressRefused(verdict.why)
  }
  const driverFor = ({ port }: SinkConnection) => mysqlDriver({ ...deps, lookup: guardedLookup(egress, port), refuse })
  return {
    target: (connection, password) => driverFor(connection).target(connection, password),
    reader: (connection, password) => driverFor(connection).reader(connection, password),
  }
}
